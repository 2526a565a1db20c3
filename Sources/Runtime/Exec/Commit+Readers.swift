import PipelineDSL

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Holds `.pipec/readers`: shared while somebody reads results, alone while a commit puts new ones
/// in place. So a query that has begun ends on the results it began with. The system releases it
/// with the process.
package final class ReaderLock {
    /// How long a commit waits for readers, and a reader for a commit, in milliseconds. A reader
    /// that nobody ends (`pipec query … | less`) must not hold a run back for ever.
    private static let patience = 10_000

    private let descriptor: Int32

    /// For who reads.
    package static func shared(_ project: ProjectDirectory) throws -> ReaderLock {
        try ReaderLock(project, LOCK_SH)
    }

    /// For who changes what is read.
    static func exclusive(_ project: ProjectDirectory) throws -> ReaderLock {
        try ReaderLock(project, LOCK_EX)
    }

    private init(_ project: ProjectDirectory, _ kind: Int32) throws {
        try Files.makeDirectory(project.pipec)
        let path = project.pipec + "/readers"
        #if canImport(Glibc)
            descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        #else
            descriptor = Darwin.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        #endif
        guard descriptor >= 0 else { throw Files.failure("\(path) cannot be opened") }
        var waited = 0
        while flock(descriptor, kind | LOCK_NB) != 0, waited < ReaderLock.patience {
            sleepMilliseconds(10)
            waited += 10
        }
    }

    deinit { close(descriptor) }
}

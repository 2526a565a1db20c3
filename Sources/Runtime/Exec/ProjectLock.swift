import PipelineDSL

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Holds `.pipec/lock` while a run writes: the system releases it with the process, however that
/// ends.
package final class ProjectLock {
    private let descriptor: Int32

    /// Throws where another process holds it.
    package convenience init(_ project: ProjectDirectory) throws {
        let (path, descriptor) = try ProjectLock.open(project)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let holder = Files.read(path).map { String(decoding: $0, as: UTF8.self) } ?? ""
            close(descriptor)
            throw RunError(
                .projectLocked,
                "another run is at work in \(project.root)"
                    + (holder.isEmpty ? "" : " (process \(holder))"),
                notes: ["two runs on one state directory would overwrite each other's results"])
        }
        self.init(holding: descriptor)
    }

    /// `nil` where another process holds it.
    package static func ifFree(_ project: ProjectDirectory) throws -> ProjectLock? {
        let (_, descriptor) = try open(project)
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return ProjectLock(holding: descriptor) }
        close(descriptor)
        return nil
    }

    private static func open(_ project: ProjectDirectory) throws -> (String, Int32) {
        try Files.makeDirectory(project.pipec)
        let path = project.pipec + "/lock"
        #if canImport(Glibc)
            let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        #else
            let descriptor = Darwin.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        #endif
        guard descriptor >= 0 else { throw Files.failure("\(path) cannot be opened") }
        return (path, descriptor)
    }

    private init(holding descriptor: Int32) {
        self.descriptor = descriptor
        let text = Array(String(getpid()).utf8)
        ftruncate(descriptor, 0)
        _ = text.withUnsafeBytes { pwrite(descriptor, $0.baseAddress!, $0.count, 0) }
    }

    deinit {
        ftruncate(descriptor, 0)
        close(descriptor)
    }
}

/// For the rare moments in which a reader waits for another process.
func sleepMilliseconds(_ milliseconds: UInt32) { usleep(milliseconds * 1000) }

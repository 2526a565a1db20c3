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

    package init(_ project: ProjectDirectory) throws {
        try Files.makeDirectory(project.pipec)
        let path = project.pipec + "/lock"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Files.failure("\(path) cannot be opened") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let holder = Files.read(path).map { String(decoding: $0, as: UTF8.self) } ?? ""
            close(descriptor)
            throw RunError(
                .projectLocked,
                "another run is at work in \(project.root)"
                    + (holder.isEmpty ? "" : " (process \(holder))"),
                notes: ["two runs on one state directory would overwrite each other's results"])
        }
        let text = Array(String(getpid()).utf8)
        ftruncate(descriptor, 0)
        _ = text.withUnsafeBytes { pwrite(descriptor, $0.baseAddress!, $0.count, 0) }
    }

    deinit {
        ftruncate(descriptor, 0)
        close(descriptor)
    }
}

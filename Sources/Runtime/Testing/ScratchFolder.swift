import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Where tests keep their files: in memory where the system has such a place, as nothing of it need
/// last.
///
/// It is removed at the end. Who makes one removes those of processes that were killed before theirs:
/// each process holds a lock in its folder, which the system releases however that ends.
package final class ScratchFolder: Sendable {
    package let path: String
    private let root: String
    private let lock = Mutex<Int32>(-1)

    private static let prefix = "pipec-test-"
    private static let lockName = "lock"

    /// - Parameter root: an existing folder.
    package init(in root: String? = nil) {
        let shared = "/dev/shm"
        self.root =
            root
            ?? (FileManager.default.isWritableFile(atPath: shared)
                ? shared : FileManager.default.temporaryDirectory.path)
        path =
            "\(self.root)/\(Self.prefix)\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    }

    deinit { remove() }

    /// Makes it, and removes those that nobody uses any more. Where it cannot be made, who writes into
    /// it says why.
    package func make() {
        removeStale()
        guard mkdir(path, 0o755) == 0 else { return }
        let descriptor = Self.openLock(path, O_CREAT)
        if descriptor >= 0 { flock(descriptor, LOCK_EX | LOCK_NB) }
        lock.withLock { $0 = descriptor }
    }

    package func remove() {
        Files.removeTree(path)
        lock.withLock { descriptor in
            if descriptor >= 0 { close(descriptor) }
            descriptor = -1
        }
    }

    private func removeStale() {
        for name in Files.list(root) where name.hasPrefix(Self.prefix) {
            let folder = root + "/" + name
            guard folder != path, Self.isStale(folder, name) else { continue }
            Files.removeTree(folder)
        }
    }

    private static func isStale(_ folder: String, _ name: String) -> Bool {
        let descriptor = openLock(folder, 0)
        if descriptor >= 0 {
            defer { close(descriptor) }
            return flock(descriptor, LOCK_EX | LOCK_NB) == 0
        }
        // Without a lock: just being made, or from before there were any.
        guard errno == ENOENT, let made = Files.modificationTime(folder),
            RunClock.now() - made > 60_000_000
        else { return false }
        let process = name.dropFirst(prefix.count).prefix { $0 != "-" }
        return pid_t(process).map { kill($0, 0) != 0 && errno == ESRCH } ?? false
    }

    private static func openLock(_ folder: String, _ flags: Int32) -> Int32 {
        open("\(folder)/\(lockName)", O_RDWR | O_CLOEXEC | flags, 0o644)
    }
}

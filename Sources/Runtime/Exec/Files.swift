import PipelineDSL

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The few file operations a commit needs, each with its error as a ``RunError`` that names the
/// path. Nothing here leaves a half-written file behind.
package enum Files {
    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    package static func isDirectory(_ path: String) -> Bool {
        var info = stat()
        return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
    }

    package static func size(_ path: String) -> Int64? {
        var info = stat()
        return stat(path, &info) == 0 ? Int64(info.st_size) : nil
    }

    /// Microseconds since 1970; `nil` where it is not there.
    static func modificationTime(_ path: String) -> Int64? {
        var info = stat()
        guard stat(path, &info) == 0 else { return nil }
        #if canImport(Glibc)
            let time = info.st_mtim
        #else
            let time = info.st_mtimespec
        #endif
        return Int64(time.tv_sec) &* 1_000_000 &+ Int64(time.tv_nsec) / 1000
    }

    package static func makeDirectory(_ path: String) throws {
        if mkdir(path, 0o755) == 0 || (errno == EEXIST && isDirectory(path)) { return }
        if errno == ENOENT, let parent = self.parent(path) {
            try makeDirectory(parent)
            if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
        }
        throw failure("the folder \(path) cannot be made")
    }

    package static func parent(_ path: String) -> String? {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return nil }
        return String(path[..<slash])
    }

    package static func lastComponent(_ path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    /// Names in a folder, sorted; empty where it is not there.
    package static func list(_ path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Paths of all files under a folder, relative to it, sorted; links are not followed.
    package static func walk(_ root: String) -> [String] {
        var found: [String] = []
        var pending = [""]
        while let prefix = pending.popLast() {
            for name in list(root + (prefix.isEmpty ? "" : "/" + prefix)) {
                let relative = prefix.isEmpty ? name : prefix + "/" + name
                var info = stat()
                guard lstat(root + "/" + relative, &info) == 0 else { continue }
                if info.st_mode & S_IFMT == S_IFDIR {
                    pending.append(relative)
                } else {
                    found.append(relative)
                }
            }
        }
        return found.sorted()
    }

    package static func removeTree(_ path: String) {
        var info = stat()
        guard lstat(path, &info) == 0 else { return }
        guard info.st_mode & S_IFMT == S_IFDIR else {
            unlink(path)
            return
        }
        for name in list(path) { removeTree(path + "/" + name) }
        rmdir(path)
    }

    package static func rename(_ from: String, to: String) throws {
        #if canImport(Glibc)
            let result = Glibc.rename(from, to)
        #else
            let result = Darwin.rename(from, to)
        #endif
        guard result == 0 else { throw failure("\(from) cannot be renamed to \(to)") }
    }

    /// Swaps two folders in one step, so that a reader of `b` sees the old or the new one, whole.
    package static func exchange(_ a: String, _ b: String) throws {
        #if canImport(Glibc)
            // glibc has renameat2 since 2.28 but hides it from headers read without _GNU_SOURCE.
            typealias Renameat2 =
                @convention(c) (
                    Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32
                ) -> Int32
            let exchangeFlag: UInt32 = 2  // RENAME_EXCHANGE, linux/fs.h
            if let symbol = dlsym(nil, "renameat2") {
                let renameat2 = unsafeBitCast(symbol, to: Renameat2.self)
                if renameat2(AT_FDCWD, a, AT_FDCWD, b, exchangeFlag) == 0 { return }
            } else {
                errno = ENOSYS
            }
        #else
            if renamex_np(a, b, UInt32(RENAME_SWAP)) == 0 { return }
        #endif
        guard errno == EINVAL || errno == ENOSYS else {
            throw failure("\(a) and \(b) cannot be swapped")
        }
        // A file system without the exchange: two renames, made whole by the commit record if the
        // process dies between them.
        let aside = b + ".replaced"
        removeTree(aside)
        try rename(b, to: aside)
        try rename(a, to: b)
        try rename(aside, to: a)
    }

    /// Makes the entries of a folder durable.
    package static func syncDirectory(_ path: String) {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    /// Writes a small file whole: to a temporary name, synchronised, renamed.
    package static func write(_ bytes: [UInt8], to path: String) throws {
        if let parent = parent(path) { try makeDirectory(parent) }
        let temporary = path + ".tmp"
        do {
            let file = try FileWriter(temporary)
            try bytes.withUnsafeBytes { try file.write($0) }
            try file.close(sync: true)
            try rename(temporary, to: path)
        } catch {
            unlink(temporary)
            throw error
        }
        if let parent = parent(path) { syncDirectory(parent) }
    }

    /// The whole of a small file; `nil` where it cannot be read or exceeds `limit` bytes.
    package static func read(_ path: String, limit: Int = 64 << 20) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var info = stat()
        guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT != S_IFDIR else { return nil }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            #if canImport(Glibc)
                let got = chunk.withUnsafeMutableBytes {
                    Glibc.read(descriptor, $0.baseAddress!, $0.count)
                }
            #else
                let got = chunk.withUnsafeMutableBytes {
                    Darwin.read(descriptor, $0.baseAddress!, $0.count)
                }
            #endif
            if got < 0 && errno == EINTR { continue }
            if got < 0 { return nil }
            if got == 0 { return bytes }
            bytes.append(contentsOf: chunk[0..<got])
            if bytes.count > limit { return nil }
        }
    }

    package static func failure(_ what: String) -> RunError {
        let number = errno
        return DiskFull.error(what, number)
            ?? RunError(.outputFailed, "\(what): \(errnoText(number))")
    }
}

/// A file that is written from start to end.
package final class FileWriter: @unchecked Sendable {
    package let path: String
    private var descriptor: Int32
    package private(set) var byteCount = 0

    package init(_ path: String) throws {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Files.failure("\(path) cannot be written") }
    }

    deinit {
        #if canImport(Glibc)
            if descriptor >= 0 { _ = Glibc.close(descriptor) }
        #else
            if descriptor >= 0 { _ = Darwin.close(descriptor) }
        #endif
    }

    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        var done = 0
        while done < bytes.count {
            #if canImport(Glibc)
                let written = Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
            #else
                let written = Darwin.write(
                    descriptor, bytes.baseAddress! + done, bytes.count - done)
            #endif
            if written < 0 {
                if errno == EINTR { continue }
                throw Files.failure("writing \(path) failed")
            }
            done += written
        }
        byteCount += bytes.count
    }

    package func close(sync: Bool) throws {
        guard descriptor >= 0 else { return }
        if sync && fsync(descriptor) != 0 { throw Files.failure("\(path) cannot be synchronised") }
        #if canImport(Glibc)
            _ = Glibc.close(descriptor)
        #else
            _ = Darwin.close(descriptor)
        #endif
        descriptor = -1
    }
}

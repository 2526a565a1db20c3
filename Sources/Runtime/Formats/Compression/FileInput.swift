import Glibc
import PipelineDSL

/// A file read from its start with read(2).
package final class FileInput: ByteInput {
    package let name: String
    package private(set) var consumedBytes: Int64 = 0
    private let descriptor: Int32

    /// `name` is what diagnostics call the file, `path` where it is.
    package init(_ path: String, name: String? = nil) throws {
        self.name = name ?? path
        descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileInput.failure("open", self.name) }
        // Only a hint: the file is read once, from front to back.
        _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
    }

    deinit { _ = Glibc.close(descriptor) }

    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard let base = buffer.baseAddress, buffer.count > 0 else { return 0 }
        while true {
            let count = Glibc.read(descriptor, base, buffer.count)
            if count >= 0 {
                consumedBytes += Int64(count)
                return count
            }
            if errno != EINTR { throw FileInput.failure("read", name) }
        }
    }

    private static func failure(_ action: String, _ name: String) -> RunError {
        let reason = String(cString: strerror(errno))
        return RunError(.unreadableFile, "cannot \(action) `\(name)`: \(reason)")
    }
}

/// Bytes that are already in memory: a test's, a message's, a field's.
package final class MemoryInput: ByteInput {
    package let name: String
    private let bytes: [UInt8]
    private var position = 0
    /// At most this many bytes a read, so that tests can make every boundary happen.
    private let pieceBytes: Int

    package init(_ bytes: [UInt8], name: String = "memory", pieceBytes: Int = .max) {
        self.bytes = bytes
        self.name = name
        self.pieceBytes = max(1, pieceBytes)
    }

    package var consumedBytes: Int64 { Int64(position) }

    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = min(buffer.count, bytes.count - position, pieceBytes)
        guard count > 0 else { return 0 }
        bytes.withUnsafeBytes {
            buffer.copyMemory(
                from: UnsafeRawBufferPointer(rebasing: $0[position..<position + count]))
        }
        position += count
        return count
    }
}

import Glibc

/// An object whose bytes can be read at any place, by several threads at once.
package protocol RandomAccessBytes: Sendable {
    var count: Int64 { get }
    /// Fills `target` with the bytes from `offset` on. The caller asks only for bytes before
    /// `count`; should there be fewer by now, this throws.
    func read(at offset: Int64, into target: UnsafeMutableRawBufferPointer) throws
}

/// An open file, read with `pread`: mapping it would end the process if someone truncates it.
package final class FileBytes: RandomAccessBytes {
    package let count: Int64
    private let descriptor: Int32

    /// Throws ``RunError`` with the operating system's reason.
    package init(path: String, object: String? = nil) throws {
        let object = object ?? path
        // A pipe would keep `open` waiting for a writer.
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw ParquetFailure.system(systemReason())
                .runError(object: object)
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw ParquetFailure.system("it is not a regular file").runError(object: object)
        }
        count = Int64(status.st_size)
    }

    deinit { close(descriptor) }

    package func read(at offset: Int64, into target: UnsafeMutableRawBufferPointer) throws {
        guard let base = target.baseAddress else { return }
        var done = 0
        while done < target.count {
            let n = pread(descriptor, base + done, target.count - done, off_t(offset) + off_t(done))
            if n > 0 {
                done += n
            } else if n == 0 {
                throw ParquetFailure.damaged("it became shorter while it was read")
            } else if errno != EINTR {
                throw ParquetFailure.system(systemReason())
            }
        }
    }
}

/// An object that is in memory already.
package struct MemoryBytes: RandomAccessBytes {
    private let bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package var count: Int64 { Int64(bytes.count) }

    package func read(at offset: Int64, into target: UnsafeMutableRawBufferPointer) throws {
        guard offset >= 0, offset <= count, Int64(target.count) <= count - offset else {
            throw ParquetFailure.damaged("it is shorter than it says")
        }
        target.copyBytes(from: bytes[Int(offset)..<Int(offset) + target.count])
    }
}

/// The text for `errno`.
func systemReason() -> String { String(cString: strerror(errno)) }

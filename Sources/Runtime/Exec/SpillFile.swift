import PipelineDSL

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Batches on disk, in the order written: what an operator could not hold.
///
/// The file is unlinked as soon as it is open, so nothing is left behind however the process ends.
package final class SpillFile: @unchecked Sendable {
    private let descriptor: Int32
    private let directory: String
    private let types: [DataType]
    private var lengths: [Int] = []
    private var readIndex = 0
    private var readOffset = 0
    private var buffer: [UInt8] = []
    package private(set) var byteCount = 0
    package private(set) var rowCount = 0

    package init(directory: String, types: [DataType]) throws {
        self.directory = directory
        let template = directory + "/spill-XXXXXX"
        var path = Array(template.utf8CString)
        descriptor = mkstemp(&path)
        guard descriptor >= 0 else {
            let number = errno
            throw DiskFull.error("no temporary file can be made in \(directory)", number)
                ?? RunError(
                    .spillFailed,
                    "no temporary file can be made in \(directory): \(errnoText(number))")
        }
        unlink(path)
        self.types = types
    }

    deinit { close(descriptor) }

    package var isEmpty: Bool { lengths.isEmpty }
    /// Whether the batch that ``next()`` gave last was the first.
    package var isAtFirst: Bool { readIndex == 1 }

    package func append(_ batch: Batch) throws {
        guard batch.count > 0 else { return }
        buffer.removeAll(keepingCapacity: true)
        BatchCodec.encode(batch, into: &buffer)
        try buffer.withUnsafeBytes { bytes in
            var done = 0
            while done < bytes.count {
                let written = pwrite(
                    descriptor, bytes.baseAddress! + done, bytes.count - done,
                    off_t(byteCount + done))
                if written < 0 {
                    if errno == EINTR { continue }
                    let number = errno
                    throw DiskFull.error("rows cannot be spilled to \(directory)", number)
                        ?? RunError(
                            .spillFailed,
                            "rows cannot be spilled to \(directory): \(errnoText(number))")
                }
                done += written
            }
        }
        lengths.append(buffer.count)
        byteCount += buffer.count
        rowCount += batch.count
    }

    /// The batches from the first on, one a call; `nil` at the end.
    package func next() throws -> Batch? {
        guard readIndex < lengths.count else { return nil }
        let length = lengths[readIndex]
        var bytes = [UInt8](repeating: 0, count: length)
        try bytes.withUnsafeMutableBytes { target in
            var done = 0
            while done < length {
                let got = pread(
                    descriptor, target.baseAddress! + done, length - done, off_t(readOffset + done))
                if got < 0 && errno == EINTR { continue }
                guard got > 0 else {
                    throw RunError(
                        .spillFailed, "reading spilled rows failed: \(lastErrorText())")
                }
                done += got
            }
        }
        readIndex += 1
        readOffset += length
        do { return try BatchCodec.decode(bytes, types: types) } catch is BatchCodec.Malformed {
            throw RunError(.spillFailed, "spilled rows read back differently than written")
        }
    }

    package func rewind() {
        readIndex = 0
        readOffset = 0
    }
}

/// The text of `errno`.
package func lastErrorText() -> String { errnoText(errno) }
func errnoText(_ number: Int32) -> String { String(cString: strerror(number)) }

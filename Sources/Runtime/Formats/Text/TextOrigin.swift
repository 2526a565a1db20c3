/// Where the rows of one batch stood in a text file; holds their block for as long as it lives.
final class TextOrigin: RowOrigin {
    /// Of a rejected record, so many bytes are kept at most.
    static let maxRawBytes = 64 * 1024

    let source: String
    let object: String
    private let block: ByteBlock
    private let blockOffset: Int64
    private let lines: LineIndex
    private let starts: [UInt32]
    private let ends: [UInt32]
    private let redaction: RawRedaction?

    /// - Parameters:
    ///   - blockOffset: offset in the object of the block's first byte.
    ///   - starts: the rows' first bytes in the block; `ends` are the positions after their last.
    ///   - redaction: of what ``raw(_:)`` gives.
    init(
        source: String, object: String, _ block: ByteBlock, blockOffset: Int64, lines: LineIndex,
        starts: [UInt32], ends: [UInt32], redaction: RawRedaction? = nil
    ) {
        self.source = source
        self.object = object
        self.block = block
        self.blockOffset = blockOffset
        self.lines = lines
        self.starts = starts
        self.ends = ends
        self.redaction = redaction
    }

    func line(_ row: Int) -> Int64? { lines.line(at: Int(starts[row])) }
    func offset(_ row: Int) -> Int64 { offset(at: Int(starts[row])) }
    func raw(_ row: Int) -> [UInt8]? { raw(bounds(row)) }

    /// The row's bytes in the block, without the line end.
    func bounds(_ row: Int) -> Range<Int> { Int(starts[row])..<Int(ends[row]) }

    func line(at position: Int) -> Int64 { lines.line(at: position) }
    func offset(at position: Int) -> Int64 { blockOffset + Int64(position) }

    func raw(_ bounds: Range<Int>, atMost limit: Int = maxRawBytes) -> [UInt8] {
        let most = min(limit, TextOrigin.maxRawBytes)
        guard let redaction else { return Array(block.bytes[bounds].prefix(most)) }
        return Array(redaction.redacted(block.bytes[bounds]).prefix(most))
    }

    /// For a message.
    func excerpt(_ bounds: Range<Int>) -> String {
        UTF8Text.excerpt(UnsafeRawBufferPointer(rebasing: block.bytes[bounds]))
    }
}

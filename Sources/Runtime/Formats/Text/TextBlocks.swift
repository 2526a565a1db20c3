import PipelineDSL

/// The bytes of an input as a sliding block, with the place of its cursor.
///
/// What is left after the cursor is carried into the next block, so a record is never split. Blocks
/// are never written to after they are filled: units of work may hold them.
struct TextBlocks {
    private let input: any ByteInput
    /// Bytes read at a time.
    let blockBytes: Int
    private(set) var block = ByteBlock(capacity: 0)
    /// Offset in the object of the block's first byte.
    private(set) var blockOffset: Int64 = 0
    /// Bytes before it are done with.
    private(set) var cursor = 0
    /// 1-based line of the byte at the cursor.
    private(set) var line: Int64 = 1
    /// Whether the block ends where the object ends.
    private(set) var isAtEnd = false

    init(_ input: any ByteInput, blockBytes: Int) {
        self.input = input
        self.blockBytes = max(1, blockBytes)
    }

    var base: UnsafePointer<UInt8> {
        UnsafePointer(block.base.assumingMemoryBound(to: UInt8.self))
    }
    /// Bytes of the block; its last index plus one.
    var end: Int { block.count }
    var isEmpty: Bool { cursor == block.count }

    /// Offset in the object of an index of the block.
    func position(_ index: Int) -> Int64 { blockOffset + Int64(index) }

    /// Index in the block of an offset in the object, clamped to the integers.
    func index(_ position: Int64) -> Int { Int(clamping: position - blockOffset) }

    /// Moves the cursor, counting the lines passed, which end with `terminator`.
    mutating func advance(to index: Int, terminator: UInt8) {
        line += Int64(UTF8Text.count(terminator, in: base + cursor, index - cursor))
        cursor = index
    }

    /// Puts what is left at the start of a new block and reads on; `false` where nothing followed.
    mutating func refill(atLeast minimum: Int = 0) throws -> Bool {
        if isAtEnd { return false }
        let left = block.count - cursor
        // Doubling keeps a record of many blocks from being copied once a block.
        let wanted = max(blockBytes, left, minimum)
        let next = ByteBlock(capacity: left + wanted)
        next.base.copyMemory(from: block.base + cursor, byteCount: left)
        let free = UnsafeMutableRawBufferPointer(start: next.base + left, count: wanted)
        let count = try input.fill(free)
        isAtEnd = count < wanted
        next.setCount(left + count)
        blockOffset += Int64(cursor)
        (block, cursor) = (next, 0)
        return count > 0
    }

    /// Skips a UTF-8 byte order mark; throws where the input is visibly no text. The block must
    /// hold the start of the input.
    mutating func skipMark(name: String) throws {
        cursor = try TextStart.skipMark(block.bytes, name: name)
    }

    /// Drops bytes up to and with the next `terminator` at or after `from`.
    mutating func skipLine(from: Int, terminator: UInt8) throws {
        var from = min(from, end)
        while true {
            if let found = CSVSyntax.find(terminator, base, from, end) {
                return advance(to: found + 1, terminator: terminator)
            }
            advance(to: end, terminator: terminator)
            if try !refill() { return }
            from = 0
        }
    }

    /// How far to look for whole records: `window` bytes, but not past a position to go on from,
    /// where a record is known to end.
    func windowEnd(_ window: Int, until start: Int64) -> Int {
        let limit = position(cursor) < start ? index(start) : Int.max
        return min(end, limit, cursor + window)
    }

    /// The record at the cursor, which is longer than the bound, with its first bytes.
    /// - Parameter isHidden: whether they may not be shown.
    func longRecord(object: String, maxRecordBytes: Int, isHidden: Bool) -> RejectedRow {
        let (rule, code, message) = LongRecordUnit.reason(maxRecordBytes: maxRecordBytes)
        let kept = block.bytes[cursor...].prefix(min(TextOrigin.maxRawBytes, maxRecordBytes))
        return RejectedRow(
            object: object, line: line, offset: position(cursor), rule: rule, code: code,
            message: message,
            raw: isHidden ? RawRedaction.hidden(maxRecordBytes) : Array(kept))
    }

    /// Throws where no record ends at a position that was to be one's end.
    func checkBoundary(_ end: Int, _ start: Int64, name: String) throws {
        guard start > 0, position(end) == start, position(cursor) < start else { return }
        throw TextBlocks.stale(start, name)
    }

    /// Throws where the object ended before the position to go on from.
    func checkReached(_ start: Int64, name: String) throws {
        if position(end) < start { throw TextBlocks.stale(start, name) }
    }

    private static func stale(_ position: Int64, _ name: String) -> RunError {
        RunError(
            .stalePosition, "`\(name)` no longer has a record that ends at byte \(position)",
            notes: ["the file was changed after the position was stored"])
    }
}

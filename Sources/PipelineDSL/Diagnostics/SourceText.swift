/// Decoded text that remembers where each of its bytes stood in the file.
///
/// A YAML scalar is not a slice of its file: a block scalar loses its indentation, a folded one its
/// line ends, a double-quoted one its escapes. An expression inside such a scalar is lexed over the
/// decoded text, and every span it yields goes through this map, so a diagnostic underlines the
/// right characters of the file.
public struct SourceText: Hashable, Sendable {
    /// A run of decoded bytes that stand one to one, on one line, in the file; or that stand for
    /// something written otherwise, such as an escape.
    public struct Segment: Hashable, Sendable {
        /// Offset of the run's first byte in the decoded UTF-8.
        public var decodedOffset: Int
        /// Where that byte stands in the file.
        public var position: SourcePosition
        /// Where the run ends in the file, if its bytes do not stand there one to one: after the
        /// escape, the doubled quote or the folded line end they were decoded from.
        public var end: SourcePosition?

        public init(decodedOffset: Int, position: SourcePosition, end: SourcePosition? = nil) {
            self.decodedOffset = decodedOffset
            self.position = position
            self.end = end
        }
    }

    public var text: String
    public var file: String
    /// Ascending by `decodedOffset`, the first at 0; never empty.
    public var segments: [Segment]
    /// The whole scalar in the file, quotes included.
    public var span: SourceSpan

    public init(text: String, file: String, segments: [Segment], span: SourceSpan) {
        self.text = text
        self.file = file
        self.segments =
            segments.isEmpty ? [Segment(decodedOffset: 0, position: span.start)] : segments
        self.span = span
    }

    /// Text that is a file (or a command-line argument) of its own.
    public init(text: String, file: String) {
        var segments = [Segment(decodedOffset: 0, position: .start)]
        var line = 1
        var offset = 0
        var lastLineStart = 0
        for byte in text.utf8 {
            offset += 1
            if byte == UInt8(ascii: "\n") {
                line += 1
                lastLineStart = offset
                segments.append(
                    Segment(
                        decodedOffset: offset,
                        position: SourcePosition(line: line, column: 1, offset: offset)))
            }
        }
        let lastLine = text.utf8.dropFirst(lastLineStart)
        let end = SourcePosition(
            line: line, column: 1 + String(Substring(lastLine)).unicodeScalars.count, offset: offset
        )
        self.init(
            text: text, file: file, segments: segments,
            span: SourceSpan(file: file, start: .start, end: end))
    }

    /// The span in the file of a range of decoded UTF-8 offsets.
    public func span(_ range: Range<Int>) -> SourceSpan {
        let start = position(at: range.lowerBound)
        // The end is one past the last character, which may be on another line than what follows.
        let end =
            range.isEmpty ? start : position(at: range.upperBound, endingAt: range.upperBound - 1)
        return SourceSpan(file: file, start: start, end: end)
    }

    private func position(at offset: Int, endingAt last: Int? = nil) -> SourcePosition {
        let segment = self.segment(containing: last ?? offset)
        if let end = segment.end { return last == nil ? segment.position : end }
        let utf8 = text.utf8
        let count = utf8.count
        let from = min(segment.decodedOffset, count)
        let to = max(from, min(offset, count))
        let start = utf8.index(utf8.startIndex, offsetBy: from)
        let end = utf8.index(start, offsetBy: to - from)
        var scalars = 0
        for byte in utf8[start..<end] where byte & 0xC0 != 0x80 { scalars += 1 }
        return SourcePosition(
            line: segment.position.line,
            column: segment.position.column + scalars,
            offset: segment.position.offset + (to - from))
    }

    private func segment(containing offset: Int) -> Segment {
        var low = 0
        var high = segments.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if segments[middle].decodedOffset <= offset { low = middle } else { high = middle - 1 }
        }
        return segments[low]
    }
}

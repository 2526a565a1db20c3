/// Where libyaml stopped, and what the lines around it look like.
struct YAMLProblemPlace {
    let lines: SourceLines
    /// The character at the problem; empty at the end of the file.
    let span: SourceSpan
    /// The character at which what was being read began.
    let context: SourceSpan?
    private let offset: Int

    init(_ failure: YAMLFailure, _ lines: SourceLines) {
        self.lines = lines
        offset = min(failure.problemOffset, lines.bytes.count)
        span = Self.character(offset, lines)
        context = failure.contextOffset.map { Self.character($0, lines) }
    }

    private static func character(_ offset: Int, _ lines: SourceLines) -> SourceSpan {
        var end = offset
        if end < lines.bytes.count, YAMLBreak(lines.bytes, end, lines.bytes.count) == nil {
            end += 1
            while end < lines.bytes.count, lines.bytes[end] & 0xC0 == 0x80 { end += 1 }
        }
        return lines.span(offset, end)
    }

    func range(_ span: SourceSpan) -> Range<Int> { span.start.offset..<span.end.offset }

    /// From the problem to the end of its line.
    var restOfLine: Range<Int> { offset..<max(offset, line(span.start.line).endIndex) }
    var text: String { String(decoding: lines.bytes[restOfLine], as: UTF8.self) }
    /// The problem's line without indentation.
    var lineRange: Range<Int> { trimmed(line(span.start.line)) }

    private func line(_ number: Int) -> ArraySlice<UInt8> { lines.line(number) }

    private func trimmed(_ line: ArraySlice<UInt8>) -> Range<Int> {
        let start = line.firstIndex { !isYAMLBlank($0) } ?? line.endIndex
        return start..<line.endIndex
    }

    /// Tabs in the indentation of the problem's line, or of the next one with text.
    var tabsOfIndentation: Range<Int>? {
        let here = line(span.start.line)
        guard offset <= trimmed(here).lowerBound else { return nil }
        let blanks = here.prefix { isYAMLBlank($0) }
        guard let first = blanks.firstIndex(of: 0x09) else { return nil }
        return first..<(blanks[first...].prefix { $0 == 0x09 }.endIndex)
    }

    /// In `key: some text: more`, the text up to the end of the line.
    var valueBeforeColon: Range<Int>? {
        let here = lineRange
        guard let colon = keyColon(here), colon < offset else { return nil }
        let value = trimmed(lines.bytes[(colon + 1)..<here.upperBound])
        guard value.lowerBound < offset else { return nil }
        var end = value.upperBound
        while end > value.lowerBound, isYAMLBlank(lines.bytes[end - 1]) { end -= 1 }
        return value.lowerBound..<end
    }

    /// The first `:` that is followed by a blank or ends the line.
    private func keyColon(_ range: Range<Int>) -> Int? {
        range.first { at in
            lines.bytes[at] == UInt8(ascii: ":")
                && (at + 1 == range.upperBound || isYAMLBlank(lines.bytes[at + 1]))
        }
    }

    /// The nearest line above with text that is not a comment.
    var lineAbove: (range: Range<Int>, hasKey: Bool)? {
        var number = span.start.line - 1
        while number >= 1, span.start.line - number < 100 {
            let range = trimmed(line(number))
            if let first = lines.bytes[range].first, first != UInt8(ascii: "#") {
                return (range, keyColon(range) != nil)
            }
            number -= 1
        }
        return nil
    }

    /// `key:value` in the line above.
    var colonWithoutSpaceAbove: Int? {
        guard let above = lineAbove, !above.hasKey else { return nil }
        let bytes = lines.bytes[above.range]
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let isWord = bytes[..<colon].allSatisfy { $0 != 0x20 && $0 != UInt8(ascii: "'") }
        return isWord && colon > above.range.lowerBound ? colon : nil
    }

    /// The quote that was closed just before the problem on its line.
    var quoteBefore: String? {
        var at = offset
        while at > lineRange.lowerBound, isYAMLBlank(lines.bytes[at - 1]) { at -= 1 }
        guard at > lineRange.lowerBound, at < lineRange.upperBound else { return nil }
        switch lines.bytes[at - 1] {
        case UInt8(ascii: "'"): return "'"
        case UInt8(ascii: "\""): return "\""
        default: return nil
        }
    }

    /// The backslash of the escape at or before the problem.
    var escapeStart: Int {
        var at = min(offset, lines.bytes.count - 1)
        while at > 0, lines.bytes[at] != UInt8(ascii: "\\"), offset - at < 12 { at -= 1 }
        return lines.bytes[max(at, 0)] == UInt8(ascii: "\\") ? at : offset
    }
}

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

    /// A line without indentation.
    func text(ofLine number: Int) -> Range<Int> { trimmed(line(number)) }

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

    /// The colon of `key:value`.
    func colonWithoutSpace(in line: Range<Int>) -> Int? {
        let bytes = lines.bytes[line]
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let isWord = bytes[..<colon].allSatisfy { $0 != 0x20 && $0 != UInt8(ascii: "'") }
        return isWord && colon > line.lowerBound ? colon : nil
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

    /// After the digits that an escape takes, as far as there are any.
    func escapeEnd(_ start: Int) -> Int {
        guard start + 1 < lines.bytes.count else { return lines.bytes.count }
        let digits: Int
        switch lines.bytes[start + 1] {
        case UInt8(ascii: "x"): digits = 2
        case UInt8(ascii: "u"): digits = 4
        case UInt8(ascii: "U"): digits = 8
        default: digits = 0
        }
        var end = start + 2
        while end < min(start + 2 + digits, lines.bytes.count),
            Character(Unicode.Scalar(lines.bytes[end])).isHexDigit
        {
            end += 1
        }
        // The character after the backslash may take several bytes.
        while end < lines.bytes.count, lines.bytes[end] & 0xC0 == 0x80 { end += 1 }
        return end
    }

    /// Quotes around the rest of the line, where that is surely one text.
    func quotingFix(from start: SourceSpan?) -> Diagnostic.Fix? {
        guard let start = start?.start else { return nil }
        let end = line(start.line).endIndex
        guard start.offset < end else { return nil }
        let text = String(decoding: lines.bytes[start.offset..<end], as: UTF8.self)
        guard !text.contains(where: { "'#,]}".contains($0) }), text.last?.isWhitespace == false
        else { return nil }
        return .init(
            "quote the text", span: lines.span(start.offset, end), replacement: "'\(text)'")
    }
}

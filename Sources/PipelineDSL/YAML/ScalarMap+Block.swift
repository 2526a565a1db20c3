/// Literal (`|`) and folded (`>`) scalars, YAML 1.2.2 § 8.1, folded as libyaml folds them.
extension ScalarMap {
    /// The indentation follows from libyaml's value: whatever the first line has more in the file.
    static func block(
        _ value: String, _ range: Range<Int>, _ bytes: [UInt8], isLiteral: Bool
    ) -> ScalarMap {
        let lines = BlockLines(range, bytes)
        guard let indent = lines.indentation(of: value, bytes) else {
            return lines.emptyMap(value, bytes)
        }
        var map = ScalarMap(end: lines.headerEnd)
        var folder = BlockFolder(isLiteral: isLiteral)
        for line in lines.all {
            guard folder.take(line, indent, bytes, into: &map) else { break }
        }
        folder.finish(lines.chomping, into: &map)
        return map
    }
}

/// The lines under a block scalar's header.
private struct BlockLines {
    struct Line {
        var start: Int
        /// Before the line break.
        var end: Int
        var lineBreak: YAMLBreak?
    }
    enum Chomping { case strip, clip, keep }

    var all: [Line] = []
    var chomping = Chomping.clip
    /// End of the header's indicators.
    var headerEnd: Int

    init(_ range: Range<Int>, _ bytes: [UInt8]) {
        var at = range.lowerBound + 1
        header: while at < range.upperBound {
            switch bytes[at] {
            case UInt8(ascii: "-"): chomping = .strip
            case UInt8(ascii: "+"): chomping = .keep
            case UInt8(ascii: "1")...UInt8(ascii: "9"): break
            default: break header
            }
            at += 1
        }
        headerEnd = at
        while at < bytes.count {
            let start = at
            while at < bytes.count, YAMLBreak(bytes, at, bytes.count) == nil { at += 1 }
            let lineBreak = YAMLBreak(bytes, at, bytes.count)
            all.append(Line(start: start, end: at, lineBreak: lineBreak))
            at += lineBreak?.length ?? 0
            if at >= range.upperBound { break }
        }
        // The rest of the header line: blanks and a comment.
        if !all.isEmpty { all.removeFirst() }
    }

    /// `nil` if the value has no text, only line ends.
    func indentation(of value: String, _ bytes: [UInt8]) -> Int? {
        var leading = 0
        var hasText = false
        for byte in value.utf8 {
            if byte == 0x20 {
                leading += 1
            } else if byte == 0x0A {
                leading = 0
            } else {
                hasText = true
                break
            }
        }
        guard hasText || leading > 0 else { return nil }
        for line in all {
            let spaces = bytes[line.start..<line.end].prefix { $0 == 0x20 }.count
            if line.start + spaces < line.end { return hasText ? max(0, spaces - leading) : nil }
        }
        return nil
    }

    func emptyMap(_ value: String, _ bytes: [UInt8]) -> ScalarMap {
        var map = ScalarMap(end: headerEnd)
        guard chomping == .keep else { return map }
        for line in all {
            guard let lineBreak = line.lineBreak else { break }
            guard map.decoded.count < value.utf8.count else { break }
            map.put(lineBreak.decoded, for: line.end..<(line.end + lineBreak.length))
        }
        return map
    }
}

/// libyaml's `yaml_parser_scan_block_scalar`, with offsets.
private struct BlockFolder {
    typealias Break = (decoded: [UInt8], range: Range<Int>)

    var isLiteral: Bool
    private var leadingBreak: Break?
    private var trailingBreaks: [Break] = []
    private var leadingBlank = false

    init(isLiteral: Bool) { self.isLiteral = isLiteral }

    /// `false` if the line is no longer part of the scalar.
    mutating func take(
        _ line: BlockLines.Line, _ indent: Int, _ bytes: [UInt8], into map: inout ScalarMap
    ) -> Bool {
        let spaces = bytes[line.start..<line.end].prefix(indent).prefix { $0 == 0x20 }.count
        let text = line.start + spaces
        let lineBreak: Break? = line.lineBreak.map {
            ($0.decoded, line.end..<(line.end + $0.length))
        }
        if text == line.end {
            guard let lineBreak else { return false }
            trailingBreaks.append(lineBreak)
            return true
        }
        guard spaces == indent else { return false }
        joinBreaks(trailingBlank: isYAMLBlank(bytes[text]), into: &map)
        leadingBlank = isYAMLBlank(bytes[text])
        map.copy(text..<line.end, of: bytes)
        map.end = line.end
        leadingBreak = lineBreak
        return true
    }

    private mutating func joinBreaks(trailingBlank: Bool, into map: inout ScalarMap) {
        if let leading = leadingBreak {
            if !isLiteral, leading.decoded == [0x0A], !leadingBlank, !trailingBlank {
                if trailingBreaks.isEmpty { map.put([0x20], for: leading.range) }
            } else {
                map.put(leading.decoded, for: leading.range)
            }
        }
        for next in trailingBreaks { map.put(next.decoded, for: next.range) }
        leadingBreak = nil
        trailingBreaks = []
    }

    mutating func finish(_ chomping: BlockLines.Chomping, into map: inout ScalarMap) {
        if chomping != .strip, let leading = leadingBreak {
            map.put(leading.decoded, for: leading.range)
        }
        guard chomping == .keep else { return }
        for next in trailingBreaks { map.put(next.decoded, for: next.range) }
    }
}

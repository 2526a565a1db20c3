/// Finds out where in the file each byte of a decoded scalar stands, by decoding it a second time.
///
/// libyaml gives the decoded value and two marks, which is not enough to underline one word of a
/// folded paragraph. So the scalar is read again here, remembering offsets; libyaml's value is the
/// judge: where the two decodings differ, the map is one segment and spans are those of the whole.
struct ScalarMap {
    /// A run of decoded bytes; `fileEnd` where it does not stand one to one in the file.
    struct Run {
        var decoded: Int
        var file: Int
        var fileEnd: Int?
    }

    private(set) var decoded: [UInt8] = []
    private(set) var runs: [Run] = []
    /// After the last character of the scalar: past its closing quote, before the line end that
    /// closes a block scalar.
    var end: Int
    /// Where the next byte must stand to belong to the current run.
    private var expected = -1

    init(end: Int) { self.end = end }

    /// A byte that stands as itself at `offset`.
    mutating func copy(_ byte: UInt8, from offset: Int) {
        if offset != expected { runs.append(Run(decoded: decoded.count, file: offset)) }
        decoded.append(byte)
        expected = offset + 1
    }

    mutating func copy(_ range: Range<Int>, of bytes: [UInt8]) {
        for offset in range { copy(bytes[offset], from: offset) }
    }

    /// Bytes that something else in the file stands for.
    mutating func put(_ bytes: some Sequence<UInt8>, for range: Range<Int>) {
        runs.append(Run(decoded: decoded.count, file: range.lowerBound, fileEnd: range.upperBound))
        decoded.append(contentsOf: bytes)
        expected = -1
    }

    /// The scalar whose first character (quote, indicator or text) stands at `range.lowerBound`.
    static func source(
        _ value: String, _ style: YAMLNode.Scalar.Style, in range: Range<Int>, _ lines: SourceLines
    ) -> SourceText {
        let map =
            switch style {
            case .plain: plain(range, lines.bytes)
            case .singleQuoted: singleQuoted(range, lines.bytes)
            case .doubleQuoted: doubleQuoted(range, lines.bytes)
            case .literal, .folded: block(value, range, lines.bytes, isLiteral: style == .literal)
            }
        let span = lines.span(range.lowerBound, map.end)
        guard map.decoded.elementsEqual(value.utf8) else {
            let whole = SourceText.Segment(
                decodedOffset: 0, position: span.start, end: lines.position(map.end))
            return SourceText(text: value, file: lines.file, segments: [whole], span: span)
        }
        let segments = map.runs.map { run in
            SourceText.Segment(
                decodedOffset: run.decoded, position: lines.position(run.file),
                end: run.fileEnd.map(lines.position))
        }
        return SourceText(text: value, file: lines.file, segments: segments, span: span)
    }
}

/// The line breaks of YAML 1.1, which libyaml keeps to: CR LF, CR, LF, NEL, LS and PS.
struct YAMLBreak {
    /// Bytes it takes in the file.
    var length: Int
    /// The last byte of LS and PS, which stay themselves where other breaks are folded.
    private var separator: UInt8?

    init?(_ bytes: [UInt8], _ offset: Int, _ end: Int) {
        guard offset < end else { return nil }
        switch bytes[offset] {
        case 0x0A: length = 1
        case 0x0D: length = offset + 1 < end && bytes[offset + 1] == 0x0A ? 2 : 1
        case 0xC2 where offset + 1 < end && bytes[offset + 1] == 0x85: length = 2
        case 0xE2
        where offset + 2 < end && bytes[offset + 1] == 0x80
            && (bytes[offset + 2] == 0xA8 || bytes[offset + 2] == 0xA9):
            length = 3
            separator = bytes[offset + 2]
        default: return nil
        }
    }

    var decoded: [UInt8] { separator.map { [0xE2, 0x80, $0] } ?? [0x0A] }
    var isFolded: Bool { separator == nil }
}

func isYAMLBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

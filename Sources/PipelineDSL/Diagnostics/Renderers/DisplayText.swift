/// A line of a file as a terminal shows it: tabs expanded, control characters made visible, and for
/// each character the column it is drawn in.
struct DisplayText {
    static let tabWidth = 4

    private(set) var text = ""
    /// Display column of each scalar, and of the end.
    private var columns: [Int] = [0]

    init(_ bytes: some Collection<UInt8>) {
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            let column = columns[columns.count - 1]
            let width: Int
            if scalar == "\t" {
                width = Self.tabWidth - column % Self.tabWidth
                text += String(repeating: " ", count: width)
            } else {
                let shown = Self.visible(scalar)
                width = Self.width(shown)
                text.unicodeScalars.append(shown)
            }
            columns.append(column + width)
        }
    }

    var width: Int { columns[columns.count - 1] }

    /// Where the scalar with this column (counted from 1) is drawn, counted from 0.
    func column(_ column: Int) -> Int { columns[min(max(column - 1, 0), columns.count - 1)] }

    /// The part that is drawn in a range of display columns.
    func slice(_ range: Range<Int>) -> String {
        var result = ""
        var column = 0
        for scalar in text.unicodeScalars {
            let width = Self.width(scalar)
            if column >= range.lowerBound, column + width <= range.upperBound {
                result.unicodeScalars.append(scalar)
            } else if column < range.lowerBound, column + width > range.lowerBound {
                result += " "
            }
            column += width
        }
        return result
    }

    /// Display column of the first character that is no blank.
    var indentation: Int {
        text.unicodeScalars.prefix { $0 == " " }.count
    }

    /// Text of a user in a message: no sign in it may steer the terminal.
    static func safe(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            result.unicodeScalars.append(
                scalar == "\n" || scalar == "\t" ? scalar : visible(scalar))
        }
        return result
    }

    static func width(of text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + width($1) }
    }

    /// Controls become their pictures (U+2400…); those of writing direction, which can make a line
    /// read as something else, the replacement character.
    private static func visible(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar.value {
        case 0..<0x20: Unicode.Scalar(0x2400 + scalar.value) ?? "�"
        case 0x7F: "\u{2421}"
        case 0x80..<0xA0, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF: "�"
        default: scalar
        }
    }

    /// Columns a terminal takes for it: none for what combines, two for wide East Asian characters
    /// and emoji (Unicode annex 11).
    static func width(_ scalar: Unicode.Scalar) -> Int {
        if scalar.value < 0x300 { return 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
            0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF,
            0x1F900...0x1F9FF, 0x1FA70...0x1FAFF, 0x20000...0x3FFFD:
            return 2
        default: return scalar.properties.isEmojiPresentation ? 2 : 1
        }
    }
}

/// Lays compact JSON out for people: whatever fits on a line of 100 columns stays on one, anything
/// else is broken, an entry a line.
///
/// The input must be what a JSON encoder wrote; it is copied token by token, never interpreted, so
/// nothing but white space changes. Works in one pass without recursion.
struct JSONLayout {
    static let width = 100

    private let bytes: [UInt8]
    /// For each opening bracket the characters of what it encloses, itself included, on one line.
    private var flatWidth: [Int: Int] = [:]
    private var output: [UInt8] = []

    static func lines(_ compact: [UInt8]) -> String {
        var layout = JSONLayout(bytes: compact)
        layout.measure()
        layout.write()
        return String(decoding: layout.output, as: UTF8.self) + "\n"
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// End of the token at `start`: a string is one token, and so is a number or a word.
    private func end(of start: Int) -> Int {
        var index = start + 1
        if bytes[start] == UInt8(ascii: "\"") {
            while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
                index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
            }
            return min(index + 1, bytes.count)
        }
        guard !Self.isPunctuation(bytes[start]) else { return index }
        while index < bytes.count, !Self.isPunctuation(bytes[index]) { index += 1 }
        return index
    }

    private static func isPunctuation(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "["), UInt8(ascii: "]"),
            UInt8(ascii: ":"), UInt8(ascii: ","):
            true
        default: false
        }
    }

    private mutating func measure() {
        var open: [(start: Int, column: Int)] = []
        var column = 0
        var index = 0
        while index < bytes.count {
            let end = end(of: index)
            switch bytes[index] {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                open.append((index, column))
                column += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                column += 1
                if let last = open.popLast() { flatWidth[last.start] = column - last.column }
            case UInt8(ascii: ":"), UInt8(ascii: ","): column += 2
            default: column += bytes[index..<end].count { $0 & 0xC0 != 0x80 }
            }
            index = end
        }
    }

    private mutating func write() {
        var column = 0
        /// Whether each open bracket is broken over lines.
        var open: [Bool] = []
        var index = 0
        while index < bytes.count {
            let end = end(of: index)
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                // One more column for the comma that may follow.
                let width = flatWidth[index] ?? 0
                let breaks = width > 2 && column + width + 1 > Self.width
                open.append(breaks)
                output.append(byte)
                column += 1
                if breaks { newLine(&column, open) }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                let breaks = open.popLast() ?? false
                if breaks { newLine(&column, open) }
                output.append(byte)
                column += 1
            case UInt8(ascii: ","):
                output.append(byte)
                if open.last ?? false {
                    newLine(&column, open)
                } else {
                    output.append(UInt8(ascii: " "))
                    column += 2
                }
            case UInt8(ascii: ":"):
                output += [byte, UInt8(ascii: " ")]
                column += 2
            default:
                output += bytes[index..<end]
                column += bytes[index..<end].count { $0 & 0xC0 != 0x80 }
            }
            index = end
        }
    }

    private mutating func newLine(_ column: inout Int, _ open: [Bool]) {
        let indentation = 2 * open.count { $0 }
        output.append(UInt8(ascii: "\n"))
        output += repeatElement(UInt8(ascii: " "), count: indentation)
        column = indentation
    }
}

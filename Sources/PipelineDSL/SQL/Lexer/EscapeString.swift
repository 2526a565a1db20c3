/// The text of `E'…'`: `\n \t \r \b \f \\ \' \" \0…\777 \xHH \uXXXX \UXXXXXXXX`, as in PostgreSQL.
struct EscapeString {
    struct Problem {
        /// UTF-8 offsets in the whole text.
        var range: Range<Int>
        var reason: String
    }

    private(set) var result: [UInt8] = []
    private(set) var problems: [Problem] = []
    private let bytes: ArraySlice<UInt8>
    private var index: Int

    /// `range` is that of the whole token, `E` and quotes included.
    static func decode(_ bytes: [UInt8], _ range: Range<Int>) -> (String, [Problem]) {
        var inner = bytes[range].dropFirst(2)
        if inner.last == UInt8(ascii: "'") { inner = inner.dropLast() }
        var decoder = EscapeString(bytes: inner, index: inner.startIndex)
        decoder.run()
        guard let text = String(validating: decoder.result, as: UTF8.self) else {
            decoder.problems.append(
                Problem(range: range, reason: "the escapes of this text are not valid UTF-8"))
            return (String(decoding: decoder.result, as: UTF8.self), decoder.problems)
        }
        return (text, decoder.problems)
    }

    private init(bytes: ArraySlice<UInt8>, index: Int) {
        self.bytes = bytes
        self.index = index
    }

    private mutating func run() {
        while index < bytes.endIndex {
            let byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "\\") {
                escape()
            } else {
                if byte == UInt8(ascii: "'"), index < bytes.endIndex, bytes[index] == byte {
                    index += 1
                }
                result.append(byte)
            }
        }
    }

    private mutating func escape() {
        guard index < bytes.endIndex else { return }
        let start = index - 1
        let byte = bytes[index]
        index += 1
        switch byte {
        case UInt8(ascii: "n"): result.append(0x0A)
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "r"): result.append(0x0D)
        case UInt8(ascii: "b"): result.append(0x08)
        case UInt8(ascii: "f"): result.append(0x0C)
        case UInt8(ascii: "x"): hexadecimal(start, digits: 1...2)
        case UInt8(ascii: "u"): hexadecimal(start, digits: 4...4, isScalar: true)
        case UInt8(ascii: "U"): hexadecimal(start, digits: 8...8, isScalar: true)
        case UInt8(ascii: "0")...UInt8(ascii: "7"): octal(first: byte)
        default: result.append(byte)
        }
    }

    private mutating func octal(first: UInt8) {
        var value = Int(first & 7)
        for _ in 0..<2 {
            guard index < bytes.endIndex, bytes[index] &- 0x30 < 8 else { break }
            value = value * 8 + Int(bytes[index] & 7)
            index += 1
        }
        result.append(UInt8(truncatingIfNeeded: value))
    }

    private mutating func hexadecimal(
        _ start: Int, digits: ClosedRange<Int>, isScalar: Bool = false
    ) {
        var value: UInt32 = 0
        var count = 0
        while count < digits.upperBound, index < bytes.endIndex, let digit = bytes[index].hexValue {
            value = value << 4 | UInt32(digit)
            index += 1
            count += 1
        }
        guard count >= digits.lowerBound else {
            let count = digits.lowerBound
            let reason = "this escape needs \(count) hexadecimal digit\(count == 1 ? "" : "s")"
            problems.append(Problem(range: start..<index, reason: reason))
            return
        }
        guard isScalar else { return result.append(UInt8(truncatingIfNeeded: value)) }
        guard let scalar = Unicode.Scalar(value) else {
            problems.append(Problem(range: start..<index, reason: "there is no such character"))
            return
        }
        result.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }
}

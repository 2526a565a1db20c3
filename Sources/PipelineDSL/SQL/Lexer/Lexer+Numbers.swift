extension Lexer {
    /// `1`, `1_000`, `1.5`, `.5`, `1.`, `1e3`, `0x1F`.
    mutating func scanNumber() {
        let start = position
        if peek() == UInt8(ascii: "0"), peek(1) | 0x20 == UInt8(ascii: "x"),
            peek(2).hexValue != nil
        {
            return scanHexadecimal()
        }
        var kind = Token.Kind.integer
        skipDigits()
        if peek() == UInt8(ascii: "."), peek(1) != UInt8(ascii: ".") {
            kind = .decimal
            position += 1
            skipDigits()
        }
        if peek() | 0x20 == UInt8(ascii: "e"), let digits = exponentDigits() {
            kind = .double
            position += digits
            skipDigits()
        }
        finishNumber(kind, from: start)
    }

    private mutating func scanHexadecimal() {
        let start = position
        position += 2
        while position < bytes.count, bytes[position].hexValue != nil || peek() == 0x5F {
            position += 1
        }
        let digits = bytes[start + 2..<position].filter { $0 != 0x5F }.drop { $0 == 0x30 }
        if digits.count > 16 {
            add(.invalid, from: start)
            return report(
                .malformedNumber, "a hexadecimal number has at most 16 digits", start..<position)
        }
        finishNumber(.hexInteger, from: start)
    }

    private mutating func skipDigits() {
        while position < bytes.count, bytes[position].isASCIIDigit || bytes[position] == 0x5F {
            position += 1
        }
    }

    /// How far ahead the digits of an exponent start, `nil` where none follow.
    private func exponentDigits() -> Int? {
        if peek(1).isASCIIDigit { return 1 }
        let isSigned = peek(1) == UInt8(ascii: "+") || peek(1) == UInt8(ascii: "-")
        return isSigned && peek(2).isASCIIDigit ? 2 : nil
    }

    /// A number ends where no word goes on: `12abc` is one mistake, not a number and a name.
    private mutating func finishNumber(_ kind: Token.Kind, from start: Int) {
        let end = position
        while position < bytes.count, bytes[position].isWordByte { position += 1 }
        let text = bytes[start..<position]
        let underscored = hasMisplacedUnderscore(text)
        guard position > end || underscored else { return add(kind, from: start) }
        add(.invalid, from: start)
        let number = String(decoding: bytes[start..<end], as: UTF8.self)
        let written = String(decoding: text.prefix(60), as: UTF8.self)
        report(
            .malformedNumber, "`\(written)` is not a number", start..<position,
            notes: [
                position > end
                    ? "a name starts with a letter; a blank or an operator is missing "
                        + "behind `\(number)`"
                    : "an underscore stands between two digits, as in `1_000`"
            ])
    }

    private func hasMisplacedUnderscore(_ text: ArraySlice<UInt8>) -> Bool {
        guard text.contains(0x5F) else { return false }
        var previousIsDigit = false
        for (offset, byte) in text.enumerated() {
            if byte == 0x5F {
                let next = text.startIndex + offset + 1
                let nextIsDigit = next < text.endIndex && text[next].hexValue != nil
                if !previousIsDigit || !nextIsDigit { return true }
            }
            previousIsDigit = byte.hexValue != nil
        }
        return false
    }
}

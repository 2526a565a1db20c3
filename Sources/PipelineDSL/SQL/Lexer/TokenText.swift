/// What a token means, read from its bytes only when a node is made of it.
struct TokenText {
    let bytes: [UInt8]

    func raw(_ token: Token) -> String { String(decoding: bytes[token.range], as: UTF8.self) }

    /// The text of a word or quoted name, without its quotes.
    func name(_ token: Token) -> String {
        guard token.kind == .quotedName, let quote = bytes[token.range].first else {
            return raw(token)
        }
        return unquoted(token.range, quote: quote)
    }

    /// The text of a string of any kind but `E'…'` and `X'…'`.
    func string(_ token: Token) -> String {
        guard token.kind == .dollarString else {
            return unquoted(token.range, quote: UInt8(ascii: "'"))
        }
        let text = bytes[token.range]
        guard let second = text.dropFirst().firstIndex(of: UInt8(ascii: "$")) else { return "" }
        let tagLength = second - text.startIndex + 1
        let rest = text.dropFirst(tagLength)
        let isClosed = rest.suffix(tagLength).elementsEqual(text.prefix(tagLength))
        return String(decoding: rest.dropLast(isClosed ? tagLength : 0), as: UTF8.self)
    }

    private func unquoted(_ range: Range<Int>, quote: UInt8) -> String {
        var inner = bytes[range].dropFirst()
        if inner.last == quote { inner = inner.dropLast() }
        guard inner.contains(quote) else { return String(decoding: inner, as: UTF8.self) }
        var result: [UInt8] = []
        result.reserveCapacity(inner.count)
        var pending = false
        for byte in inner {
            if byte == quote, pending {
                pending = false
                continue
            }
            pending = byte == quote
            result.append(byte)
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Digits without underscores and needless zeros: `1_000` is `1000`, `.5` is `0.5`, `0x1F`
    /// is `31`, `1E+3` is `1e3`.
    func number(_ token: Token) -> String {
        var digits = bytes[token.range].filter { $0 != 0x5F }.map(\.asciiLowercased)
        if token.kind == .hexInteger {
            let hexadecimal = String(decoding: digits.dropFirst(2), as: UTF8.self)
            return String(UInt64(hexadecimal, radix: 16) ?? 0)
        }
        digits.removeAll { $0 == UInt8(ascii: "+") }
        let zeros = digits.prefix { $0 == 0x30 }.count
        digits.removeFirst(zeros)
        if digits.first.map({ !$0.isASCIIDigit }) ?? true { digits.insert(0x30, at: 0) }
        if let point = digits.firstIndex(of: UInt8(ascii: ".")),
            !(point + 1 < digits.count && digits[point + 1].isASCIIDigit)
        {
            digits.insert(0x30, at: point + 1)
        }
        return String(decoding: digits, as: UTF8.self)
    }

    /// The bytes of `X'00ff'`; `nil` where it is not pairs of hexadecimal digits.
    func bytesLiteral(_ token: Token) -> [UInt8]? {
        let inner = bytes[token.range].dropFirst(2).dropLast()
        guard inner.count % 2 == 0 else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(inner.count / 2)
        var high: UInt8?
        for byte in inner {
            guard let value = byte.hexValue else { return nil }
            if let first = high {
                result.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return result
    }
}

/// `it's` as `'it''s'`.
func quotedText(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
}

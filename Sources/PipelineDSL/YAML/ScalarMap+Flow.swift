/// Plain and quoted scalars: line folding (YAML 1.2.2 § 6.5) and escapes (§ 5.7).
extension ScalarMap {
    static func plain(_ range: Range<Int>, _ bytes: [UInt8]) -> ScalarMap {
        var map = ScalarMap(end: range.upperBound)
        var at = range.lowerBound
        while at < range.upperBound {
            if map.foldWhitespace(&at, range.upperBound, bytes) { continue }
            map.copy(bytes[at], from: at)
            at += 1
        }
        return map
    }

    static func singleQuoted(_ range: Range<Int>, _ bytes: [UInt8]) -> ScalarMap {
        let quote = UInt8(ascii: "'")
        var map = ScalarMap(end: range.upperBound)
        var at = range.lowerBound + 1
        while at < range.upperBound {
            if map.foldWhitespace(&at, range.upperBound, bytes) { continue }
            if bytes[at] == quote {
                guard at + 1 < range.upperBound, bytes[at + 1] == quote else { break }
                map.put([quote], for: at..<(at + 2))
                at += 2
            } else {
                map.copy(bytes[at], from: at)
                at += 1
            }
        }
        return map
    }

    static func doubleQuoted(_ range: Range<Int>, _ bytes: [UInt8]) -> ScalarMap {
        var map = ScalarMap(end: range.upperBound)
        var at = range.lowerBound + 1
        while at < range.upperBound {
            if map.foldWhitespace(&at, range.upperBound, bytes) { continue }
            if bytes[at] == UInt8(ascii: "\"") { break }
            if bytes[at] == UInt8(ascii: "\\") {
                map.unescape(&at, range.upperBound, bytes)
            } else {
                map.copy(bytes[at], from: at)
                at += 1
            }
        }
        return map
    }

    /// At blanks or a line end: keeps blanks within a line, folds a line end into a space, keeps the
    /// empty lines after it. `false` if neither stands at `at`.
    private mutating func foldWhitespace(_ at: inout Int, _ end: Int, _ bytes: [UInt8]) -> Bool {
        let start = at
        while at < end, isYAMLBlank(bytes[at]) { at += 1 }
        guard let first = YAMLBreak(bytes, at, end) else {
            copy(start..<at, of: bytes)
            return at > start
        }
        let firstStart = at
        at += first.length
        if !first.isFolded { put(first.decoded, for: firstStart..<at) }
        if !skipEmptyLines(&at, end, bytes), first.isFolded {
            put([0x20], for: firstStart..<(firstStart + first.length))
        }
        return true
    }

    /// Skips indentation; keeps the breaks of empty lines. `true` if there was any.
    private mutating func skipEmptyLines(_ at: inout Int, _ end: Int, _ bytes: [UInt8]) -> Bool {
        var found = false
        while at < end {
            if isYAMLBlank(bytes[at]) {
                at += 1
            } else if let next = YAMLBreak(bytes, at, end) {
                put(next.decoded, for: at..<(at + next.length))
                at += next.length
                found = true
            } else {
                break
            }
        }
        return found
    }

    private mutating func unescape(_ at: inout Int, _ end: Int, _ bytes: [UInt8]) {
        let start = at
        at += 1
        guard at < end else { return }
        if let escaped = YAMLBreak(bytes, at, end) {
            at += escaped.length
            _ = skipEmptyLines(&at, end, bytes)
            return
        }
        let letter = bytes[at]
        at += 1
        let digits =
            switch letter {
            case UInt8(ascii: "x"): 2
            case UInt8(ascii: "u"): 4
            case UInt8(ascii: "U"): 8
            default: 0
            }
        var value: UInt32 = 0
        for _ in 0..<digits where at < end {
            value = value &<< 4 | UInt32(Character(Unicode.Scalar(bytes[at])).hexDigitValue ?? 0)
            at += 1
        }
        let scalar = digits > 0 ? Unicode.Scalar(value) : Self.simpleEscapes[letter]
        // Not an escape: libyaml has refused it already.
        guard let scalar else { return }
        put(String(scalar).utf8, for: start..<at)
    }

    private static let simpleEscapes: [UInt8: Unicode.Scalar] = [
        UInt8(ascii: "0"): "\0", UInt8(ascii: "a"): "\u{7}", UInt8(ascii: "b"): "\u{8}",
        UInt8(ascii: "t"): "\t", 0x09: "\t", UInt8(ascii: "n"): "\n", UInt8(ascii: "v"): "\u{B}",
        UInt8(ascii: "f"): "\u{C}", UInt8(ascii: "r"): "\r", UInt8(ascii: "e"): "\u{1B}",
        UInt8(ascii: " "): " ", UInt8(ascii: "\""): "\"", UInt8(ascii: "/"): "/",
        UInt8(ascii: "\\"): "\\", UInt8(ascii: "N"): "\u{85}", UInt8(ascii: "_"): "\u{A0}",
        UInt8(ascii: "L"): "\u{2028}", UInt8(ascii: "P"): "\u{2029}",
    ]
}

/// Whether a text is JSON (RFC 8259), for literals; values at run time are the runtime's.
enum JSONSyntax {
    static let maximumDepth = 512

    static func isValid(_ text: String) -> Bool {
        var reader = Reader(bytes: Array(text.utf8))
        return reader.document()
    }

    private struct Reader {
        let bytes: [UInt8]
        var index = 0
        /// The open brackets, innermost last: true for an object.
        var open: [Bool] = []

        init(bytes: [UInt8]) { self.bytes = bytes }

        var current: UInt8 { index < bytes.count ? bytes[index] : 0 }

        mutating func document() -> Bool {
            var expectsValue = true
            while true {
                skipBlanks()
                if expectsValue {
                    switch startValue() {
                    case .opened: continue
                    case .complete: expectsValue = false
                    case .malformed: return false
                    }
                } else if open.isEmpty {
                    return index == bytes.count
                } else {
                    switch afterElement() {
                    case .opened: expectsValue = true
                    case .complete: expectsValue = false
                    case .malformed: return false
                    }
                }
            }
        }

        enum Progress { case opened, complete, malformed }

        /// A scalar, an empty container, or the opening of one up to its first value.
        mutating func startValue() -> Progress {
            switch current {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                let isObject = current == UInt8(ascii: "{")
                index += 1
                skipBlanks()
                if accept(isObject ? "}" : "]") { return .complete }
                guard open.count < JSONSyntax.maximumDepth else { return .malformed }
                open.append(isObject)
                return isObject && !name() ? .malformed : .opened
            case UInt8(ascii: "\""): return string() ? .complete : .malformed
            case UInt8(ascii: "t"): return word("true")
            case UInt8(ascii: "f"): return word("false")
            case UInt8(ascii: "n"): return word("null")
            default: return number() ? .complete : .malformed
            }
        }

        /// A comma and what follows it up to the next value, or a closing bracket.
        mutating func afterElement() -> Progress {
            guard let isObject = open.last else { return .malformed }
            if accept(",") {
                skipBlanks()
                return isObject && !name() ? .malformed : .opened
            }
            guard accept(isObject ? "}" : "]") else { return .malformed }
            open.removeLast()
            return .complete
        }

        /// `"name" :`
        mutating func name() -> Bool {
            guard string() else { return false }
            skipBlanks()
            return accept(":")
        }

        mutating func skipBlanks() {
            while [0x20, 0x09, 0x0A, 0x0D].contains(current) { index += 1 }
        }

        mutating func accept(_ character: Unicode.Scalar) -> Bool {
            guard index < bytes.count, UInt32(bytes[index]) == character.value else { return false }
            index += 1
            return true
        }

        mutating func word(_ text: StaticString) -> Progress {
            for scalar in text.description.unicodeScalars where !accept(scalar) {
                return .malformed
            }
            return .complete
        }

        mutating func string() -> Bool {
            guard accept("\"") else { return false }
            while index < bytes.count {
                let byte = bytes[index]
                index += 1
                if byte == UInt8(ascii: "\"") { return true }
                if byte < 0x20 { return false }
                if byte == UInt8(ascii: "\\"), !escape() { return false }
            }
            return false
        }

        mutating func escape() -> Bool {
            guard index < bytes.count else { return false }
            let byte = bytes[index]
            index += 1
            guard byte == UInt8(ascii: "u") else { return "\"\\/bfnrt".utf8.contains(byte) }
            for _ in 0..<4 {
                guard index < bytes.count, Unicode.Scalar(bytes[index]).properties.isASCIIHexDigit
                else { return false }
                index += 1
            }
            return true
        }

        mutating func number() -> Bool {
            _ = accept("-")
            if !accept("0") {
                guard digits() else { return false }
            }
            if accept("."), !digits() { return false }
            if accept("e") || accept("E") {
                _ = accept("+") || accept("-")
                return digits()
            }
            return true
        }

        mutating func digits() -> Bool {
            let start = index
            while (0x30...0x39).contains(current) { index += 1 }
            return index > start
        }
    }
}

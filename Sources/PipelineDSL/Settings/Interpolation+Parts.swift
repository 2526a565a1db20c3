extension Interpolation {
    /// The text cut at its `${…}`; what is malformed is reported and taken as text.
    public static func parts(_ source: SourceText) -> ([Part], [Diagnostic]) {
        var scanner = PartScanner(source)
        scanner.scan()
        return (scanner.parts, scanner.diagnostics)
    }
}

private struct PartScanner {
    let source: SourceText
    let bytes: [UInt8]
    var parts: [Interpolation.Part] = []
    var diagnostics: [Diagnostic] = []
    private var literal: [UInt8] = []
    private var literalStart = 0
    private var at = 0

    init(_ source: SourceText) {
        self.source = source
        bytes = Array(source.text.utf8)
    }

    mutating func scan() {
        while at < bytes.count {
            if starts("$${") {
                literal.append(contentsOf: "${".utf8)
                at += 3
            } else if starts("${") {
                placeholder()
            } else {
                literal.append(bytes[at])
                at += 1
            }
        }
        endLiteral()
    }

    private func starts(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard at + count <= bytes.count else { return false }
        return text.withUTF8Buffer { $0.elementsEqual(bytes[at..<(at + count)]) }
    }

    private mutating func endLiteral() {
        if !literal.isEmpty {
            add(.literal(String(decoding: literal, as: UTF8.self)), literalStart..<at)
        }
        literal = []
    }

    private mutating func add(_ kind: Interpolation.Part.Kind, _ range: Range<Int>) {
        parts.append(.init(kind: kind, range: range, span: source.span(range)))
    }

    private mutating func placeholder() {
        endLiteral()
        let start = at
        guard let close = bytes[start...].firstIndex(of: UInt8(ascii: "}")) else {
            refuse("`${` without `}`", start..<bytes.count)
            return
        }
        let body = String(decoding: bytes[(start + 2)..<close], as: UTF8.self)
        if let kind = kind(of: body) {
            at = close + 1
            add(kind, start..<at)
        } else {
            refuse("`${\(body)}` is not a name", start..<(close + 1))
        }
        literalStart = at
    }

    /// Keeps the characters as text, so that one mistake is reported once.
    private mutating func refuse(_ message: String, _ range: Range<Int>) {
        diagnostics.append(
            Diagnostic(
                .badInterpolation, message, at: source.span(range),
                notes: [
                    "a parameter is `${name}`, an environment variable `${env:NAME}` or "
                        + "`${env:NAME:-default}`, a secret `${secret:NAME}`",
                    "a text `${` is written `$${`",
                ]))
        literalStart = range.lowerBound
        literal = Array(bytes[range])
        at = range.upperBound
        endLiteral()
        literalStart = at
    }

    private func kind(of body: String) -> Interpolation.Part.Kind? {
        if body.hasPrefix("env:") {
            let name = body.dropFirst(4)
            guard let colon = name.firstIndex(of: ":") else {
                return isName(name) ? .environment(String(name), defaultText: nil) : nil
            }
            guard name[colon...].hasPrefix(":-"), isName(name[..<colon]) else { return nil }
            return .environment(
                String(name[..<colon]), defaultText: String(name[colon...].dropFirst(2)))
        }
        if body.hasPrefix("secret:") {
            let name = body.dropFirst(7)
            return isSecretName(name) ? .secret(String(name)) : nil
        }
        return isName(body[...]) ? .parameter(body) : nil
    }

    private func isName(_ name: Substring) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return name.utf8.allSatisfy { isWord($0) }
    }

    /// Secret stores use paths: `prod/db/password`.
    private func isSecretName(_ name: Substring) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { isWord($0) || "/.-".utf8.contains($0) }
    }

    private func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"): true
        default: false
        }
    }
}

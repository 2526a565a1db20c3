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
            refuse("this reference is never closed", ["`${` ends with `}`"], start..<bytes.count)
            return
        }
        let inside = String(decoding: bytes[(start + 2)..<close], as: UTF8.self)
        switch ParameterReference.reading(inside) {
        case .success(let reference):
            at = close + 1
            add(.reference(reference), start..<at)
        case .failure(let problem): refuse(problem.reason, problem.notes, start..<(close + 1))
        }
        literalStart = at
    }

    /// Keeps the characters as text, so that one mistake is reported once.
    private mutating func refuse(_ reason: String, _ notes: [String], _ range: Range<Int>) {
        diagnostics.append(
            Diagnostic(
                .malformedReference, reason, at: source.span(range),
                notes: notes + ["a text `${` is written `$${`"]))
        literalStart = range.lowerBound
        literal = Array(bytes[range])
        at = range.upperBound
        endLiteral()
    }
}

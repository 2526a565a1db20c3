import PipelineDSL
import Planner

extension Expectations {
    /// Compares rejected rows with those that are expected to be.
    mutating func check(_ expected: ExpectedLetters, _ actual: [ReadLetter]) {
        check(count: expected.count, actual.count, "`dead_letters`")
        guard let wanted = expected.letters else { return }
        let matching = RowMatching(expected: wanted.count, actual: actual.count) { e, a in
            actual[a].differences(from: wanted[e]).isEmpty
        }
        let near = matching.nearest { e, a in
            let letter = wanted[e]
            return letter.facts.count + letter.columns.count
                - actual[a].differences(from: letter).count
        }
        var found: [Diagnostic] = []
        for (index, letter) in wanted.enumerated() where matching.actual[index] == nil {
            found.append(missing(letter, near[index].map { actual[$0] }, actual.count))
        }
        let told = Set(near.values)
        let extra = matching.freeActual.filter { !told.contains($0) }
        if !extra.isEmpty, !expected.allowsMore {
            found.append(
                Diagnostic(
                    .expectationFailed,
                    "\(extra.count) row\(extra.count == 1 ? " was" : "s were") rejected that nothing "
                        + "expects",
                    at: expected.span,
                    notes: extra.prefix(5).map { "+ " + actual[$0].text }
                        + (extra.count > 5 ? ["and \(extra.count - 5) more"] : [])))
        }
        add(found, expected.span)
    }

    private func missing(
        _ letter: ExpectedLetters.Letter, _ nearest: ReadLetter?, _ count: Int
    ) -> Diagnostic {
        let message = "no such row was rejected"
        guard let nearest else {
            return Diagnostic(
                .expectationFailed, message, at: letter.span,
                notes: [
                    count == 0 ? "no row was rejected at all" : "none that was rejected is near it"
                ])
        }
        let differences = nearest.differences(from: letter)
        return Diagnostic(
            .expectationFailed, message, at: differences.first?.span ?? letter.span,
            label: differences.first?.text ?? "",
            notes: ["the nearest: \(nearest.text)"] + differences.map(\.text))
    }
}

/// A dead letter with its row taken apart.
struct ReadLetter {
    struct Difference {
        var text: String
        var span: SourceSpan
    }

    private let letter: TestLetter
    /// The rejected row where it is JSON.
    private let row: JSONValue?
    /// What it holds where it is CSV.
    private let cells: [String: Value]

    init(_ letter: TestLetter, _ csv: RejectedCSV?) {
        self.letter = letter
        row = letter.row.raw.flatMap { try? JSONValue.parse($0) }.flatMap {
            if case .object = $0 { $0 } else { nil }
        }
        cells = row == nil ? letter.row.raw.flatMap { csv?.values($0) } ?? [:] : [:]
    }

    func differences(from expected: ExpectedLetters.Letter) -> [Difference] {
        var found: [Difference] = []
        for fact in expected.facts {
            let actual = self.fact(fact.name)
            let isEqual =
                switch fact.name {
                case "message": actual.contains(fact.text)
                case "code": actual == fact.text.uppercased()
                default: actual == fact.text
                }
            if !isEqual {
                found.append(
                    Difference(
                        text: "\(fact.name): expected \(fact.text), is \(actual)", span: fact.span))
            }
        }
        for column in expected.columns {
            let actual = value(column.name, column.type)
            if actual.map({ column.value.matches($0) }) != true {
                let shown = actual?.testText(column.type) ?? "not known"
                found.append(
                    Difference(
                        text: "\(column.name): expected \(column.value.text), is \(shown)",
                        span: column.span))
            }
        }
        return found
    }

    private func fact(_ name: String) -> String {
        let row = letter.row
        switch name {
        case "rule": return row.rule
        case "node": return letter.node
        case "code": return row.code.description
        case "column": return row.column ?? "null"
        case "line": return row.line.map { String($0) } ?? "null"
        case "object": return row.object
        case "message": return row.message
        default: return row.raw.map { String(decoding: $0, as: UTF8.self) } ?? "null"
        }
    }

    private func value(_ column: String, _ type: DataType) -> Value? {
        guard let value = row?[column] else { return cells[column] }
        switch value {
        case .null: return .null
        case .string(let text), .number(let text): return Value.parse(text, as: type)
        case .boolean(let value): return type == .boolean ? .boolean(value) : nil
        case .array, .object: return type == .json ? .string(value.text) : nil
        }
    }

    var text: String {
        let raw = fact("raw")
        let shown = raw.count > 200 ? raw.prefix(197) + "…" : raw[...]
        return "\(letter.row.rule) of \(letter.node): \(letter.row.message)"
            + (letter.row.raw == nil ? "" : " — \(shown)")
    }
}

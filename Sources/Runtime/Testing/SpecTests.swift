import PipelineDSL
import Planner

/// The tests of a spec, checked against its pipeline.
package struct SpecTests: Sendable {
    package private(set) var tests: [SpecTest] = []
    /// What is wrong with them; a test with mistakes is not among ``tests``.
    package private(set) var diagnostics: [Diagnostic] = []

    /// - Parameters:
    ///   - batch: the plan of the spec.
    ///   - streaming: the same for streaming runs, where it has one; asked for at most once, by the
    ///     first test that has steps.
    package init(
        _ declarations: [TestDeclaration], batch: Plan, streaming: () throws -> Plan?
    ) rethrows {
        let needsStream = declarations.contains { $0.then != nil }
        let stream = needsStream ? try streaming() : nil
        for declaration in declarations {
            guard let plan = declaration.then == nil ? batch : stream else { continue }
            var checker = TestChecker(declaration, plan)
            if let test = checker.check() { tests.append(test) }
            diagnostics += checker.diagnostics
        }
    }
}

/// Checks one test against the plan it is to run.
struct TestChecker {
    private let declaration: TestDeclaration
    private let plan: Plan
    private var values = TestValues()

    var diagnostics: [Diagnostic] { values.diagnostics.all }

    init(_ declaration: TestDeclaration, _ plan: Plan) {
        self.declaration = declaration
        self.plan = plan
    }

    mutating func check() -> SpecTest? {
        let now = now()
        let given = contents(declaration.given, now)
        let steps = declaration.then.map { self.steps($0, now) }
        let expect = declaration.expect
        let expected = expect.nodes.compactMap { rows($0) }
        let letters = expect.deadLetters.map { self.letters($0) }
        let fails = expect.fails.flatMap { code($0) }
        if expect.nodes.isEmpty, letters == nil, expect.late == nil, expect.fails == nil {
            shape(
                "the test `\(declaration.name.value)` expects nothing", at: expect.span,
                "name a node: `expect: { silver.orders: [ … ] }`")
        }
        guard !values.diagnostics.hasErrors else { return nil }
        let replaced = Set(given.map(\.node)).filter { plan[$0]?.kind != .source }
        return SpecTest(
            name: declaration.name.value, span: declaration.name.span,
            plan: TestPlan.make(
                plan, replacing: replaced, wanted: Set(expected.map(\.node)).union(nodes(letters))),
            now: now, given: given, steps: steps, expected: expected, deadLetters: letters,
            late: expect.late, fails: fails)
    }

    private mutating func shape(_ message: String, at span: SourceSpan, _ notes: String...) {
        values.report(Diagnostic(.testShape, message, at: span, notes: notes))
    }

    private mutating func now() -> Int64 {
        let text = declaration.now?.value ?? "2026-01-01T00:00:00Z"
        if case .integer(let now) = Value.parse(text, as: .timestamp) { return now }
        shape(
            "`now` is a timestamp, not `\(text)`", at: declaration.now?.span ?? declaration.span,
            "write it as `2026-01-31T08:15:00Z`")
        return 0
    }

    private mutating func code(_ written: Spanned<String>) -> Spanned<DiagnosticCode>? {
        let text = written.value.uppercased()
        if let code = DiagnosticCode.all.first(where: { $0.description == text }) {
            return Spanned(code, written.span)
        }
        let near = nearName(text, among: DiagnosticCode.all.map(\.description))
        values.report(
            Diagnostic(
                .testShape, "there is no code `\(written.value)`", at: written.span,
                label: near.map { "did you mean `\($0)`?" } ?? "",
                notes: ["a run that fails says its code: `fails: PIPE0504`"]))
        return nil
    }

    // MARK: - Given

    private mutating func contents(
        _ declarations: [GivenDeclaration], _ now: Int64
    ) -> [SpecTest.Given] {
        declarations.compactMap { given in
            guard let node = node(given.node), isGivable(node, given) else { return nil }
            return content(given, node, now).map {
                SpecTest.Given(node: node.name, content: $0, partition: given.partition)
            }
        }
    }

    private mutating func isGivable(_ node: PlanNode, _ given: GivenDeclaration) -> Bool {
        if node.kind == .sink {
            values.report(
                Diagnostic(
                    .testNode, "`\(node.name)` is a sink: nothing can be given to it",
                    at: given.node.span,
                    notes: ["give rows to `\(node.inputs.first ?? "")`, which it reads"]))
            return false
        }
        if node.kind != .source,
            let expected = declaration.expect.nodes.first(where: { $0.node.value == node.name })
        {
            values.report(
                Diagnostic(
                    .testNode, "`\(node.name)` is given and expected", at: given.node.span,
                    label: "the rows given take its place",
                    secondary: [.init(expected.node.span, "so there is nothing to expect here")],
                    notes: ["give rows to what it reads, or expect them of what reads it"]))
            return false
        }
        return true
    }

    private mutating func content(
        _ given: GivenDeclaration, _ node: PlanNode, _ now: Int64
    ) -> TestContent? {
        switch given.content {
        case .rows(let rows):
            return values.given(rows, to: node, object: given.partition, now: now).map { .rows($0) }
        case .file(let path): return hasFormat(node, given) ? .file(path.value, path.span) : nil
        case .lines(let text):
            guard hasFormat(node, given) else { return nil }
            if node.scan?.format?.name == "parquet" {
                shape(
                    "`\(node.name)` reads Parquet, which has no lines", at: text.span,
                    "write `{ file: path }`, or rows")
                return nil
            }
            return .text(Array(text.text.utf8))
        }
    }

    private mutating func hasFormat(_ node: PlanNode, _ given: GivenDeclaration) -> Bool {
        guard node.kind != .source || node.scan?.format == nil else { return true }
        values.report(
            Diagnostic(
                .testFile, "`\(node.name)` has no format to read a file in", at: given.node.span,
                notes: ["write rows: `\(node.name): [ { … } ]`"]))
        return false
    }

    private mutating func steps(
        _ declarations: [TestStepDeclaration], _ now: Int64
    ) -> [SpecTest.Step] {
        declarations.map { step in
            let kind: SpecTest.Step.Kind
            switch step.kind {
            case .advance(let time): kind = .advance(time)
            case .rows(let rows): kind = .rows(contents(rows, now))
            case .crash(let point): kind = .crash(point)
            case .restart: kind = .restart
            case .end: kind = .end
            }
            return SpecTest.Step(kind: kind, span: step.span)
        }
    }

    private mutating func node(_ name: Spanned<String>) -> PlanNode? {
        if let node = plan[name.value] { return node }
        let names = plan.nodes.map(\.name)
        let near = nearName(name.value, among: names)
        values.report(
            Diagnostic(
                .testNode, "there is no node `\(name.value)`", at: name.span,
                label: near.map { "did you mean `\($0)`?" } ?? "",
                notes: ["nodes: \(quotedList(names))"],
                fix: near.map { .init("use `\($0)`", span: name.span, replacement: $0) }))
        return nil
    }

    // MARK: - Expected

    private mutating func rows(_ expectation: RowsExpectation) -> ExpectedRows? {
        guard let node = node(expectation.node) else { return nil }
        checkCount(expectation)
        return ExpectedRows(
            node: node.name, schema: node.schema,
            rows: expectation.rows?.map { row($0, node, expectation.matching) },
            allowsMore: expectation.allowsMore, isOrdered: expectation.isOrdered,
            count: expectation.count, span: expectation.node.span)
    }

    private mutating func checkCount(_ expectation: RowsExpectation) {
        guard let count = expectation.count, let rows = expectation.rows,
            expectation.allowsMore ? count.value < rows.count : count.value != rows.count
        else { return }
        shape(
            "`count` is \(count.value), and \(rows.count) rows are listed", at: count.span,
            "`contains` lists some of the rows, `rows` all of them")
    }

    private mutating func row(
        _ row: YAMLNode, _ node: PlanNode, _ matching: RowsExpectation.Matching
    ) -> ExpectedRows.Row {
        var cells: [ExpectedRows.Cell] = []
        for entry in row.entries ?? [] {
            guard let index = node.schema.index(of: entry.name.value) else {
                values.unknown(entry.name, among: node.schema.names, of: "`\(node.name)`")
                continue
            }
            let field = node.schema.fields[index]
            guard let value = expected(entry.value, field) else { continue }
            cells.append(.init(column: index, value: value, span: entry.value.span))
        }
        if matching == .exact {
            for (index, field) in node.schema.fields.enumerated()
            where !cells.contains(where: { $0.column == index }) {
                cells.append(
                    .init(column: index, value: .value(.null, field.type), span: row.span))
            }
        }
        return ExpectedRows.Row(cells: cells, span: row.span)
    }

    /// A column that is never null may well be expected to be: then the test fails.
    private mutating func expected(_ node: YAMLNode, _ field: Field) -> ExpectedValue? {
        var field = field
        field.nullable = true
        let isNumber = field.type.isFloating || field.type.isInteger
        guard isNumber, node.entries != nil else {
            return values.value(node, field, column: field.name).map { .value($0, field.type) }
        }
        let double = Field(field.name, .double, nullable: false)
        guard node.entries?.count == 2, let near = node["near"], let within = node["within"],
            case .double(let number) = values.value(near, double, column: "near"),
            case .double(let distance) = values.value(within, double, column: "within")
        else {
            values.report(
                Diagnostic(
                    .testValue, "`\(field.name)` is \(field.type), not a mapping", at: node.span,
                    notes: ["write a number, or `{ near: 12.3, within: 0.1 }`"]))
            return nil
        }
        return .near(number, within: distance)
    }

    // MARK: - Dead letters

    private static let facts = [
        "rule", "node", "code", "column", "line", "object", "message", "raw",
    ]

    private func nodes(_ expected: ExpectedLetters?) -> Set<String> {
        let named = expected?.letters?.flatMap(\.facts).filter { $0.name == "node" } ?? []
        return Set(named.map(\.text)).filter { plan[$0] != nil }
    }

    private mutating func letters(_ expectation: RowsExpectation) -> ExpectedLetters {
        checkCount(expectation)
        return ExpectedLetters(
            letters: expectation.rows?.map { letter($0) }, allowsMore: expectation.allowsMore,
            count: expectation.count, span: expectation.node.span)
    }

    private mutating func letter(_ row: YAMLNode) -> ExpectedLetters.Letter {
        var letter = ExpectedLetters.Letter(facts: [], columns: [], span: row.span)
        var columns: [YAMLNode.Entry] = []
        for entry in row.entries ?? [] {
            if entry.name.value == "values", let inner = entry.value.entries {
                columns += inner
            } else if Self.facts.contains(entry.name.value) {
                guard let text = entry.value.scalar?.text else {
                    shape(
                        "`\(entry.name.value)` of a dead letter is a text, not "
                            + entry.value.described, at: entry.value.span)
                    continue
                }
                if entry.name.value == "node" { _ = node(Spanned(text, entry.value.span)) }
                letter.facts.append((entry.name.value, text, entry.value.span))
            } else {
                columns.append(entry)
            }
        }
        let schemas = schemas(of: letter.facts.first { $0.name == "node" }?.text)
        for entry in columns { column(entry, schemas, &letter) }
        return letter
    }

    /// What the rows that a node rejects may look like.
    private func schemas(of name: String?) -> [Schema] {
        guard let name else { return plan.nodes.map(\.schema) }
        guard let node = plan[name] else { return [] }
        return [node.schema] + node.operators.map(\.schema)
            + node.inputs.compactMap { plan[$0]?.schema }
    }

    private mutating func column(
        _ entry: YAMLNode.Entry, _ schemas: [Schema], _ letter: inout ExpectedLetters.Letter
    ) {
        let name = entry.name
        guard let field = schemas.lazy.compactMap({ $0[name.value] }).first else {
            var names: [String] = []
            for other in schemas.flatMap(\.names) where !names.contains(other) {
                names.append(other)
            }
            values.unknown(
                name, among: names + Self.facts, of: "a dead letter here",
                notes: ["besides: \(quotedList(Self.facts)), `values`"])
            return
        }
        guard let value = expected(entry.value, field) else { return }
        letter.columns.append((field.name, field.type, value, entry.value.span))
    }
}

package enum TestGrammar {
    package static let signatures = [
        SettingSignature(
            "given", .node,
            "Rows by source; those of a transform take the place of what it computes."),
        SettingSignature(
            "then", .node,
            "What happens, in order: `advance`, `rows`, `crash`, `restart`, `end`. With it the test "
                + "is a streaming run."),
        SettingSignature(
            "expect", .node, required: true,
            "Rows by node; `dead_letters` for rejected ones, `late` for how many came too late, "
                + "`fails` for a run that must fail."),
        SettingSignature(
            "now", .string, default: "2026-01-01T00:00:00Z", "What the clock shows at the start."),
        SpecGrammar.description,
    ]

    package static let given = [
        SettingSignature("rows", .node, "Rows: columns with their values."),
        SettingSignature(
            "file", .name, "A file, relative to the spec, read in the format of the source."),
        SettingSignature(
            "lines", .string, "The text of a file, read in the format of the source."),
        SettingSignature(
            "partition", .name,
            "The partition or shard that the rows come from; each has an event time of its own."),
    ]

    package static let step = [
        SettingSignature("advance", .duration, "The clock moves on."),
        SettingSignature("rows", .node, "More rows arrive, by source."),
        SettingSignature(
            "crash", .name,
            "The run dies: `after_row_1` within an epoch, `before_commit` at its end, `after_epoch`."
        ),
        SettingSignature("restart", .boolean, "It is started again, from its checkpoint."),
        SettingSignature(
            "end", .boolean, "No row comes any more: windows that are open are complete."),
    ]

    package static let rows = [
        SettingSignature("rows", .node, "All the rows there must be."),
        SettingSignature("contains", .node, "Rows that must be among them."),
        SettingSignature("count", .integer(0...Int64.max), "How many rows there must be."),
        SettingSignature(
            "matching", .choice(RowsExpectation.Matching.allCases.map(\.rawValue)),
            default: "partial",
            "`partial` compares the columns that are named; with `exact` the others must be null."),
        SettingSignature(
            "ordered", .boolean, default: "false", "Whether the rows come in this order."),
    ]

    /// Keys of `expect` that are no nodes.
    package static let outcomes = [
        SettingSignature("late", .integer(0...Int64.max), "How many rows came too late."),
        SettingSignature("fails", .name, "The code that the run fails with: `PIPE0504`."),
    ]
    static let deadLetters = "dead_letters"
}

extension SpecBuilder {
    mutating func readTests(_ section: YAMLNode.Entry) {
        let example = "it_works: { given: {…}, expect: {…} }"
        for entry in declarations(section, example: example) {
            guard declare(entry.name, "test") else { continue }
            let settings = reader.settings(
                entry.value, TestGrammar.signatures, subject: "test `\(entry.name.value)`",
                place: entry.name.span)
            let given = written(settings.node("given")).map { self.given($0, "given") } ?? []
            let then = written(settings.node("then")).map { steps($0) }
            // Where it is missing, that was said.
            guard let node = settings.node("expect") else { continue }
            spec.tests.append(
                TestDeclaration(
                    name: entry.name, description: settings.text("description"),
                    now: settings.spannedName("now"), given: given, then: then,
                    expect: expect(node), span: entry.name.span.through(entry.value.span)))
        }
    }

    private func written(_ node: YAMLNode?) -> YAMLNode? {
        node.flatMap { $0.isNull ? nil : $0 }
    }

    /// Rows, a file or lines by node.
    mutating func given(_ node: YAMLNode, _ name: String) -> [GivenDeclaration] {
        guard let entries = node.entries else {
            reader.wrongType(
                node, "`\(name)` must be a mapping of nodes to rows, not \(node.described)",
                notes: ["write `\(name): { orders: [ { id: 1 } ] }`"])
            return []
        }
        return entries.compactMap { entry in
            content(entry).map {
                GivenDeclaration(
                    node: entry.name, content: $0,
                    partition: entry.value["partition"]?.scalar?.text,
                    span: entry.key.span.through(entry.value.span))
            }
        }
    }

    private mutating func content(_ entry: YAMLNode.Entry) -> GivenDeclaration.Content? {
        if entry.value.isNull { return .rows([]) }
        if entry.value.items != nil { return .rows(rows(entry.value, entry.name.value)) }
        let settings = reader.settings(
            entry.value, TestGrammar.given, subject: "what `\(entry.name.value)` is given",
            place: entry.name.span)
        guard entry.value.entries != nil else { return nil }
        let written = ["rows", "file", "lines"].filter { settings[$0] != nil }
        guard written.count == 1 else {
            if written.isEmpty, entry.value.entries?.isEmpty == false { return nil }
            reader.diagnostics.add(
                Diagnostic(
                    .testShape,
                    written.isEmpty
                        ? "`\(entry.name.value)` is given nothing"
                        : "`\(entry.name.value)` is given \(quotedList(written)) at once",
                    at: entry.value.span, notes: ["one of `rows`, `file` and `lines`"]))
            return nil
        }
        if let lines = settings.expression("lines") { return .lines(lines) }
        if let file = settings.spannedName("file") { return .file(file) }
        return entry.value["rows"].map { .rows(rows($0, entry.name.value)) }
    }

    /// The items that are mappings; what is not is reported.
    mutating func rows(_ node: YAMLNode, _ name: String) -> [YAMLNode] {
        guard let items = node.items else {
            if !node.isNull {
                reader.wrongType(
                    node, "the rows of `\(name)` must be a list, not \(node.described)",
                    notes: ["write `[ { id: 1 }, { id: 2 } ]`"])
            }
            return []
        }
        return items.filter { item in
            if item.entries != nil { return true }
            reader.wrongType(
                item, "a row must be a mapping of columns to values, not \(item.described)",
                notes: ["write `{ id: 1, name: a }`"])
            return false
        }
    }
}

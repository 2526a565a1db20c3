extension SpecBuilder {
    /// What `then` says, in order.
    mutating func steps(_ node: YAMLNode) -> [TestStepDeclaration] {
        guard let items = node.items else {
            reader.wrongType(
                node, "`then` must be a list of steps, not \(node.described)",
                notes: ["write `then: [ { advance: 1 hour }, { crash: after_epoch } ]`"])
            return []
        }
        let steps = items.compactMap { item -> TestStepDeclaration? in
            switch item.scalar?.text {
            case "restart": return TestStepDeclaration(.restart, span: item.span)
            case "end": return TestStepDeclaration(.end, span: item.span)
            default: return step(item).map { TestStepDeclaration($0, span: item.span) }
            }
        }
        if let end = steps.firstIndex(where: { $0.kind == .end }), end + 1 < steps.count {
            reader.diagnostics.add(
                Diagnostic(
                    .testShape, "nothing can happen after the end", at: steps[end + 1].span,
                    secondary: [.init(steps[end].span, "`end` stands here")]))
        }
        return steps
    }

    private mutating func step(_ node: YAMLNode) -> TestStepDeclaration.Kind? {
        let before = reader.diagnostics.all.count
        let settings = reader.settings(node, TestGrammar.step, subject: "a step of a test")
        guard node.entries != nil else { return nil }
        guard settings.entries.count == 1 else {
            if reader.diagnostics.all.count == before {
                let names = TestGrammar.step.map(\.name)
                reader.diagnostics.add(
                    Diagnostic(
                        .testShape,
                        settings.entries.isEmpty
                            ? "a step says nothing" : "a step does more than one thing",
                        at: node.span, label: settings.entries.isEmpty ? "" : "make it two steps",
                        notes: ["each step is one of \(quotedList(names))"]))
            }
            return nil
        }
        if let time = settings.duration("advance") { return .advance(time) }
        if let rows = node["rows"] { return .rows(given(rows, "rows")) }
        if let point = settings.spannedName("crash") { return crash(point).map { .crash($0) } }
        if settings.boolean("restart") == true { return .restart }
        if settings.boolean("end") == true { return .end }
        reader.diagnostics.add(
            Diagnostic(
                .testShape, "a step that is `false` does nothing", at: node.span,
                notes: ["leave it out"]))
        return nil
    }

    private mutating func crash(
        _ point: Spanned<String>
    ) -> TestStepDeclaration.CrashPoint? {
        switch point.value {
        case "before_commit": return .beforeCommit
        case "after_epoch": return .afterEpoch
        default: break
        }
        let prefix = "after_row_"
        if point.value.hasPrefix(prefix), let row = Int(point.value.dropFirst(prefix.count)),
            row >= 1
        {
            return .afterRow(row)
        }
        let points = ["after_row_1", "before_commit", "after_epoch"]
        let near = reader.suggestion(point.value, among: points)
        reader.diagnostics.add(
            Diagnostic(
                .testShape, "a run cannot crash at `\(point.value)`", at: point.span,
                label: near.map { "did you mean `\($0)`?" } ?? "",
                notes: [
                    "`after_row_1` (or any other number), `before_commit` and `after_epoch`"
                ],
                fix: near.map { .init("use `\($0)`", span: point.span, replacement: $0) }))
        return nil
    }

    // MARK: - Expectations

    mutating func expect(_ node: YAMLNode) -> ExpectDeclaration {
        var result = ExpectDeclaration(span: node.span)
        guard let entries = node.entries else {
            if !node.isNull {
                reader.wrongType(
                    node, "`expect` must be a mapping of nodes to rows, not \(node.described)",
                    notes: ["write `expect: { silver.orders: [ { id: 1 } ] }`"])
            }
            return result
        }
        for entry in entries {
            switch entry.name.value {
            case "late", "fails": outcome(entry, &result)
            case TestGrammar.deadLetters: result.deadLetters = expectation(entry)
            default: if let rows = expectation(entry) { result.nodes.append(rows) }
            }
        }
        return result
    }

    private mutating func outcome(
        _ entry: YAMLNode.Entry, _ result: inout ExpectDeclaration
    ) {
        guard
            let signature = TestGrammar.outcomes.first(where: { $0.name == entry.name.value }),
            let value = reader.value(
                entry.value, signature.kind, name: signature.name, place: entry.name.span)
        else { return }
        switch value.kind {
        case .integer(let count): result.late = Spanned(count, value.span)
        case .symbol(let code): result.fails = Spanned(code, value.span)
        default: break
        }
    }

    private mutating func expectation(_ entry: YAMLNode.Entry) -> RowsExpectation? {
        let name = entry.name
        let span = name.span.through(entry.value.span)
        if entry.value.items != nil || entry.value.isNull {
            return RowsExpectation(
                node: name, rows: rows(entry.value, name.value), span: span)
        }
        let settings = reader.settings(
            entry.value, TestGrammar.rows, subject: "what is expected of `\(name.value)`",
            place: name.span)
        guard entry.value.entries != nil else { return nil }
        if let rows = settings.keySpan("rows"), let contains = settings.keySpan("contains") {
            conflict("rows", rows, "contains", contains, "`rows` are all, `contains` some of them")
            return nil
        }
        let listed = entry.value["rows"] ?? entry.value["contains"]
        guard listed != nil || settings["count"] != nil else {
            reader.diagnostics.add(
                Diagnostic(
                    .testShape, "nothing is expected of `\(name.value)`", at: entry.value.span,
                    notes: ["`rows`, `contains` or `count` say what must be there"]))
            return nil
        }
        return RowsExpectation(
            node: name, rows: listed.map { rows($0, name.value) },
            allowsMore: entry.value["rows"] == nil && listed != nil,
            matching: settings.string("matching").flatMap { .init(rawValue: $0) } ?? .partial,
            isOrdered: settings.boolean("ordered") ?? false,
            count: settings["count"].flatMap { value in
                if case .integer(let count) = value.kind { Spanned(count, value.span) } else { nil }
            },
            span: span)
    }
}

import PipelineDSL

extension SelectBlock {
    /// A column of the select list.
    struct Item {
        var name: String
        /// Whether the name is neither an alias nor that of a column.
        var isImplicit: Bool
        var expression: TypedExpression
        var span: SourceSpan
    }

    func typeItems() -> [Item]? {
        var items: [Item] = []
        var isComplete = true
        var named = 0
        defer { context.visibleAliases = 0 }
        for item in select.items {
            // Names before this one can be used in it.
            context.visibleAliases = named
            if item.alias != nil { named += 1 }
            if let typed = type(item, number: items.count + 1) {
                items += typed
            } else {
                isComplete = false
            }
        }
        return isComplete ? distinctlyNamed(items) : nil
    }

    private func type(_ item: SelectItem, number: Int) -> [Item]? {
        if case .star(let qualifier, let exclude) = item.expression.kind {
            return star(qualifier, exclude, item.expression.span)
        }
        guard let expression = at(.select, { $0.whole(item.expression) }) else { return nil }
        let implicit = item.expression.implicitName
        let isNamed = item.alias != nil || implicit?.isColumn ?? false
        return [
            Item(
                name: item.alias?.text ?? implicit?.name ?? "column\(number)",
                isImplicit: !isNamed, expression: expression, span: item.expression.span)
        ]
    }

    /// Two counts are `count` and `count_2`; names that a user wrote stay as they are.
    private func distinctlyNamed(_ items: [Item]) -> [Item] {
        var taken = Set(items.filter { !$0.isImplicit }.map { $0.name.lowercased() })
        return items.map { item in
            guard item.isImplicit else { return item }
            var item = item
            item.name = distinctName(item.name, "_", from: 2, &taken)
            return item
        }
    }

    // MARK: Stars

    private func star(
        _ qualifier: [Identifier], _ exclude: [Identifier], _ span: SourceSpan
    ) -> [Item]? {
        guard !typer.scope.columns.isEmpty else {
            report(
                .starWithoutTable, "`*` lists the columns of tables, and there is no `FROM`",
                at: span)
            return nil
        }
        guard let columns = starColumns(qualifier) else { return nil }
        guard let excluded = excluded(exclude, from: columns) else { return nil }
        return columns.filter { !excluded.contains($0.index) }.map { column in
            Item(
                name: column.field.name, isImplicit: false,
                expression: TypedExpression(
                    .column(column.index), type: column.field.type,
                    nullable: column.field.nullable, fallible: false, span: span), span: span)
        }
    }

    private func starColumns(_ qualifier: [Identifier]) -> [Scope.Column]? {
        let scope = typer.scope
        guard !qualifier.isEmpty else { return scope.unqualified }
        let tables = scope.tables(answeringTo: qualifier.map(\.text))
        if let table = tables.first { return scope.columns(of: table) }
        let written = qualifier.map(\.text).joined(separator: ".")
        let names = scope.tables.filter { !$0.path.isEmpty }.map(\.name)
        let near = nearName(written, among: names)
        let span = qualifier[0].span.through(qualifier[qualifier.count - 1].span)
        planner.report(
            .unknownQualifier, "`\(written)` is not a table of this query", at: span,
            label: near.map { "did you mean `\($0)`?" } ?? "",
            notes: names.isEmpty ? [] : ["tables here: \(names.joined(separator: ", "))"],
            fix: near.map { Diagnostic.Fix("write `\($0)`", span: span, replacement: $0) })
        return nil
    }

    private func excluded(_ names: [Identifier], from columns: [Scope.Column]) -> Set<Int>? {
        var excluded: Set<Int> = []
        var isComplete = true
        for name in names {
            let lowered = name.text.lowercased()
            let matching = columns.filter { $0.field.name.lowercased() == lowered }
            if matching.isEmpty {
                typer.reportColumn(name, in: columns, typer.scope.title)
                isComplete = false
            }
            excluded.formUnion(matching.map(\.index))
        }
        return isComplete ? excluded : nil
    }
}

extension Expression {
    /// What a column of the select list is called without `AS`: as its column, function or keyword.
    var implicitName: (name: String, isColumn: Bool)? {
        switch kind {
        case .name(let path): path.last.map { ($0.text, true) }
        case .field(_, let name): (name.text, true)
        case .call(let call): (call.name.text.lowercased(), false)
        case .cast(let operand, let name, _):
            operand.implicitName.map { ($0.name, false) }
                ?? name.type.map { (Self.word(of: $0), false) }
        case .caseWhen: ("case", false)
        case .exists: ("exists", false)
        case .array: ("array", false)
        case .extract: ("extract", false)
        case .element(let operand, _): operand.implicitName.map { ($0.name, false) }
        case .subquery(let query): query.onlyItem?.implicitName.map { ($0.name, false) }
        default: nil
        }
    }

    private static func word(of type: DataType) -> String {
        String(type.description.prefix { $0 != "(" && $0 != "<" })
    }
}

extension Query {
    fileprivate var onlyItem: Expression? {
        guard case .select(let select) = body, select.items.count == 1 else { return nil }
        return select.items[0].expression
    }
}

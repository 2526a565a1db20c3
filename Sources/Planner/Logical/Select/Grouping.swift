import PipelineDSL

/// Where the keys and aggregates of a group stand in its row.
struct Grouping {
    /// As typed over the rows before grouping.
    var keys: [TypedExpression]
    /// Columns before the keys: the bounds of an event-time window.
    var offset: Int
    /// Keys that connect the rows with the query around.
    var outer: [(inner: TypedExpression, outer: TypedExpression)] = []
    /// One group of all rows, even of none.
    var isGlobal = false
    var fields = Schema()

    init(keys: [TypedExpression], offset: Int) {
        self.keys = keys
        self.offset = offset
    }

    private var callOffset: Int { offset + keys.count + outer.count }

    /// Position of the n-th key that connects the rows with the query around.
    func outerPosition(_ index: Int) -> Int { offset + keys.count + index }

    /// Over the row of the group; `nil` where it reads what has many values there.
    func resolved(_ expression: TypedExpression, in block: SelectBlock) -> TypedExpression? {
        if let key = keys.firstIndex(of: expression) {
            return column(offset + key, expression.span)
        }
        if expression == block.context.eventWindow { return column(0, expression.span) }
        if case .column(let index) = expression.kind { return place(index, expression, block) }
        guard !expression.children.isEmpty else { return expression }
        var children: [TypedExpression] = []
        var isComplete = true
        for child in expression.children {
            if let child = resolved(child, in: block) {
                children.append(child)
            } else {
                isComplete = false
            }
        }
        guard isComplete else { return nil }
        var copy = expression.withChildren(children)
        if children.contains(where: \.isNullable), copy.isStrictOperation { copy.isNullable = true }
        return copy
    }

    private func place(
        _ index: Int, _ expression: TypedExpression, _ block: SelectBlock
    ) -> TypedExpression? {
        if let call = VirtualColumn.Family.aggregates.index(index) {
            return column(callOffset + call, expression.span)
        }
        if let bound = VirtualColumn.Family.grouping.index(index) {
            return column(bound, expression.span)
        }
        if VirtualColumn.outerIndex(index) != nil { return expression }
        guard VirtualColumn.isReal(index) else { return block.placed(expression) }
        block.reportNotGrouped(index, expression.span)
        return nil
    }

    private func column(_ index: Int, _ span: SourceSpan?) -> TypedExpression? {
        fields.fields.indices.contains(index) ? .column(index, of: fields, span: span) : nil
    }
}

extension TypedExpression {
    /// Null where an operand is; a key that a grouping set leaves out makes it so.
    fileprivate var isStrictOperation: Bool {
        switch kind {
        case .isNull, .coalesce, .caseWhen: false
        case .call(let name, _):
            FunctionCatalogue.standard[name]?.overloads.first?.nulls.isStrict ?? true
        default: true
        }
    }
}

extension SelectBlock {
    func reportNotGrouped(_ index: Int, _ span: SourceSpan?) {
        guard let column = typer.scope.columns.first(where: { $0.index == index }) else { return }
        let name = SQLPrinter.identifier(column.field.name)
        let isLastClause = select.having == nil && select.qualify == nil && select.windows.isEmpty
        var fix: Diagnostic.Fix?
        if var place = select.groupSpan ?? (isLastClause ? select.span : nil) {
            place.start = place.end
            let text = select.groupSpan == nil ? " GROUP BY \(name)" : ", \(name)"
            fix = Diagnostic.Fix("group by it", span: place, replacement: text)
        }
        let secondary = select.groupSpan.map { [Diagnostic.Label($0, "grouped by this")] } ?? []
        report(
            .notGrouped, "`\(column.field.name)` is neither grouped nor aggregated",
            at: span ?? select.span,
            notes: ["group by it, or say which of its values: `max(\(name))`, `first(\(name))`"],
            secondary: secondary, fix: fix)
    }
}

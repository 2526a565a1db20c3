import PipelineDSL

extension QueryPlanner {
    func join(
        _ kind: JoinKind, _ left: TableReference, _ right: TableReference,
        _ condition: JoinCondition, _ span: SourceSpan, _ others: [TableRelation],
        _ environment: Environment
    ) -> TableRelation? {
        let planned = table(left, beside: others, environment)
        if let unnest = lateral(right) {
            guard let planned else { return nil }
            return joinUnnest(kind, planned, unnest, right, condition, environment)
        }
        let beside = others + (planned.map { [$0] } ?? [])
        let other = table(right, beside: beside, environment)
        guard let planned, let other else { return nil }
        if let repeated = other.scope.tables.first(where: { table in
            !table.path.isEmpty && planned.scope.tables.contains { $0 == table }
        }) {
            reportRepeated(repeated.name, right.span)
            return nil
        }
        let side = JoinSides(kind: kind, left: planned, right: other, span: span)
        switch condition {
        case .none: return side.joined([], nil, scope: side.scope)
        case .on(let expression): return joinOn(side, expression, environment)
        case .using(let names): return joinUsing(side, names)
        case .natural: return joinUsing(side, commonNames(side, span))
        }
    }

    /// `JOIN UNNEST(t.xs) AS x ON TRUE`
    private func joinUnnest(
        _ kind: JoinKind, _ left: TableRelation, _ unnest: LateralUnnest,
        _ reference: TableReference, _ condition: JoinCondition, _ environment: Environment
    ) -> TableRelation? {
        var isAlways = false
        switch condition {
        case .none: isAlways = true
        case .on(let expression): isAlways = expression.kind == .literal(.boolean(true))
        case .using, .natural: break
        }
        guard isAlways, kind == .inner || kind == .cross || kind == .left else {
            report(
                .unsupportedJoin,
                "`UNNEST` is joined with `CROSS JOIN`, or with `LEFT JOIN … ON TRUE`",
                at: reference.span, notes: ["conditions on the elements stand in `WHERE`"])
            return nil
        }
        return self.unnest(unnest, reference, left, keepEmpty: kind == .left, environment)
    }

    // MARK: ON

    private func joinOn(
        _ side: JoinSides, _ expression: Expression, _ environment: Environment
    ) -> TableRelation? {
        let context = QueryContext(place: .join) { _, _, _, _ in nil }
        var typer = self.typer(side.product, environment, context)
        guard let condition = typer.wholeCondition(expression, of: "ON") else { return nil }
        guard !condition.readsOuter else {
            report(
                .unsupportedCorrelation,
                "a join condition cannot use a column of the query around this one",
                at: expression.span, notes: ["move that part of the condition to `WHERE`"])
            return nil
        }
        var keys: [(TypedExpression, TypedExpression)] = []
        var rest: [TypedExpression] = []
        for conjunct in condition.conjuncts where conjunct.literal != .boolean(true) {
            if let key = side.key(conjunct) { keys.append(key) } else { rest.append(conjunct) }
        }
        let residual = rest.isEmpty ? nil : ExpressionTyper.and(rest, rest[0].span)
        return side.joined(keys, residual, scope: side.scope)
    }

    // MARK: USING, NATURAL

    private func commonNames(_ side: JoinSides, _ span: SourceSpan) -> [Identifier] {
        let others = Set(side.right.scope.unqualified.map { $0.field.name.lowercased() })
        return side.left.scope.unqualified.map(\.field.name).filter {
            others.contains($0.lowercased())
        }.map { Identifier($0, quoted: true, span: span) }
    }

    private func joinUsing(_ side: JoinSides, _ names: [Identifier]) -> TableRelation? {
        var pairs: [(left: Scope.Column, right: Scope.Column)] = []
        var keys: [(TypedExpression, TypedExpression)] = []
        for name in names {
            guard let left = column(name, of: side.left), let right = column(name, of: side.right)
            else { return nil }
            let a = side.left.node.column(left.index, span: name.span)
            let b = side.right.node.column(right.index, span: name.span)
            guard let type = TypeRules.common(a.type, b.type),
                TypeRules.belongs(type, to: .comparable)
            else {
                report(
                    .incomparableTypes,
                    "`\(name.text)` is \(a.type) on the left and \(b.type) on the right",
                    at: name.span, notes: ["join with `ON` and a cast"])
                return nil
            }
            pairs.append((left, right))
            keys.append((a.converted(to: type), b.converted(to: type)))
        }
        return side.joined(keys, nil, merging: pairs)
    }

    private func column(_ name: Identifier, of side: TableRelation) -> Scope.Column? {
        switch side.scope.match(name.text, in: side.scope.unqualified) {
        case .found(let column): return column
        case .none:
            typer(side.scope, Environment()).reportColumn(
                name, in: side.scope.unqualified, side.scope.title)
        case .ambiguous(let columns):
            report(
                .ambiguousColumn, "`\(name.text)` is a column of more than one table",
                at: name.span,
                notes: [
                    "join with `ON`: \(columns.map { side.scope.name(of: $0) }.joined(separator: " or "))"
                ])
        }
        return nil
    }
}

/// Both sides of a join before it is made.
struct JoinSides {
    var kind: JoinKind
    var left: TableRelation
    var right: TableRelation
    var span: SourceSpan

    /// All columns of both, as the condition sees them.
    var product: Scope { left.scope.joined(with: right.scope, offset: left.width) }

    /// What is visible afterwards.
    var scope: Scope {
        switch kind {
        case .semi, .anti: left.scope
        case .inner, .cross: product
        case .left: left.scope.joined(with: right.scope.nullable(), offset: left.width)
        case .right: left.scope.nullable().joined(with: right.scope, offset: left.width)
        case .full: left.scope.nullable().joined(with: right.scope.nullable(), offset: left.width)
        }
    }

    /// Where the conjunct says that something of the left equals something of the right.
    func key(_ conjunct: TypedExpression) -> (TypedExpression, TypedExpression)? {
        guard case .call("eq", let operands) = conjunct.kind, operands.count == 2 else {
            return nil
        }
        let isLeft = operands.map { $0.isOver(0..<left.width) }
        let isRight = operands.map { $0.isOver(left.width..<(left.width + right.width)) }
        let shift = { (e: TypedExpression) in e.mapColumns { $0 - left.width } }
        if isLeft[0], isRight[1] { return (operands[0], shift(operands[1])) }
        if isLeft[1], isRight[0] { return (operands[1], shift(operands[0])) }
        return nil
    }

    func joined(
        _ keys: [(TypedExpression, TypedExpression)], _ residual: TypedExpression?, scope: Scope
    ) -> TableRelation {
        let isCross = kind == .inner && keys.isEmpty && residual == nil
        let join = Join(
            kind: isCross ? .cross : kind, leftKeys: keys.map(\.0), rightKeys: keys.map(\.1),
            residual: residual)
        return TableRelation(
            node: left.node.joined(join, with: right.node, span: span), scope: scope)
    }

    /// `USING`: of each pair one column is left; that of the side which is always there, or for a
    /// full join the first that is not null.
    func joined(
        _ keys: [(TypedExpression, TypedExpression)], _ residual: TypedExpression? = nil,
        merging pairs: [(left: Scope.Column, right: Scope.Column)]
    ) -> TableRelation {
        var result = joined(keys, residual, scope: scope)
        guard kind != .semi, kind != .anti, !pairs.isEmpty else { return result }
        var merged: [Scope.Column] = []
        var hidden: Set<Int> = []
        var added: [NamedExpression] = []
        for (pair, key) in zip(pairs, keys) {
            let (a, b) = (pair.left.index, pair.right.index + left.width)
            guard kind == .full else {
                hidden.insert(kind == .right ? a : b)
                merged += result.scope.columns.filter { $0.index == (kind == .right ? b : a) }
                continue
            }
            hidden.formUnion([a, b])
            let value = fullKey(a, b, key.0.type, result.node)
            let field = Field(
                pair.left.field.name, value.type, nullable: true, pii: pair.left.field.pii)
            merged.append(
                Scope.Column(field, table: nil, index: result.width + added.count))
            added.append(NamedExpression(field.name, value, pii: field.pii))
        }
        if !added.isEmpty { result.node = appending(added, to: result.node) }
        let mergedIndices = Set(merged.map(\.index))
        let rest = result.scope.columns.filter { !mergedIndices.contains($0.index) }.map { column in
            var column = column
            if hidden.contains(column.index) { column.isMerged = true }
            return column
        }
        result.scope.columns = merged + rest
        return result
    }

    private func fullKey(
        _ a: Int, _ b: Int, _ type: DataType, _ node: LogicalNode
    ) -> TypedExpression {
        let operands = [node.column(a).converted(to: type), node.column(b).converted(to: type)]
        return ExpressionTyper.coalesce(operands, type: type, span)
    }

    private func appending(_ columns: [NamedExpression], to node: LogicalNode) -> LogicalNode {
        let own = node.schema.fields.indices.map {
            NamedExpression(
                node.schema.fields[$0].name, node.column($0), pii: node.schema.fields[$0].pii)
        }
        return node.projected(own + columns, span: span)
    }
}

extension TypedExpression {
    /// Reads at least one column, and only such.
    func isOver(_ positions: Range<Int>) -> Bool {
        let read = columns
        return !read.isEmpty && read.allSatisfy { positions.contains($0) }
    }
}

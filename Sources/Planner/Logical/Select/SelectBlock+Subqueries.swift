import PipelineDSL

/// A subquery whose value is needed: how it is joined, and what then stands for it.
struct PendingSubquery {
    var index: Int
    /// Joins it to the block's rows and yields its value over them.
    var attach: (SelectBlock) -> TypedExpression?
}

extension SelectBlock {
    /// Joins all of them.
    func attach(_ pending: [PendingSubquery]) -> Bool {
        var isComplete = true
        for subquery in pending {
            if let value = subquery.attach(self) {
                subqueryValues[subquery.index] = value
            } else {
                isComplete = false
            }
        }
        return isComplete
    }

    /// A subquery in an expression: the virtual column that stands for its value.
    func subquery(
        _ use: SubqueryUse, _ query: Query, _ span: SourceSpan, _ typer: inout ExpressionTyper
    ) -> TypedExpression? {
        guard let planned = plan(query) else { return nil }
        let plan: SubqueryPlan?
        switch use {
        case .scalar: plan = scalar(planned, query, span)
        case .exists: plan = existence(planned, span)
        case .member(let operand, let negated):
            plan = membership(operand, negated: negated, planned, query, span)
        }
        guard let plan else { return nil }
        let index = before.count + after.count
        let pending = PendingSubquery(index: index, attach: plan.attach)
        let isEarly =
            ["WHERE", "GROUP BY"].contains(context.place.name) || context.isInsideAggregate
        if isEarly { before.append(pending) } else { after.append(pending) }
        return TypedExpression(
            .column(VirtualColumn.Family.subqueries.column(index)), type: plan.type,
            nullable: plan.isNullable, fallible: false, span: span)
    }

    struct SubqueryPlan {
        var type: DataType
        var isNullable: Bool
        var attach: (SelectBlock) -> TypedExpression?
    }

    private func plan(_ query: Query) -> Planned? {
        var inner = environment
        inner.outer = typer.scope
        return planner.planSubquery(query, in: inner)
    }

    /// The outer sides of the keys, over the rows of this block.
    private func outerKeys(_ planned: Planned) -> [TypedExpression]? {
        guard let keys = resolved(planned.keys.map(\.outer)) else { return nil }
        return keys.contains { rejectOuter($0) } ? nil : keys
    }

    // MARK: A value

    private func scalar(_ planned: Planned, _ query: Query, _ span: SourceSpan) -> SubqueryPlan? {
        guard isOneColumn(planned, query, "stands for a value") else { return nil }
        guard planned.residual.isEmpty else {
            reportCorrelation(planned.residual[0], "where it stands for a value")
            return nil
        }
        let field = planned.node.schema.fields[0]
        guard !planned.keys.isEmpty else {
            let row = planned.node.hasExactlyOneRow ? planned.node : single(planned, span)
            let isNullable = row.schema.fields[0].nullable
            return SubqueryPlan(type: field.type, isNullable: isNullable) { block in
                block.cross(row, span)
            }
        }
        let empty = planned.emptyRow?.first
        // A group of its own for each key has one row already.
        let rows = empty == nil ? single(planned, span) : planned.node.reordered(planned.keys, span)
        guard let empty, !empty.isNullLiteral else {
            return SubqueryPlan(type: field.type, isNullable: true) { block in
                guard let keys = block.outerKeys(planned) else { return nil }
                return block.leftJoin(rows, keys: keys, span).of(keys.count)
            }
        }
        // A count of nothing is 0, which a join without a match does not know.
        let isNullable = field.nullable || empty.isNullable
        return SubqueryPlan(type: field.type, isNullable: isNullable) { block in
            guard let keys = block.outerKeys(planned) else { return nil }
            let value = block.leftJoin(rows.marked(span), keys: keys, span)
            let missing = ExpressionTyper.isNull(value.marker)
            var result = ExpressionTyper.caseWhen(
                [TypedExpression.Branch(when: missing, then: empty)],
                otherwise: value.of(keys.count), span)
            result.isNullable = isNullable
            return result
        }
    }

    private func isOneColumn(_ planned: Planned, _ query: Query, _ what: String) -> Bool {
        guard planned.visible != 1 else { return true }
        report(
            .subqueryColumns,
            "a subquery that \(what) has one column, and this has \(planned.visible)",
            at: query.span)
        return false
    }

    /// Keys first, then the only value of each; more than one is an error of the run.
    private func single(_ planned: Planned, _ span: SourceSpan) -> LogicalNode {
        let node = planned.node
        let keys = planned.keys.enumerated().map {
            NamedExpression("key\($0 + 1)", node.column($1.position))
        }
        let field = node.schema.fields[0]
        let call = Aggregate.Call(
            name: field.name, function: "single_value", arguments: [node.column(0)],
            type: field.type, nullable: true, span: span)
        return node.aggregated(Aggregate(groups: keys, calls: [call]), span: span)
    }

    // MARK: EXISTS

    private func existence(_ planned: Planned, _ span: SourceSpan) -> SubqueryPlan? {
        guard planned.residual.isEmpty else {
            reportCorrelation(planned.residual[0], "outside of a `WHERE` of its own")
            return nil
        }
        if planned.emptyRow != nil {
            return SubqueryPlan(type: .boolean, isNullable: false) { _ in
                .literal(.boolean(true), .boolean, span: span)
            }
        }
        guard planned.keys.isEmpty else {
            let rows = planned.node.picking(planned.keys.map(\.position), span: span)
                .distinct(span: span).marked(span)
            return SubqueryPlan(type: .boolean, isNullable: false) { block in
                guard let keys = block.outerKeys(planned) else { return nil }
                let joined = block.leftJoin(rows, keys: keys, span)
                return ExpressionTyper.not(ExpressionTyper.isNull(joined.marker), span)
            }
        }
        let counted = planned.node.limited(Limit(count: 1)).aggregated(
            Aggregate(groups: [], calls: [.countRows]), span: span)
        return SubqueryPlan(type: .boolean, isNullable: false) { block in
            block.cross(counted, span).map { $0.isPositive(span) }
        }
    }

    // MARK: IN

    private func membership(
        _ operand: TypedExpression, negated: Bool, _ planned: Planned, _ query: Query,
        _ span: SourceSpan
    ) -> SubqueryPlan? {
        guard isOneColumn(planned, query, "stands behind `IN`") else { return nil }
        guard planned.residual.isEmpty, planned.emptyRow == nil else {
            reportCorrelation(planned.residual.first ?? operand, "outside of a `WHERE` of its own")
            return nil
        }
        guard let pair = comparable(operand, planned, query.span, span) else { return nil }
        let keys = planned.keys.enumerated().map {
            NamedExpression("key\($0 + 1)", planned.node.column($1.position))
        }
        let values = planned.node.projected(
            keys + [NamedExpression("value", pair.value)], span: span)
        let found = values.distinct(span: span).marked(span)
        let isDecided = !pair.operand.isNullable && !pair.value.isNullable
        let statistics = isDecided ? nil : values.counted(keys.count, span)
        return SubqueryPlan(type: .boolean, isNullable: !isDecided) { block in
            guard let outer = block.outerKeys(planned),
                let operand = block.resolved(pair.operand), !block.rejectOuter(operand)
            else { return nil }
            let match = block.leftJoin(found, keys: outer + [operand], span)
            var test = ExpressionTyper.not(ExpressionTyper.isNull(match.marker), span)
            if let statistics {
                let counts = block.counts(statistics, outer, span)
                test = Self.unknownIfUndecided(test, operand, counts, span)
            }
            return negated ? ExpressionTyper.not(test, span) : test
        }
    }

    /// `CASE WHEN found THEN TRUE WHEN nothing is there THEN FALSE WHEN x or a value is null THEN NULL
    /// ELSE FALSE END`
    private static func unknownIfUndecided(
        _ found: TypedExpression, _ operand: TypedExpression,
        _ counts: (all: TypedExpression, present: TypedExpression), _ span: SourceSpan
    ) -> TypedExpression {
        func literal(_ value: Bool?) -> TypedExpression {
            .literal(value.map { .boolean($0) } ?? .null, .boolean)
        }
        let isEmpty = ExpressionTyper.not(counts.all.isPositive(span))
        let hasNull = TypedExpression(
            .call("lt", [counts.present, counts.all]), type: .boolean, nullable: false,
            fallible: false, span: span)
        let isUnknown = ExpressionTyper.or([ExpressionTyper.isNull(operand), hasNull])
        return ExpressionTyper.caseWhen(
            [
                TypedExpression.Branch(when: found, then: literal(true)),
                TypedExpression.Branch(when: isEmpty, then: literal(false)),
                TypedExpression.Branch(when: isUnknown, then: literal(nil)),
            ], otherwise: literal(false), span)
    }

    /// How many rows a key has, and how many of them are not null; 0 where there are none.
    private func counts(
        _ statistics: LogicalNode, _ keys: [TypedExpression], _ span: SourceSpan
    ) -> (all: TypedExpression, present: TypedExpression) {
        let start = node.schema.fields.count + keys.count
        if keys.isEmpty {
            node = node.joined(
                Join(kind: .cross, leftKeys: [], rightKeys: []), with: statistics, span: span)
        } else {
            _ = leftJoin(statistics, keys: keys, span)
        }
        func count(_ index: Int) -> TypedExpression {
            let column = node.column(start + index)
            guard column.isNullable else { return column }
            return ExpressionTyper.coalesce(
                [column, .literal(.integer(0), .bigint)], type: .bigint, span)
        }
        return (count(0), count(1))
    }

    /// Both sides of `IN` in one type.
    private func comparable(
        _ operand: TypedExpression, _ planned: Planned, _ query: SourceSpan, _ span: SourceSpan
    ) -> (operand: TypedExpression, value: TypedExpression)? {
        let value = planned.node.column(0, span: query)
        guard let type = typer.comparisonType([operand, value], span, isOrder: false) else {
            return nil
        }
        return (operand.converted(to: type), value.converted(to: type))
    }

    // MARK: Conditions

    /// `[NOT] EXISTS` and `[NOT] IN` that must hold: a semi or anti join.
    func semiJoin(
        _ use: SubqueryUse, negated: Bool, _ query: Query, _ span: SourceSpan
    ) -> Bool {
        guard let planned = plan(query) else { return false }
        if case .exists = use, planned.emptyRow != nil {
            // An aggregate without groups always has a row.
            if negated { node = node.filtered([.literal(.boolean(false), .boolean)], span: span) }
            return true
        }
        guard var left = outerKeys(planned) else { return false }
        var right = planned.keys.map { planned.node.column($0.position) }
        var isNullAware = false
        if case .member(let operand, _) = use {
            guard isOneColumn(planned, query, "stands behind `IN`"),
                let pair = comparable(operand, planned, query.span, span),
                !rejectOuter(pair.operand)
            else { return false }
            if planned.emptyRow != nil {
                reportCorrelation(operand, "behind `IN`")
                return false
            }
            isNullAware = negated && (pair.operand.isNullable || pair.value.isNullable)
            guard !isNullAware || (left.isEmpty && planned.residual.isEmpty) else {
                reportNullAware(span)
                return false
            }
            left.insert(placed(pair.operand), at: 0)
            right.insert(pair.value, at: 0)
        }
        let join = Join(
            kind: negated ? .anti : .semi, leftKeys: left, rightKeys: right,
            residual: residual(planned), isNullAware: isNullAware)
        node = node.joined(join, with: planned.node, span: span)
        return true
    }

    private func residual(_ planned: Planned) -> TypedExpression? {
        guard !planned.residual.isEmpty else { return nil }
        let width = node.schema.fields.count
        let conditions = planned.residual.map { conjunct in
            conjunct.mapColumns { VirtualColumn.outerIndex($0) ?? width + $0 }
        }
        return ExpressionTyper.and(conditions, conditions[0].span)
    }

    private func reportNullAware(_ span: SourceSpan) {
        report(
            .unsupportedCorrelation,
            "a correlated `NOT IN` over columns that may be null cannot be made a join", at: span,
            notes: ["`NOT EXISTS (SELECT 1 FROM … WHERE inner = outer)` means what is mostly meant"]
        )
    }

    // MARK: Joins

    /// With the only row of `row` behind each row; its first column.
    private func cross(_ row: LogicalNode, _ span: SourceSpan) -> TypedExpression? {
        let position = node.schema.fields.count
        node = node.joined(Join(kind: .cross, leftKeys: [], rightKeys: []), with: row, span: span)
        return node.column(position, span: span)
    }

    /// The columns of at most one matching row, behind those of the block.
    private struct LeftJoined {
        var node: LogicalNode
        var start: Int

        func of(_ index: Int) -> TypedExpression { node.column(start + index) }
        /// Null where there was no match.
        var marker: TypedExpression { node.column(node.schema.fields.count - 1) }
    }

    private func leftJoin(
        _ right: LogicalNode, keys: [TypedExpression], _ span: SourceSpan
    ) -> LeftJoined {
        let start = node.schema.fields.count
        let join = Join(
            kind: .left, leftKeys: keys, rightKeys: keys.indices.map { right.column($0) })
        node = node.joined(join, with: right, span: span)
        return LeftJoined(node: node, start: start)
    }
}

extension QueryPlanner {
    /// A subquery of an expression; `environment.outer` is the scope around it.
    func planSubquery(_ query: Query, in environment: Environment) -> SelectBlock.Planned? {
        if case .select(let select) = query.body, query.with.isEmpty {
            guard state.depth < CheckState.maximumDepth else {
                state.reportSize(query.span)
                return nil
            }
            state.depth += 1
            defer { state.depth -= 1 }
            return plan(select, of: query, in: environment)
        }
        if case .nested(let inner) = query.body, query.with.isEmpty, query.orderBy.isEmpty,
            query.limit == nil, query.offset == nil
        {
            return planSubquery(inner, in: environment)
        }
        var alone = environment
        alone.outer = nil
        alone.forbidden = environment.outer.map { [($0, .unsupportedCorrelation)] } ?? []
        return plan(query, in: alone).map {
            SelectBlock.Planned(node: $0, visible: $0.schema.fields.count)
        }
    }
}

extension LogicalNode {
    /// With a column behind all others that is never null, until an outer join makes it so.
    fileprivate func marked(_ span: SourceSpan) -> LogicalNode {
        let own = schema.fields.indices.map {
            NamedExpression(schema.fields[$0].name, column($0), pii: schema.fields[$0].pii)
        }
        let marker = NamedExpression("found", .literal(.boolean(true), .boolean))
        return projected(own + [marker], span: span)
    }

    /// The keys, then the first column.
    fileprivate func reordered(_ keys: [CorrelationKey], _ span: SourceSpan) -> LogicalNode {
        picking(keys.map(\.position) + [0], span: span)
    }

    /// For each key, the number of rows, and of those whose value is not null.
    fileprivate func counted(_ keys: Int, _ span: SourceSpan) -> LogicalNode {
        let groups = (0..<keys).map { NamedExpression(schema.fields[$0].name, column($0)) }
        let present = Aggregate.Call(
            name: "present", function: "count", arguments: [column(keys)], type: .bigint,
            nullable: false)
        return aggregated(Aggregate(groups: groups, calls: [.countRows, present]), span: span)
    }
}

extension Aggregate.Call {
    fileprivate static let countRows = Aggregate.Call(
        name: "rows", function: "count_star", arguments: [], type: .bigint, nullable: false)
}

extension TypedExpression {
    /// `self > 0`, for a count.
    fileprivate func isPositive(_ span: SourceSpan) -> TypedExpression {
        TypedExpression(
            .call("gt", [self, .literal(.integer(0), .bigint)]), type: .boolean, nullable: false,
            fallible: false, span: span)
    }
}

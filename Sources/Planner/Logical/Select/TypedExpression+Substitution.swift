import PipelineDSL

extension TypedExpression {
    /// With some columns replaced by expressions; `nil` leaves a column as it is.
    func replacingColumns(_ replacement: (Int) -> TypedExpression?) -> TypedExpression {
        if case .column(let index) = kind {
            guard var new = replacement(index) else { return self }
            new.span = span ?? new.span
            return new
        }
        guard !children.isEmpty else { return self }
        return withChildren(children.map { $0.replacingColumns(replacement) }).withFlagsOfChildren()
    }

    /// Replaced parts may be more or less nullable and fallible than before.
    private func withFlagsOfChildren() -> TypedExpression {
        var copy = self
        let children = children
        if children.contains(where: \.isFallible) { copy.isFallible = true }
        switch kind {
        case .and, .or, .not, .cast(_, isTry: false), .inList:
            if children.contains(where: \.isNullable) { copy.isNullable = true }
        case .coalesce:
            copy.isNullable = children.allSatisfy(\.isNullable)
        case .call:
            if children.contains(where: \.isNullable), !isNullable, isStrictCall {
                copy.isNullable = true
            }
        case .caseWhen(let branches, let otherwise):
            if (branches.map(\.then) + [otherwise]).contains(where: \.isNullable) {
                copy.isNullable = true
            }
        default: break
        }
        return copy
    }

    private var isStrictCall: Bool {
        guard case .call(let name, let arguments) = kind,
            let function = FunctionCatalogue.standard[name]
        else { return true }
        let overload = function.overloads.first { $0.accepts(count: arguments.count) }
        switch overload?.nulls {
        case .never: return false
        case .nullIfAllNull: return arguments.allSatisfy(\.isNullable)
        case .nullIfFirstNull: return arguments.first?.isNullable ?? false
        default: return true
        }
    }

    /// The class of personal data it holds: that of all columns it reads.
    func pii(over schema: Schema) -> String? {
        columns.reduce(nil) { pii, column in
            schema.fields.indices.contains(column)
                ? mergedPII(pii, schema.fields[column].pii) : pii
        }
    }

    /// Whether it reads a column of the query around.
    var readsOuter: Bool { columns.contains { VirtualColumn.outerIndex($0) != nil } }

    func reads(_ family: VirtualColumn.Family) -> Bool {
        columns.contains { family.index($0) != nil }
    }
}

extension LogicalNode {
    /// The columns by position, each as an expression.
    func column(_ index: Int, span: SourceSpan? = nil) -> TypedExpression {
        .column(index, of: schema, span: span)
    }

    func filtered(_ conditions: [TypedExpression], span: SourceSpan?) -> LogicalNode {
        guard !conditions.isEmpty else { return self }
        let predicate = ExpressionTyper.and(conditions, conditions[0].span)
        return LogicalNode(
            .filter(Filter(predicate: predicate)), inputs: [self], schema: schema, span: span)
    }

    func projected(_ columns: [NamedExpression], span: SourceSpan?) -> LogicalNode {
        let project = Project(columns: columns)
        return LogicalNode(.project(project), inputs: [self], schema: project.schema, span: span)
    }

    /// The given columns alone.
    func picking(_ positions: some Sequence<Int>, span: SourceSpan?) -> LogicalNode {
        projected(
            positions.map {
                NamedExpression(
                    schema.fields[$0].name, column($0), pii: schema.fields[$0].pii)
            }, span: span)
    }

    func aggregated(_ aggregate: Aggregate, span: SourceSpan?) -> LogicalNode {
        LogicalNode(
            .aggregate(aggregate), inputs: [self], schema: aggregate.outputSchema, span: span)
    }

    /// Each row once.
    func distinct(span: SourceSpan?) -> LogicalNode {
        let groups = schema.fields.indices.map {
            NamedExpression(schema.fields[$0].name, column($0), pii: schema.fields[$0].pii)
        }
        return aggregated(Aggregate(groups: groups, calls: []), span: span)
    }

    func joined(_ join: Join, with right: LogicalNode, span: SourceSpan?) -> LogicalNode {
        LogicalNode(
            .join(join), inputs: [self, right], schema: join.outputSchema(schema, right.schema),
            span: span)
    }

    /// Whether it has exactly one row, whatever its input.
    var hasExactlyOneRow: Bool {
        switch operation {
        case .aggregate(let aggregate):
            aggregate.groups.isEmpty && aggregate.groupingSets == nil
                && aggregate.eventWindow == nil
        case .project, .sort, .window: inputs.first?.hasExactlyOneRow ?? false
        case .values(let values): values.rows.count == 1
        default: false
        }
    }

    /// How many operations it is, for a bound on what is put into one plan.
    var size: Int { inputs.reduce(1) { $0 + $1.size } }
}

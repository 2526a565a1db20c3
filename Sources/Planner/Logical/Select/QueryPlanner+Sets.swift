import PipelineDSL

extension QueryPlanner {
    // MARK: VALUES

    func values(
        _ rows: [[Expression]], _ span: SourceSpan, _ environment: Environment
    ) -> LogicalNode? {
        var typer = self.typer(Scope(), Environment(), nil)
        var typed: [[TypedExpression]] = []
        var isComplete = true
        for row in rows {
            if let row = typer.typed(row) { typed.append(row) } else { isComplete = false }
        }
        guard isComplete, let width = typed.first?.count else { return nil }
        guard typed.allSatisfy({ $0.count == width }) else { return nil }
        var fields: [Field] = []
        for column in 0..<width {
            let values = typed.map { $0[column] }
            guard let type = typer.commonType(values, "the values of a column", span) else {
                return nil
            }
            fields.append(
                Field("column\(column + 1)", type, nullable: values.contains { $0.isNullable }))
        }
        let rows = typed.map { row in row.indices.map { row[$0].converted(to: fields[$0].type) } }
        return LogicalNode(
            .values(Values(rows: rows)), schema: Schema(fields), span: span)
    }

    /// One row that nothing can be read from: what a query without `FROM` selects from.
    func oneRow(_ span: SourceSpan) -> TableRelation {
        let row: [TypedExpression] = [.literal(.boolean(true), .boolean)]
        let node = LogicalNode(
            .values(Values(rows: [row])), schema: Schema([Field("row", .boolean, nullable: false)]),
            span: span)
        return TableRelation(node: node, scope: Scope())
    }

    // MARK: UNION, INTERSECT, EXCEPT

    func setOperation(
        _ op: Query.SetOperator, all: Bool, _ operands: [Query], _ span: SourceSpan,
        _ environment: Environment
    ) -> LogicalNode? {
        if let outer = environment.outer {
            return setOperation(
                op, all: all, operands, span,
                Environment(
                    commonTables: environment.commonTables, outer: nil,
                    forbidden: [(outer, .unsupportedCorrelation)]))
        }
        let nodes = operands.map { plan($0, in: environment) }
        guard nodes.allSatisfy({ $0 != nil }) else { return nil }
        let planned = nodes.compactMap(\.self)
        guard let aligned = aligned(planned, operands, op) else { return nil }
        return combined(op, all: all, aligned, span)
    }

    private func combined(
        _ op: Query.SetOperator, all: Bool, _ nodes: [LogicalNode], _ span: SourceSpan
    ) -> LogicalNode? {
        guard let first = nodes.first else { return nil }
        if op == .union {
            let node = LogicalNode(
                .union(Union()), inputs: nodes, schema: Self.unionSchema(nodes), span: span)
            return all ? node : node.distinct(span: span)
        }
        let kind: SetOperation.Kind = op == .intersect ? .intersect : .except
        return nodes.dropFirst().reduce(first) { left, right in
            LogicalNode(
                .setOperation(SetOperation(kind: kind, all: all)), inputs: [left, right],
                schema: Self.unionSchema([left, right]), span: span)
        }
    }

    private static func unionSchema(_ nodes: [LogicalNode]) -> Schema {
        var schema = nodes[0].schema
        for node in nodes.dropFirst() {
            for (index, field) in node.schema.fields.enumerated() {
                if field.nullable { schema.fields[index].nullable = true }
                schema.fields[index].pii = mergedPII(schema.fields[index].pii, field.pii)
            }
        }
        return schema
    }

    /// With the same types, column by column, and the names of the first.
    private func aligned(
        _ nodes: [LogicalNode], _ operands: [Query], _ op: Query.SetOperator
    ) -> [LogicalNode]? {
        let width = nodes[0].schema.fields.count
        let word = op.rawValue.uppercased()
        for (node, operand) in zip(nodes, operands) where node.schema.fields.count != width {
            report(
                .unevenSetOperands,
                "the queries of this \(word) have \(width) and \(node.schema.fields.count) columns",
                at: operand.span,
                secondary: [Diagnostic.Label(operands[0].span, "this has \(width)")])
            return nil
        }
        var types: [DataType] = []
        for column in 0..<width {
            guard let type = commonType(column, nodes, operands, word) else { return nil }
            types.append(type)
        }
        let isPlain = op == .union || types.allSatisfy { TypeRules.belongs($0, to: .comparable) }
        guard isPlain else {
            report(
                .incomparableTypes,
                "\(word) compares rows, and a column has a type without equality",
                at: operands[0].span)
            return nil
        }
        let names = nodes[0].schema.names
        return nodes.map { converted($0, to: types, names) }
    }

    private func commonType(
        _ column: Int, _ nodes: [LogicalNode], _ operands: [Query], _ word: String
    ) -> DataType? {
        var type = nodes[0].schema.fields[column].type
        for (node, operand) in zip(nodes, operands).dropFirst() {
            let other = node.schema.fields[column].type
            if let common = TypeRules.common(type, other) {
                type = common
                continue
            }
            let name = nodes[0].schema.fields[column].name
            report(
                .unevenSetOperands,
                "column `\(name)` of this \(word) is \(type) in one query and \(other) in another",
                at: operand.span, notes: ["convert one of them: `CAST(… AS \(type))`"])
            return nil
        }
        return type
    }

    private func converted(
        _ node: LogicalNode, to types: [DataType], _ names: [String]
    ) -> LogicalNode {
        let fields = node.schema.fields
        if fields.map(\.type) == types, fields.map(\.name) == names { return node }
        let columns = fields.indices.map { index in
            NamedExpression(
                names[index], node.column(index).converted(to: types[index]), pii: fields[index].pii
            )
        }
        return node.projected(columns, span: node.span)
    }
}

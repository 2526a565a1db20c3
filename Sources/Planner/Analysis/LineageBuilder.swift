import PipelineDSL

/// Follows columns through the operators of one node.
struct LineageBuilder {
    typealias Column = NodeLineage.Column

    /// The relation an operator yields.
    private struct Relation {
        var columns: [Column]
        var rows: [ColumnReference: Set<Influence>] = [:]

        /// Nothing where there is no such column: lineage never fails.
        func column(_ index: Int) -> Column {
            columns.indices.contains(index) ? columns[index] : Column()
        }

        mutating func addRows(_ column: Column, _ influence: Influence) {
            var all = Column()
            all.add(column, as: influence)
            rows.merge(all.indirect) { $0.union($1) }
        }
    }

    /// Of the nodes before this one.
    private let nodes: [String: PlanNode]
    private var relations: [String: Relation] = [:]

    /// - Parameter nodes: those before it.
    static func lineage(of node: PlanNode, _ nodes: [String: PlanNode]) -> NodeLineage {
        guard node.kind != .source else {
            return NodeLineage(
                columns: node.schema.fields.map { _ in Column() }, rows: [:])
        }
        var builder = LineageBuilder(nodes: nodes)
        for step in node.operators { builder.relations[step.id] = builder.relation(step) }
        let last = node.operators.last.flatMap { builder.relations[$0.id] }
        return NodeLineage(columns: last?.columns ?? [], rows: last?.rows ?? [:])
    }

    private init(nodes: [String: PlanNode]) { self.nodes = nodes }

    private func relation(_ step: PhysicalOperator) -> Relation {
        let inputs = step.inputs.map { relations[$0] ?? Relation(columns: []) }
        var result = inputs.first ?? Relation(columns: [])
        for other in inputs.dropFirst() { result.rows.merge(other.rows) { $0.union($1) } }
        switch step.operation {
        case .input(let input): return read(input)
        case .late(let late): return read(late)
        case .values: return Relation(columns: step.schema.fields.map { _ in Column() })
        case .filter(let filter): result.addRows(column(filter.predicate, result), .filter)
        case .project(let project):
            result.columns = project.columns.map { column($0.expression, result) }
        case .validate(let validate):
            for rule in validate.rules where rule.severity != .warn {
                result.addRows(column(rule.check, result), .rule)
            }
        case .dedupe(let dedupe):
            for index in dedupe.on + [dedupe.eventTime].compactMap(\.self) {
                result.addRows(result.column(index), .dedupe)
            }
        case .latest(let latest):
            for index in latest.by { result.addRows(result.column(index), .dedupe) }
            result.addRows(column(latest.order, result), .sort)
        case .distinctOn(let distinct):
            for key in distinct.on { result.addRows(column(key, result), .dedupe) }
            for key in distinct.orderBy { result.addRows(column(key.expression, result), .sort) }
        case .sort(let sort):
            for key in sort.keys { result.addRows(column(key.expression, result), .sort) }
        case .limit: break
        case .unnest(let unnest):
            let list = column(unnest.list, result)
            result.addRows(list, .filter)
            var element = Column()
            element.add(list, .transformation)
            result.columns.append(element)
            if unnest.ordinality != nil { result.columns.append(Column()) }
        case .lookup(let lookup): addLookup(lookup, inputs, &result)
        case .join(let join): addJoin(join, inputs, &result)
        case .aggregate(let aggregate): result = grouped(aggregate, result)
        case .window(let window): addWindow(window, &result)
        case .union: addUnion(inputs, &result)
        case .setOperation:
            addUnion(inputs, &result)
            for column in result.columns { result.addRows(column, .filter) }
        }
        return result
    }

    /// What the marked operator of the other node reads.
    private func read(_ late: Late) -> Relation {
        guard let node = nodes[late.node] else { return Relation(columns: []) }
        var builder = LineageBuilder(nodes: nodes)
        for step in node.operators {
            if step.late != nil {
                return step.inputs.first.flatMap { builder.relations[$0] } ?? Relation(columns: [])
            }
            builder.relations[step.id] = builder.relation(step)
        }
        return Relation(columns: [])
    }

    private func read(_ input: Input) -> Relation {
        let schema = nodes[input.node]?.schema ?? Schema()
        let positions = (input.columns ?? Array(schema.fields.indices)).filter {
            schema.fields.indices.contains($0)
        }
        return Relation(
            columns: positions.map { index in
                var column = Column()
                let name = schema.fields[index].name
                column.direct[ColumnReference(node: input.node, column: name)] = .identity
                return column
            })
    }

    /// What an expression's value depends on.
    private func column(_ expression: TypedExpression, _ relation: Relation) -> Column {
        var result = Column()
        switch expression.kind {
        case .column(let index): return relation.column(index)
        case .caseWhen(let branches, let otherwise):
            for branch in branches {
                result.add(column(branch.when, relation), as: .conditional)
                result.add(column(branch.then, relation), .transformation)
            }
            result.add(column(otherwise, relation), .transformation)
        default:
            for child in expression.children {
                result.add(column(child, relation), .transformation)
            }
        }
        return result
    }

    private func addLookup(_ lookup: Lookup, _ inputs: [Relation], _ result: inout Relation) {
        guard inputs.count == 2 else { return }
        let times = lookup.versions.map { ([$0.time], [$0.from]) } ?? ([], [])
        let keys = (lookup.keys + times.0).map { inputs[0].column($0) }
        let tableKeys = (lookup.tableKeys + times.1).map { inputs[1].column($0) }
        for position in lookup.take {
            var taken = inputs[1].column(position)
            for key in keys + tableKeys { taken.add(key, as: .lookup) }
            result.columns.append(taken)
        }
        guard lookup.missing == .reject else { return }
        for key in keys + tableKeys { result.addRows(key, .lookup) }
    }

    private func addJoin(_ join: Join, _ inputs: [Relation], _ result: inout Relation) {
        guard inputs.count == 2 else { return }
        let both = Relation(columns: inputs[0].columns + inputs[1].columns)
        for key in join.leftKeys { result.addRows(column(key, inputs[0]), .join) }
        for key in join.rightKeys { result.addRows(column(key, inputs[1]), .join) }
        if let residual = join.residual { result.addRows(column(residual, both), .join) }
        if join.kind != .semi, join.kind != .anti { result.columns = both.columns }
    }

    private func grouped(_ aggregate: Aggregate, _ input: Relation) -> Relation {
        var result = Relation(columns: [], rows: input.rows)
        if let window = aggregate.eventWindow {
            var bound = Column()
            bound.add(column(window.time, input), .transformation)
            result.columns = [bound, bound]
            result.addRows(bound, .groupBy)
        }
        for group in aggregate.groups {
            let key = column(group.expression, input)
            result.columns.append(key)
            result.addRows(key, .groupBy)
        }
        for call in aggregate.calls {
            var value = Column()
            for argument in call.arguments { value.add(column(argument, input), .aggregation) }
            if let filter = call.filter { value.add(column(filter, input), as: .conditional) }
            for key in call.orderBy { value.add(column(key.expression, input), as: .sort) }
            result.columns.append(value)
        }
        return result
    }

    private func addWindow(_ window: Window, _ result: inout Relation) {
        let input = result
        for call in window.calls {
            var value = Column()
            for argument in call.arguments { value.add(column(argument, input), .transformation) }
            if let filter = call.filter { value.add(column(filter, input), as: .conditional) }
            for key in call.partitionBy { value.add(column(key, input), as: .window) }
            for key in call.orderBy { value.add(column(key.expression, input), as: .window) }
            result.columns.append(value)
        }
    }

    private func addUnion(_ inputs: [Relation], _ result: inout Relation) {
        for other in inputs.dropFirst() {
            for index in result.columns.indices { result.columns[index].add(other.column(index)) }
        }
    }
}

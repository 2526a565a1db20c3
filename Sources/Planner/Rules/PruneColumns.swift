import PipelineDSL

/// Carries only the columns that something reads, down to what is read of other nodes.
///
/// Columns that rules check are read. A column that can be a row error is computed even if nothing
/// reads it: the rows it rejects are rejected whoever reads. A relation keeps at least one column,
/// so that its rows can be counted.
struct PruneColumns: Rule {
    let name = "prune_columns"
    let documentation = "Drops columns that nothing reads as early as possible."

    func apply(_ root: LogicalNode, _ context: RuleContext) -> LogicalNode {
        let all = Set(root.schema.fields.indices)
        let pruned = Pruned(root, required: all)
        // The relation itself keeps every column in its place.
        return pruned.positions == Array(root.schema.fields.indices) ? pruned.node : root
    }
}

/// A tree without the columns nobody asked for, and where the others were before.
private struct Pruned {
    var node: LogicalNode
    /// For each column of the new relation its position in the old one, ascending.
    var positions: [Int]

    init(_ node: LogicalNode, required: Set<Int>) {
        let width = node.schema.fields.count
        let required = required.isEmpty && width > 0 ? [Self.cheapest(node.schema)] : required
        self.node = node
        positions = Array(0..<width)
        switch node.operation {
        // What comes too late for it keeps all columns.
        case _ where node.late != nil: pruneChildrenWhole()
        case .input(let input): pruneInput(input, required)
        case .late: break
        case .project(let project): pruneProject(project, required)
        case .lookup(let lookup): pruneLookup(lookup, required)
        case .join(let join): pruneJoin(join, required)
        case .union: pruneUnion(required)
        case .aggregate: pruneBelow(keeping: [])
        case .values, .setOperation: pruneChildrenWhole()
        case .dedupe(let dedupe):
            prunePassing(required, and: dedupe.on + [dedupe.eventTime].compactMap(\.self))
        case .latest(let latest): prunePassing(required, and: latest.by)
        case .filter, .validate, .distinctOn, .window, .unnest, .sort, .limit:
            prunePassing(required, and: [])
        }
    }

    /// Old position to new one.
    private func map(_ positions: [Int]) -> [Int: Int] {
        Dictionary(uniqueKeysWithValues: positions.enumerated().map { ($0.element, $0.offset) })
    }

    private static func cheapest(_ schema: Schema) -> Int {
        schema.fields.indices.min { cost(schema.fields[$0].type) < cost(schema.fields[$1].type) }
            ?? 0
    }

    private static func cost(_ type: DataType) -> Int {
        switch type {
        case .boolean, .null: 1
        case .integer, .real, .date: 4
        case .bigint, .double, .time, .timestamp: 8
        case .decimal, .uuid, .interval: 16
        case .string, .bytes, .json: 32
        case .array, .map, .structure: 64
        }
    }

    private mutating func keep(_ kept: [Int]) {
        positions = kept
        node.schema = Schema(kept.map { node.schema.fields[$0] })
    }

    private mutating func pruneInput(_ input: Input, _ required: Set<Int>) {
        let kept = required.sorted()
        guard kept.count < node.schema.fields.count else { return }
        let columns = input.columns ?? Array(node.schema.fields.indices)
        node.operation = .input(Input(node: input.node, columns: kept.map { columns[$0] }))
        keep(kept)
    }

    private mutating func pruneProject(_ project: Project, _ required: Set<Int>) {
        let kept = project.columns.indices.filter {
            required.contains($0) || project.columns[$0].expression.isFallible
        }
        let columns = kept.map { project.columns[$0] }
        node.operation = .project(Project(columns: columns))
        keep(kept)
        pruneBelow(keeping: [])
    }

    /// For an operation whose columns are all its own: only what its expressions read is needed.
    private mutating func pruneBelow(keeping others: Set<Int>) {
        guard let input = node.inputs.first else { return }
        let below = Pruned(input, required: others.union(read(by: node.operation)))
        node.inputs[0] = below.node
        renumber(map(below.positions))
    }

    private mutating func pruneChildrenWhole() {
        node.inputs = node.inputs.map { input in
            Pruned(input, required: Set(input.schema.fields.indices)).whole(of: input)
        }
    }

    /// The pruned tree, with every column where it was.
    private func whole(of original: LogicalNode) -> LogicalNode {
        positions.count == original.schema.fields.count ? node : original
    }

    private func read(by operation: Operation) -> Set<Int> {
        Set(operation.expressions.flatMap(\.expression.columns))
    }

    private mutating func renumber(_ map: [Int: Int]) {
        node.operation = node.operation.mapExpressions { expression, _ in
            expression.mapColumns { map[$0] ?? $0 }
        }
    }

    /// For an operation that passes the columns of its input on, and may append some of its own.
    private mutating func prunePassing(_ required: Set<Int>, and more: [Int]) {
        guard let input = node.inputs.first else { return }
        let width = input.schema.fields.count
        let needed = required.filter { $0 < width }.union(more).union(read(by: node.operation))
        let below = Pruned(input, required: needed)
        let map = map(below.positions)
        renumber(map)
        switch node.operation {
        case .dedupe(var dedupe):
            dedupe.on = dedupe.on.map { map[$0] ?? $0 }
            dedupe.eventTime = dedupe.eventTime.map { map[$0] ?? $0 }
            node.operation = .dedupe(dedupe)
        case .latest(var latest):
            latest.by = latest.by.map { map[$0] ?? $0 }
            node.operation = .latest(latest)
        default: break
        }
        node.inputs[0] = below.node
        keep(below.positions + Array(width..<max(width, node.schema.fields.count)))
    }

    private mutating func pruneLookup(_ lookup: Lookup, _ required: Set<Int>) {
        let width = node.inputs[0].schema.fields.count
        let wanted = lookup.take.indices.filter { required.contains(width + $0) }
        let left = Pruned(
            node.inputs[0],
            required: required.filter { $0 < width }.union(lookup.keys)
                .union(lookup.versions.map { [$0.time] } ?? []))
        guard !wanted.isEmpty || lookup.missing == .reject else {
            // Nothing it finds is read and no row depends on it.
            self = left
            return
        }
        let taken = wanted.map { lookup.take[$0] }
        let table = Pruned(
            node.inputs[1],
            required: Set(taken + lookup.tableKeys + (lookup.versions.map { [$0.from] } ?? [])))
        let (leftMap, tableMap) = (map(left.positions), map(table.positions))
        var copy = lookup
        copy.keys = lookup.keys.map { leftMap[$0] ?? $0 }
        copy.tableKeys = lookup.tableKeys.map { tableMap[$0] ?? $0 }
        copy.take = taken.map { tableMap[$0] ?? $0 }
        copy.versions = lookup.versions.map {
            Lookup.Versions(time: leftMap[$0.time] ?? $0.time, from: tableMap[$0.from] ?? $0.from)
        }
        node.operation = .lookup(copy)
        node.inputs = [left.node, table.node]
        keep(left.positions + wanted.map { width + $0 })
    }

    private mutating func pruneJoin(_ join: Join, _ required: Set<Int>) {
        let width = node.inputs[0].schema.fields.count
        let residual = Set(join.residual?.columns ?? [])
        let needed = required.union(residual)
        func keys(_ expressions: [TypedExpression]) -> Set<Int> {
            Set(expressions.flatMap(\.columns))
        }
        let left = Pruned(
            node.inputs[0], required: needed.filter { $0 < width }.union(keys(join.leftKeys)))
        let right = Pruned(
            node.inputs[1],
            required: Set(needed.filter { $0 >= width }.map { $0 - width }).union(
                keys(join.rightKeys)))
        let (leftMap, rightMap) = (map(left.positions), map(right.positions))
        let newWidth = left.positions.count
        node.operation = node.operation.mapExpressions { expression, input in
            expression.mapColumns { column in
                switch input {
                case 0: leftMap[column] ?? column
                case 1: rightMap[column] ?? column
                default:
                    column < width
                        ? leftMap[column] ?? column
                        : newWidth + (rightMap[column - width] ?? column - width)
                }
            }
        }
        node.inputs = [left.node, right.node]
        let yieldsLeftOnly = join.kind == .semi || join.kind == .anti
        keep(left.positions + (yieldsLeftOnly ? [] : right.positions.map { width + $0 }))
    }

    private mutating func pruneUnion(_ required: Set<Int>) {
        let kept = required.sorted()
        node.inputs = node.inputs.map { input in
            let below = Pruned(input, required: required)
            guard below.positions != kept else { return below.node }
            // A branch that had to keep more gives exactly what the others give.
            let map = map(below.positions)
            let columns = kept.map { position in
                let index = map[position] ?? position
                let field = below.node.schema.fields[index]
                return NamedExpression(
                    field.name, .column(index, of: below.node.schema), pii: field.pii)
            }
            return LogicalNode(
                .project(Project(columns: columns)), inputs: [below.node],
                schema: Schema(columns.map(\.field)), span: input.span)
        }
        keep(kept)
    }
}

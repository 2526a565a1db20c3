import PipelineDSL
import Planner

/// Operators of a plan that are several of the engine's, one after the other.
extension OperatorFactory {
    private var directory: String { builder.project.temporary }

    // MARK: - DISTINCT ON

    /// Sorted, of each key the first row stays.
    func distinctOn(
        _ distinct: DistinctOn, _ inputs: [Vertex], _ isEntry: [Bool],
        _ parts: inout ExecutionGraph.NodeVertices
    ) throws -> Vertex {
        var (current, isFirst) = (inputs, isEntry)
        var positions: [Int] = []
        var schema = input
        if distinct.on.allSatisfy({ $0.columnIndex != nil }) {
            positions = distinct.on.compactMap(\.columnIndex)
        } else {
            positions = Array(input.fields.count..<(input.fields.count + distinct.on.count))
            let keys = distinct.on.enumerated().map { NamedExpression("key\($0 + 1)", $1) }
            let project = Project(columns: passed(input) + keys)
            schema = Schema(input.fields + keys.map(\.field))
            current = [
                row(
                    try ProjectOperator(project, input: input, run: builder.run), current, isFirst,
                    &parts, part: "keys")
            ]
            isFirst = [false]
        }
        if !distinct.orderBy.isEmpty {
            let sort = try SortOperator(
                Sort(keys: distinct.orderBy), input: schema, run: builder.run, memory: memory,
                directory: directory)
            current = [serial(sort, current, isFirst, &parts, part: "sort")]
            isFirst = [false]
        }
        let dedupe = try DedupeOperator(
            Dedupe(on: positions), schema: schema, memory: memory, directory: directory)
        let kept = serial(dedupe, current, isFirst, &parts)
        guard schema.fields.count > input.fields.count else { return kept }
        let columns = ColumnsOperator(columns: Array(input.fields.indices))
        return row(columns, [kept], [false], &parts, part: "columns")
    }

    func passed(_ schema: Schema) -> [NamedExpression] {
        schema.fields.indices.map {
            NamedExpression(schema.fields[$0].name, .column($0, of: schema))
        }
    }

    // MARK: - INTERSECT, EXCEPT

    /// The right rows are counted, then the left ones looked up; without `ALL` equal ones are one.
    func setOperation(
        _ operation: SetOperation, _ inputs: [Vertex], _ isEntry: [Bool],
        _ parts: inout ExecutionGraph.NodeVertices
    ) throws -> Vertex {
        let right = CountedRows(types: types, memory: memory, directory: directory)
        let build = builder.makeVertex("\(op.id)/right", node: node.name)
        let gate = builder.attach(serial: right, to: build, inputs: [inputs[1]])
        builder.enter(&parts, build, isEntry: isEntry[1])
        let left = builder.complete(gate, before: inputs[0], schema: input, node: node.name)
        if left !== inputs[0] { builder.enter(&parts, left, isEntry: isEntry[0]) }
        let set = serial(
            SetOperator(operation, right: right, types: types, directory: directory), [left],
            [isEntry[0] && left === inputs[0]], &parts)
        guard !operation.all else { return set }
        let distinct = try DedupeOperator(
            Dedupe(on: Array(types.indices)), schema: op.schema, memory: memory,
            directory: directory)
        return serial(distinct, [set], [false], &parts, part: "distinct")
    }
}

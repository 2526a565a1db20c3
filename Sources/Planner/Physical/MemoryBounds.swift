import PipelineDSL

/// How much state an operator may hold before it spills to disk.
///
/// A bound is a part of the plan, so that a run's memory is known before it starts; `--memory`
/// lowers them all in proportion where their sum would exceed it.
enum MemoryBounds {
    /// For state that grows with the input: keys, groups, the build side of a join, sort runs.
    static let state: Int64 = 128 << 20
    /// For relations that are meant to be small.
    static let table: Int64 = 64 << 20

    /// `nil` for an operator that holds no rows.
    static func of(_ tree: LogicalNode) -> Int64? {
        switch tree.operation {
        case .input, .late, .values, .filter, .project, .validate, .unnest, .limit, .union:
            return nil
        case .lookup: return table
        case .sort(let sort): return sort.limit.map { bytes(rows: $0, tree.schema) } ?? state
        case .aggregate(let aggregate):
            return aggregate.groups.isEmpty && aggregate.eventWindow == nil ? 1 << 20 : state
        case .dedupe, .join, .latest, .distinctOn, .window, .setOperation: return state
        }
    }

    /// What so many rows take, at most the bound for state.
    private static func bytes(rows count: Int64, _ schema: Schema) -> Int64 {
        let row = Int64(schema.fields.reduce(16) { $0 + width($1.type) })
        let (bytes, overflow) = count.multipliedReportingOverflow(by: row)
        // One batch is in flight whatever the limit is.
        return overflow ? state : min(state, max(bytes, 1 << 20))
    }

    /// Of one value, roughly; strings as they are in practice.
    static func width(_ type: DataType) -> Int {
        switch type {
        case .boolean, .null: 1
        case .integer, .real, .date: 4
        case .bigint, .double, .time, .timestamp: 8
        case .decimal, .uuid, .interval: 16
        case .string, .bytes, .json: 48
        case .array, .map, .structure: 256
        }
    }
}

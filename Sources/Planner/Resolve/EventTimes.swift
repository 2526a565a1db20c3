import PipelineDSL

/// Which column of a relation says when things happened: that of the source, as long as it is
/// passed on unchanged.
enum EventTimes {
    /// Position in the tree's columns; `nil` where it was lost or never there.
    ///
    /// - Parameter column: the event-time column of a node of the pipeline.
    static func position(in tree: LogicalNode, _ column: (String) -> String?) -> Int? {
        let below = tree.inputs.first.flatMap { position(in: $0, column) }
        switch tree.operation {
        case .input(let input): return column(input.node).flatMap { tree.schema.index(of: $0) }
        case .project(let project):
            return project.columns.firstIndex { $0.expression.columnIndex == below && below != nil }
        case .aggregate(let aggregate):
            // What happened in a window happened at its end at the latest.
            return aggregate.eventWindow == nil ? nil : 1
        case .union:
            let all = tree.inputs.map { position(in: $0, column) }
            return all.allSatisfy { $0 == below } ? below : nil
        case .values, .late, .setOperation: return nil
        case .join(let join): return join.kind == .right || join.kind == .full ? nil : below
        case .filter, .validate, .dedupe, .lookup, .latest, .distinctOn, .window, .unnest, .sort,
            .limit:
            return below
        }
    }
}

extension Checker {
    func eventTime(of tree: LogicalNode) -> Int? {
        EventTimes.position(in: tree) { nodes[$0]?.eventTime }
    }
}

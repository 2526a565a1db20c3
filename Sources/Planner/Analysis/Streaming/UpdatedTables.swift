/// Tables whose rows take the place of earlier ones are merged by their key, where the spec does not
/// say how they are written.
enum UpdatedTables {
    static func apply(to plan: inout Plan) {
        let relations = StreamAnalysis(plan).relations
        for index in plan.nodes.indices {
            let node = plan.nodes[index]
            guard let table = node.table, node.places["write.mode"] == nil, table.mode != .merge,
                let relation = relations[node.name], !relation.isVersioned,
                let keys = relation.updates
            else { continue }
            plan.nodes[index].table?.mode = .merge
            plan.nodes[index].table?.on = keys
        }
    }
}

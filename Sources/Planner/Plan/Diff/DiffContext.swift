import PipelineDSL

/// What the comparison of one node needs to know of the two plans.
struct DiffContext {
    let old: Plan
    let new: Plan
    let oldLineage: PlanLineage
    let newLineage: PlanLineage
    /// Old names to new ones, of nodes that were renamed.
    let moves: [String: String]
    let facts: NodeFacts

    init(_ old: Plan, _ new: Plan, catalogue: Catalogue?) {
        self.old = old
        self.new = new
        oldLineage = PlanLineage(old)
        newLineage = PlanLineage(new)
        facts = NodeFacts(catalogue: catalogue)
        moves = new.moved.filter { from, to in
            old[from] != nil && new[from] == nil && new[to] != nil && old[to] == nil
        }
    }

    func newName(_ name: String) -> String { moves[name] ?? name }

    func oldName(_ name: String) -> String {
        moves.first { $0.value == name }?.key ?? name
    }

    /// Whether rows of the node are read by whom the plan does not know: a sink, or a table that
    /// nothing in the pipeline reads.
    func isInterface(_ old: PlanNode, _ new: PlanNode) -> Bool {
        switch new.kind {
        case .sink: true
        case .table:
            !self.new.nodes.contains { $0.inputs.contains(new.name) }
                && !self.old.nodes.contains { $0.inputs.contains(old.name) }
        case .source, .relation: false
        }
    }

    /// Who reads a column that is still there.
    func readers(_ node: PlanNode, _ column: String) -> [PlanLineage.Reader] {
        newLineage.readers(of: ColumnReference(node: node.name, column: column)).filter { reader in
            // A reader that is new was written for what it reads.
            old[oldName(reader.node)] != nil
        }
    }

    /// Who read a column that is gone, and was not rewritten to do without it.
    func brokenReaders(_ node: PlanNode, _ column: String) -> [PlanLineage.Reader] {
        oldLineage.readers(of: ColumnReference(node: node.name, column: column)).filter { reader in
            guard let before = old[reader.node], let after = new[newName(reader.node)] else {
                return false
            }
            return isSameDefinition(before, after)
        }
    }

    private func isSameDefinition(_ a: PlanNode, _ b: PlanNode) -> Bool {
        StepAlignment.pairs(a.definition, b.definition).allSatisfy { pair in
            pair.old?.settings == pair.new?.settings
        }
    }

    /// The input from which a change of a column comes: one in which what the column is computed
    /// from is different as well.
    func changedInput(of old: PlanNode, _ new: PlanNode, _ column: String) -> String? {
        let before = oldLineage.column(.init(node: old.name, column: column)).direct.keys
        let after = newLineage.column(.init(node: new.name, column: column)).direct.keys
        for reference in (Array(after) + Array(before)).sorted() {
            let a = self.old[oldName(reference.node)]?.schema[reference.column]
            let b = self.new[newName(reference.node)]?.schema[reference.column]
            if a?.type != b?.type || a?.nullable != b?.nullable { return newName(reference.node) }
        }
        return nil
    }
}

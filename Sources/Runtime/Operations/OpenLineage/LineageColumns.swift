import PipelineDSL
import Planner

/// Where the columns of a dataset come from, in columns of other datasets: relations between them are
/// looked through.
struct LineageColumns {
    /// How one column is used: `DIRECT` with a derivation, or `INDIRECT` with an influence.
    struct Use: Hashable, Comparable {
        var isDirect: Bool
        /// `IDENTITY`, `FILTER`, …
        var kind: String

        static func < (a: Use, b: Use) -> Bool {
            (a.isDirect ? 0 : 1, a.kind) < (b.isDirect ? 0 : 1, b.kind)
        }
    }

    typealias Uses = [ColumnReference: Set<Use>]

    private let plan: Plan
    private let lineage: PlanLineage
    private let kinds: [String: PlanNode.Kind]

    init(_ plan: Plan) {
        self.plan = plan
        lineage = PlanLineage(plan)
        kinds = Dictionary(plan.nodes.map { ($0.name, $0.kind) }, uniquingKeysWith: { $1 })
    }

    /// Of each column of the node.
    func fields(of node: PlanNode) -> [(name: String, uses: Uses)] {
        node.schema.names.map { name in
            (name, uses(of: ColumnReference(node: node.name, column: name)))
        }
    }

    /// What decides which rows there are.
    func rows(of node: PlanNode) -> Uses {
        var found: Uses = [:]
        var waiting = [node.name]
        var seen: Set<String> = []
        while let name = waiting.popLast() {
            guard seen.insert(name).inserted, let own = lineage.nodes[name] else { continue }
            for (reference, influences) in own.rows {
                add(reference, as: influences.map(Self.use), to: &found)
            }
            waiting += (plan[name]?.inputs ?? []).filter { kinds[$0] == .relation }
        }
        return found
    }

    private func uses(of reference: ColumnReference) -> Uses {
        var found: Uses = [:]
        var best: [ColumnReference: Derivation] = [:]
        var waiting: [(ColumnReference, Derivation)] = [(reference, .identity)]
        while let (current, derivation) = waiting.popLast() {
            if current != reference, kinds[current.node] != .relation {
                found[current, default: []].insert(Self.use(derivation))
                continue
            }
            // Again only where a stronger change reaches it.
            if let known = best[current], known >= derivation { continue }
            best[current] = derivation
            let column = lineage.column(current)
            for (next, step) in column.direct { waiting.append((next, max(step, derivation))) }
            for (next, influences) in column.indirect {
                add(next, as: influences.map(Self.use), to: &found)
            }
        }
        // Of one column the strongest derivation counts.
        return found.mapValues { uses in
            let direct = uses.filter(\.isDirect)
            guard direct.count > 1 else { return uses }
            let strongest =
                Derivation.allCases.last { direct.contains(Self.use($0)) } ?? .transformation
            return uses.subtracting(direct).union([Self.use(strongest)])
        }
    }

    /// A column of a relation stands for what it is made of.
    private func add(_ reference: ColumnReference, as uses: [Use], to found: inout Uses) {
        guard kinds[reference.node] == .relation else {
            found[reference, default: []].formUnion(uses)
            return
        }
        for origin in lineageOrigins(of: reference) {
            found[origin, default: []].formUnion(uses)
        }
    }

    private func lineageOrigins(of reference: ColumnReference) -> Set<ColumnReference> {
        var found: Set<ColumnReference> = []
        var seen: Set<ColumnReference> = []
        var waiting = [reference]
        while let current = waiting.popLast() {
            guard seen.insert(current).inserted else { continue }
            if kinds[current.node] != .relation {
                found.insert(current)
            } else {
                waiting += lineage.column(current).direct.keys
            }
        }
        return found
    }

    private static func use(_ derivation: Derivation) -> Use {
        Use(isDirect: true, kind: derivation.rawValue.uppercased())
    }

    private static func use(_ influence: Influence) -> Use {
        Use(isDirect: false, kind: influence.rawValue.uppercased())
    }
}

import ArgumentParser
import PipelineDSL
import Planner

/// `--select`, for the commands that can leave nodes out.
struct NodeSelection: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Only these nodes: `node`, `+node` with all before it, `node+` with all after it.",
            valueName: "selector"))
    var select: [String] = []

    /// The nodes that are meant; `nil` is all.
    ///
    /// - Parameter others: names that a selector may have although the plan does not: nodes of the
    ///   plan it is compared with.
    func nodes(
        of plan: Plan, orOf others: Plan? = nil, _ workspace: Workspace
    ) throws -> Set<String>? {
        guard !select.isEmpty else { return nil }
        var selected: Set<String> = []
        for selector in select {
            let name = String(selector.drop { $0 == "+" }.prefix { $0 != "+" })
            let plans = [plan, others].compactMap(\.self).filter { $0[name] != nil }
            guard !plans.isEmpty else {
                let near = nearName(name, among: plan.nodes.map(\.name))
                let names = plan.nodes.map(\.name).joined(separator: ", ")
                throw Workspace.stop(
                    workspace.options, .unknownSelection, "`\(name)` is not a node of this plan",
                    notes: [near.map { "did you mean `\($0)`?" } ?? "nodes: \(names)"])
            }
            selected.insert(name)
            for plan in plans {
                if selector.hasPrefix("+") { selected.formUnion(plan.ancestors(of: name)) }
                if selector.hasSuffix("+") { selected.formUnion(plan.descendants(of: name)) }
            }
        }
        return selected
    }
}

extension Plan {
    /// All that a node depends on.
    func ancestors(of name: String) -> Set<String> { reach(name) { self[$0]?.inputs ?? [] } }

    /// All that depends on a node.
    func descendants(of name: String) -> Set<String> {
        reach(name) { current in nodes.filter { $0.inputs.contains(current) }.map(\.name) }
    }

    private func reach(_ name: String, _ next: (String) -> [String]) -> Set<String> {
        var found: Set<String> = []
        var pending = next(name)
        while let current = pending.popLast() {
            if found.insert(current).inserted { pending += next(current) }
        }
        return found
    }

    /// To be shown: nodes that are left out are left out of inputs as well.
    func showing(_ selection: Set<String>?) -> Plan {
        guard let selection else { return self }
        var shown = self
        shown.nodes = nodes.filter { selection.contains($0.name) }
        for index in shown.nodes.indices {
            shown.nodes[index].inputs.removeAll { !selection.contains($0) }
        }
        return shown
    }
}

extension PlanDiff {
    func showing(_ selection: Set<String>?) -> PlanDiff {
        guard let selection else { return self }
        var shown = self
        shown.nodes.removeAll {
            !selection.contains($0.name) && !selection.contains($0.movedFrom ?? "")
        }
        shown.unchanged.removeAll { !selection.contains($0) }
        shown.pipelineChanges = []
        return shown
    }
}

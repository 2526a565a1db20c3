import PipelineDSL
import Planner

/// Which nodes of a plan run at certain times instead of continuously.
package struct SchedulePlan: Sendable {
    /// Nodes that run together.
    package struct Group: Sendable {
        /// Of its first node; names it in the state.
        package var name: String
        package var schedule: Schedule
        /// Those with the schedule, and what only they lead to.
        package var nodes: Set<String>
        /// Microseconds after which a run is given up.
        package var timeout: Int64?
    }

    /// In the order of the plan.
    package private(set) var groups: [Group] = []

    /// All nodes that do not run continuously.
    package var scheduled: Set<String> { groups.reduce(into: []) { $0.formUnion($1.nodes) } }

    /// The nodes that a streaming run works on all the time; `nil` is all.
    package private(set) var continuous: Set<String>?

    /// - Parameter selection: names of nodes; `nil` is all.
    /// - Throws: ``RunError`` where a scheduled node reads what nobody stores.
    package init(_ plan: Plan, selection: Set<String>? = nil) throws {
        var owner: [String: Int] = [:]
        for node in plan.nodes where selection?.contains(node.name) ?? true {
            if let (schedule, timeout) = plan.schedule(of: node) {
                let known = groups.firstIndex {
                    $0.schedule == schedule && $0.timeout == timeout
                }
                owner[node.name] = known ?? groups.count
                if known == nil {
                    groups.append(
                        Group(name: node.name, schedule: schedule, nodes: [], timeout: timeout))
                }
            } else if let first = node.inputs.compactMap({ owner[$0] }).first {
                owner[node.name] = first
            }
            if let group = owner[node.name] { groups[group].nodes.insert(node.name) }
        }
        let scheduled = scheduled
        continuous =
            scheduled.isEmpty
            ? selection : (selection ?? Set(plan.nodes.map(\.name))).subtracting(scheduled)
        for name in scheduled.sorted() { try check(name, plan) }
    }

    /// What it reads is there whenever it runs: tables and files.
    private func check(_ name: String, _ plan: Plan) throws {
        guard let node = plan[name] else { return }
        for input in node.inputs {
            guard let source = plan[input], let scan = source.scan,
                !["files", "s3"].contains(scan.binding.connector)
            else { continue }
            throw RunError(
                .scheduledInput,
                "`\(name)` runs on a schedule, and `\(input)` is not stored until then",
                at: node.span,
                notes: ["write `\(input)` to a table first, and read that"])
        }
    }
}

extension Plan {
    /// When a node runs by itself, or its stage does, and how long it may take.
    fileprivate func schedule(of node: PlanNode) -> (Schedule, timeout: Int64?)? {
        let policy = policy(of: node)
        let timeout = policy?.schedule != nil ? policy?.timeout : nil
        if let every = node.every, every > 0 { return (.every(every), timeout) }
        if let text = node.cron, let cron = try? CronExpression(text) {
            return (.cron(cron), timeout)
        }
        return policy?.schedule.map { ($0, timeout) }
    }
}

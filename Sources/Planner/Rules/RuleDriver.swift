import PipelineDSL

/// Applies the rules, over and over, until none changes anything.
///
/// It trusts none of them: a tree that no longer holds together, or whose columns differ, is thrown
/// away and the one before it kept, so a defective rule costs speed and never a result. It stops
/// after a fixed number of rounds, so rules that undo each other cannot keep it busy.
public struct RuleDriver: Sendable {
    public struct Report: Sendable {
        /// How often each rule changed a tree.
        public internal(set) var changes: [String: Int] = [:]
        public internal(set) var durations: [String: Duration] = [:]
        /// What was thrown away: the rule, and why.
        public internal(set) var refused: [String] = []
        /// Whether the last round still changed something.
        public internal(set) var isExhausted = false
    }

    public var rules: [any Rule]
    public var context: RuleContext
    public static let maximumRounds = 12

    public init(
        rules: [any Rule] = Rules.all, disabled: Set<String> = [],
        context: RuleContext = RuleContext()
    ) {
        self.rules = rules.filter { !disabled.contains($0.name) }
        self.context = context
    }

    /// - Parameter relation: the columns of other nodes of the pipeline.
    public func run(
        _ root: LogicalNode, relation: (String) -> Schema?
    ) -> (LogicalNode, Report) {
        var tree = root
        var report = Report()
        for _ in 0..<Self.maximumRounds {
            var isChanged = false
            for rule in rules {
                guard let changed = apply(rule, tree, &report, relation) else { continue }
                tree = changed
                isChanged = true
            }
            if !isChanged { return (tree, report) }
        }
        report.isExhausted = true
        return (tree, report)
    }

    private func apply(
        _ rule: any Rule, _ tree: LogicalNode, _ report: inout Report,
        _ relation: (String) -> Schema?
    ) -> LogicalNode? {
        let start = ContinuousClock.now
        let result = rule.apply(tree, context)
        report.durations[rule.name, default: .zero] += ContinuousClock.now - start
        guard result != tree else { return nil }
        guard result.schema == tree.schema else {
            report.refused.append("\(rule.name): the columns changed")
            return nil
        }
        guard result.lateSchema == tree.lateSchema else {
            report.refused.append("\(rule.name): the late rows changed")
            return nil
        }
        if let misfit = result.misfit(relation: relation) {
            report.refused.append(
                "\(rule.name): \(misfit.path.joined(separator: "/")) \(misfit.reason)")
            return nil
        }
        report.changes[rule.name, default: 0] += 1
        return result
    }
}

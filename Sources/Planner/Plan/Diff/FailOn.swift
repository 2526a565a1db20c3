import PipelineDSL

/// `--fail-on`: consequences that stop a pipeline of CI.
public enum FailOn: String, Sendable, CaseIterable {
    case breaking, destructive
    case stateLoss = "state-loss"
    case pii, delivery, cost

    /// Whether it can be told from two plans yet.
    public var isAnalysed: Bool {
        switch self {
        case .breaking, .destructive, .pii: true
        case .stateLoss, .delivery, .cost: false
        }
    }

    /// `breaking,destructive`; diagnostics for what is not known or not analysed yet.
    public static func parse(_ text: String) -> (Set<FailOn>, [Diagnostic]) {
        var result: Set<FailOn> = []
        var diagnostics: [Diagnostic] = []
        for part in text.split(separator: ",") {
            let word = part.trimmed
            guard let value = FailOn(rawValue: word) else {
                let near = nearName(word, among: allCases.map(\.rawValue))
                diagnostics.append(
                    Diagnostic(
                        .badChoice, "`--fail-on \(word)` is not known", at: nil,
                        notes: [
                            near.map { "did you mean `\($0)`?" },
                            "one or more of \(quotedNames(allCases.map(\.rawValue)))",
                        ].compactMap(\.self)))
                continue
            }
            guard value.isAnalysed else {
                diagnostics.append(
                    Diagnostic(
                        .notAnalysed, "`--fail-on \(word)`: this is not analysed yet", at: nil,
                        notes: [
                            "analysed: "
                                + quotedNames(allCases.filter(\.isAnalysed).map(\.rawValue))
                        ]))
                continue
            }
            result.insert(value)
        }
        return (result, diagnostics)
    }
}

extension Substring {
    fileprivate var trimmed: String {
        let start = drop { $0.isWhitespace }
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }
}

extension PlanDiff {
    /// Which of the consequences it has.
    public func consequences(_ kinds: Set<FailOn>) -> Set<FailOn> {
        kinds.filter { kind in
            switch kind {
            case .breaking: nodes.contains { $0.category == .breaking }
            case .destructive: nodes.contains { $0.isDestructive }
            // A class that is declared reaches nobody by that; it does where rows are kept or leave.
            case .pii:
                nodes.contains { node in
                    (node.nodeKind == .table || node.nodeKind == .sink)
                        && node.changes.contains { $0.pii != nil }
                }
            case .stateLoss, .delivery, .cost: false
            }
        }
    }

    /// 0 fine, 2 there are changes (only if asked), 3 stopped by `--fail-on`.
    public func exitCode(detailed: Bool = false, failOn: Set<FailOn> = []) -> Int32 {
        if !consequences(failOn).isEmpty { return 3 }
        return detailed && !isEmpty ? 2 : 0
    }
}

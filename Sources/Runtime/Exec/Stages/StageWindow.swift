import Planner

/// Holds back what a streaming run could read, until a stage's batch is full or its window has passed:
/// `batch: { rows: 100, every: 5 s }`.
///
/// What is held back stays in its source, so nothing has to be remembered over a crash.
package struct StageWindow: Sendable {
    private struct Bound: Sendable {
        var rows: Int?
        /// Microseconds.
        var every: Int64
    }

    /// By source.
    private let bounds: [String: Bound]
    /// When something of a source was there to be read first.
    private var since: [String: Int64] = [:]
    /// Of sources that cannot be asked without being read: when something was read last.
    private var read: [String: Int64] = [:]

    /// - Parameter sources: of each node, the streamed sources its rows come from.
    package init(_ plan: Plan, sources: [String: Set<String>]) {
        var bounds: [String: Bound] = [:]
        for node in plan.nodes {
            guard let policy = plan.policy(of: node), let every = policy.window else { continue }
            for source in sources[node.name] ?? [] {
                guard let known = bounds[source] else {
                    bounds[source] = Bound(rows: policy.batchRows, every: every)
                    continue
                }
                // The first of several stages that would be called calls all that read the source.
                let rows = [known.rows, policy.batchRows].compactMap(\.self).min()
                bounds[source] = Bound(rows: rows, every: min(known.every, every))
            }
        }
        self.bounds = bounds
    }

    package var isEmpty: Bool { bounds.isEmpty }

    /// Whether a source's rows should be read now.
    ///
    /// - Parameters:
    ///   - rows: how many there are; `nil` where that is not known before they are read, and then
    ///     only the window counts.
    ///   - now: microseconds since 1970.
    package mutating func isDue(_ source: String, rows: Int?, now: Int64) -> Bool {
        guard let bound = bounds[source] else { return true }
        let start = since[source] ?? now
        let isFull = bound.rows.map { wanted in rows.map { $0 >= wanted } ?? false } ?? false
        guard isFull || now - start >= bound.every else {
            since[source] = start
            return false
        }
        since[source] = nil
        return true
    }

    /// Whether a source that cannot be asked without being read should be read now: after something
    /// was, a window has to pass.
    package mutating func mayRead(_ source: String, now: Int64) -> Bool {
        guard let bound = bounds[source], let last = read[source] else { return true }
        guard now - last >= bound.every else { return false }
        read[source] = nil
        return true
    }

    /// Something of such a source is read now.
    package mutating func isRead(_ source: String, now: Int64) {
        if bounds[source] != nil { read[source] = now }
    }

    /// The earliest instant at which something that is held back becomes due; `nil` where nothing is.
    package var nextDue: Int64? {
        since.merging(read) { min($0, $1) }.compactMap { source, start in
            bounds[source].map { start.addingReportingOverflow($0.every) }
                .map { $0.overflow ? .max : $0.partialValue }
        }.min()
    }
}

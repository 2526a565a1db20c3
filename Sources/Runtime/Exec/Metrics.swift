import Synchronization

/// A count that any worker may add to, once a batch.
package final class Counter: Sendable {
    private let storage = Atomic<Int>(0)
    package init() {}
    package func add(_ amount: Int) { storage.wrappingAdd(amount, ordering: .relaxed) }
    package var value: Int { storage.load(ordering: .relaxed) }
}

/// What happened to the rows of one operator. The arithmetic must close:
/// `input + produced = output + rejected + filtered + deduplicated + late + combined`.
package final class OperatorMetrics: Sendable {
    package let input = Counter()
    package let output = Counter()
    package let rejected = Counter()
    package let filtered = Counter()
    package let deduplicated = Counter()
    package let late = Counter()
    /// Rows that went into another row: groups, `latest`, the build side of a join.
    package let combined = Counter()
    /// Rows that have no input row of their own: further matches of a join, elements of a list.
    package let produced = Counter()
    /// Rows that the node's further operators read more than once; produced, as the node sees it.
    package let copied = Counter()
    /// Rows that broke a rule of severity `warn` and passed.
    package let warned = Counter()
    /// Attempts at a batch that failed, of a stage or a sink; says nothing of rows.
    package let failedAttempts = Counter()
    package let bytes = Counter()
    package let busyNanoseconds = Counter()
    package init() {}

    package var accountedDifference: Int {
        input.value + produced.value
            - (output.value + rejected.value + filtered.value + deduplicated.value + late.value
                + combined.value)
    }
}

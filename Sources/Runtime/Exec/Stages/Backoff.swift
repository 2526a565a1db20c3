/// How long to wait before something is tried again: twice as long each time, half of it by chance, so
/// that many who failed together do not come back together.
package struct Backoff: Hashable, Sendable {
    /// Microseconds before the first retry.
    package var first: Int64
    /// Microseconds at most.
    package var most: Int64
    package var seed: Int64

    package init(first: Int64 = 100_000, most: Int64 = 60_000_000, seed: Int64 = 1) {
        self.first = max(0, first)
        self.most = max(0, most)
        self.seed = seed
    }

    /// Microseconds; the same for the same attempt of the same thing.
    ///
    /// - Parameters:
    ///   - attempt: how often it has failed, from 1.
    ///   - key: tells apart what fails at the same time.
    package func delay(attempt: Int, key: Int64) -> Int64 {
        let doublings = min(max(attempt, 1) - 1, 62)
        let (product, overflow) = first.multipliedReportingOverflow(by: 1 << Int64(doublings))
        let whole = overflow ? most : min(product, most)
        let half = whole / 2
        let stream = RandomStream(seed: seed, name: "backoff")
        let chance = stream.below(
            UInt64(whole - half) + 1, key, draw: UInt64(truncatingIfNeeded: attempt))
        return half + Int64(truncatingIfNeeded: chance)
    }
}

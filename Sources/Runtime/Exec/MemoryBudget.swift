import PipelineDSL
import Synchronization

/// The bytes a run may hold. Operators reserve before they grow; where a reservation is refused
/// they spill, or stop the run with a diagnostic. Nothing grows past the bound.
package final class MemoryBudget: Sendable {
    /// Bytes.
    package let limit: Int
    private let used = Atomic<Int>(0)
    private let highWater = Atomic<Int>(0)

    package init(limit: Int) { self.limit = limit }

    package var usedBytes: Int { used.load(ordering: .relaxed) }
    package var peakBytes: Int { highWater.load(ordering: .relaxed) }

    /// Whether `bytes` more were granted.
    package func reserve(_ bytes: Int) -> Bool {
        guard bytes > 0 else { return true }
        let after = used.wrappingAdd(bytes, ordering: .relaxed).newValue
        if after > limit {
            used.wrappingSubtract(bytes, ordering: .relaxed)
            return false
        }
        highWater.max(after, ordering: .relaxed)
        return true
    }

    package func release(_ bytes: Int) {
        if bytes > 0 { used.wrappingSubtract(bytes, ordering: .relaxed) }
    }
}

/// The bytes one holder has reserved; follows a size that grows and shrinks, and gives everything
/// back at its end.
package final class Reservation: @unchecked Sendable {
    private let budget: MemoryBudget
    package private(set) var bytes = 0

    package init(_ budget: MemoryBudget) { self.budget = budget }

    deinit { budget.release(bytes) }

    /// Sets the reservation to `size`; `false` (and unchanged) where the budget refuses.
    package func resize(to size: Int) -> Bool {
        if size > bytes {
            guard budget.reserve(size - bytes) else { return false }
        } else {
            budget.release(bytes - size)
        }
        bytes = size
        return true
    }

    package func clear() { _ = resize(to: 0) }
}

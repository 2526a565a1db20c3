import PipelineDSL
import Synchronization

/// The bytes a run may hold. Operators reserve before they grow; where a reservation is refused
/// they spill, or stop the run with a diagnostic. Nothing grows past the bound.
///
/// Operators ask through a ``share()``. Half of the memory is theirs in equal parts, so that none
/// starves beside others that came first; who needs more takes it from the other half.
package final class MemoryBudget: Sendable {
    private struct State {
        /// Taken from what belongs to nobody.
        var common = 0
        var total = 0
        var peak = 0
        /// Bytes taken through each share.
        var shares: [Int] = []
        /// What each share may take in any case.
        var guarantee = 0
    }

    /// Bytes of the whole run, also for a share.
    package let limit: Int
    /// The budget that this is a share of, and which.
    private let parent: (root: MemoryBudget, index: Int)?
    private let state = Mutex(State())

    package init(limit: Int) {
        self.limit = limit
        parent = nil
    }

    private init(shareOf root: MemoryBudget, index: Int) {
        limit = root.limit
        parent = (root, index)
    }

    package var usedBytes: Int { state.withLock { $0.total } }
    package var peakBytes: Int { state.withLock { $0.peak } }

    /// A part for one operator; made before the run begins.
    package func share() -> MemoryBudget {
        if let parent { return parent.root.share() }
        return state.withLock { state in
            state.shares.append(0)
            state.guarantee = limit / 2 / state.shares.count
            return MemoryBudget(shareOf: self, index: state.shares.count - 1)
        }
    }

    /// Whether `bytes` more were granted.
    package func reserve(_ bytes: Int) -> Bool {
        guard bytes > 0 else { return true }
        guard let parent else { return reserve(bytes, share: nil) }
        return parent.root.reserve(bytes, share: parent.index)
    }

    private func reserve(_ bytes: Int, share: Int?) -> Bool {
        state.withLock { state in
            let (total, overflow) = state.total.addingReportingOverflow(bytes)
            guard !overflow, total <= limit else { return false }
            let used = share.map { state.shares[$0] } ?? 0
            let free = share == nil ? 0 : state.guarantee
            let common = max(0, used + bytes - free) - max(0, used - free)
            guard state.common + common <= limit - state.guarantee * state.shares.count else {
                return false
            }
            state.common += common
            state.total = total
            state.peak = max(state.peak, total)
            if let share { state.shares[share] += bytes }
            return true
        }
    }

    package func release(_ bytes: Int) {
        guard bytes > 0 else { return }
        guard let parent else { return release(bytes, share: nil) }
        parent.root.release(bytes, share: parent.index)
    }

    private func release(_ bytes: Int, share: Int?) {
        state.withLock { state in
            state.total -= bytes
            guard let share else {
                state.common -= bytes
                return
            }
            let used = state.shares[share]
            state.common -=
                max(0, used - state.guarantee) - max(0, used - bytes - state.guarantee)
            state.shares[share] = used - bytes
        }
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

/// Indices drawn by weight.
struct WeightedChoice: Sendable {
    /// Ascending; the last is 2⁶⁴ - 1.
    private let bounds: [UInt64]

    /// `nil` where no weight is above 0.
    init?(_ weights: [Double]) {
        let total = weights.reduce(0, +)
        guard total > 0, total.isFinite, weights.allSatisfy({ $0 >= 0 }) else { return nil }
        var sum = 0.0
        var bounds = weights.map { weight -> UInt64 in
            sum += weight
            return UInt64(min(sum / total * 0x1p64, 0x1.fffffffffffffp63))
        }
        // Rounding must not make room for what weighs nothing.
        let last = weights.lastIndex { $0 > 0 } ?? 0
        for i in last..<bounds.count { bounds[i] = .max }
        self.bounds = bounds
    }

    @inline(__always)
    func index(_ bits: UInt64) -> UInt32 {
        bounds.withUnsafeBufferPointer { bounds in
            var (low, high) = (0, bounds.count &- 1)
            while low < high {
                let middle = (low &+ high) &>> 1
                if bits < bounds[middle] { high = middle } else { low = middle &+ 1 }
            }
            return UInt32(truncatingIfNeeded: low)
        }
    }

    func indices(_ rows: [Int64], _ random: RandomStream) -> [UInt32] {
        made(rows.count) { index(random.bits(rows[$0])) }
    }
}

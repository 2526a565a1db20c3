/// What a metric was over the last so-and-so long: its sum, or its largest value. Memory does not grow
/// with the number of samples.
struct MetricWindow {
    private struct Bucket {
        var number: Int64
        var value: Double
    }

    private let isSum: Bool
    /// Microseconds; `nil` looks back over the whole run.
    private let length: Int64?
    private let bucketLength: Int64
    /// Ascending.
    private var buckets: [Bucket] = []

    /// The window moves in steps of this part of its length.
    private static let parts: Int64 = 120

    init(isSum: Bool, length: Int64?) {
        self.isSum = isSum
        self.length = length
        bucketLength = max(1, (length ?? 1) / MetricWindow.parts)
    }

    mutating func add(_ value: Double, at now: Int64) {
        // Of the whole run a sum is kept, and of what has no window the last value.
        guard length != nil else {
            let sum = isSum ? (buckets.first?.value ?? 0) + value : value
            buckets = [Bucket(number: 0, value: sum)]
            return
        }
        let number = max(now / bucketLength, buckets.last?.number ?? .min)
        if let last = buckets.last, last.number == number {
            buckets[buckets.count - 1].value =
                isSum ? last.value + value : max(last.value, value)
        } else {
            buckets.append(Bucket(number: number, value: value))
        }
        drop(before: now)
    }

    private mutating func drop(before now: Int64) {
        guard let length else { return }
        let oldest = now &- length
        buckets.removeAll { ($0.number &+ 1) &* bucketLength <= oldest }
    }

    /// `nil` where there is no sample of something that is not a sum.
    mutating func value(at now: Int64) -> Double? {
        drop(before: now)
        if isSum { return buckets.reduce(0) { $0 + $1.value } }
        return buckets.map(\.value).max()
    }
}

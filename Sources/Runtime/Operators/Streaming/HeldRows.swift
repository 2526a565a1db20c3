import PipelineDSL

/// Rows that wait, in the batches they came in, each with a number by which it is found again. When
/// most of what is held has been let go, the rest is put together.
struct HeldRows {
    /// Number of a batch and physical row in it.
    typealias Place = UInt64

    private(set) var batches: [Batch] = []
    private(set) var byteCount = 0
    /// Rows in ``batches``, and those of them that still wait.
    private(set) var physicalCount = 0
    private(set) var liveCount = 0

    static func place(_ batch: Int, _ row: UInt32) -> Place { UInt64(batch) << 32 | UInt64(row) }
    static func batch(_ place: Place) -> Int { Int(place >> 32) }
    static func row(_ place: Place) -> UInt32 { UInt32(truncatingIfNeeded: place) }

    /// - Parameter batch: without a selection.
    /// - Returns: its number.
    mutating func append(_ batch: Batch) -> Int {
        batches.append(batch)
        byteCount += batch.byteCount
        physicalCount += batch.physicalCount
        liveCount += batch.physicalCount
        return batches.count - 1
    }

    mutating func release(_ count: Int) { liveCount -= count }

    /// Whether putting the rest together costs less than what it frees.
    var isMostlyGone: Bool { physicalCount > 4096 && liveCount * 2 < physicalCount }

    /// The rows at `places`, batch by batch in the order they came in.
    func rows(at places: [Place]) -> [Batch] {
        var parts: [Batch] = []
        var current: [UInt32] = []
        var number = -1
        func flush() {
            if !current.isEmpty { parts.append(batches[number].selecting(current)) }
            current = []
        }
        for place in places.sorted() {
            if Self.batch(place) != number {
                flush()
                number = Self.batch(place)
            }
            current.append(Self.row(place))
        }
        flush()
        return parts
    }
}

import PipelineDSL

/// Which rows are wrong, and how. As all of a generated row it depends on the seed and the row only.
struct GenerateDirt: Sendable {
    var duplicates = 0.0
    var nulls = 0.0
    var outOfRange = 0.0
    var late = 0.0
    /// Microseconds.
    var lateBy: Int64 = 3_600_000_000
    /// Positions of the columns that must not be null.
    var required: [Int] = []
    /// For each kind of row, of the made columns those that know what would be out of range.
    var ranged: [[Int]] = []
    /// Positions of event times.
    var timed: [Int] = []

    private let repeats: RandomStream
    private let ways: RandomStream

    init(seed: Int64) {
        repeats = RandomStream(seed: seed, name: "duplicate")
        ways = RandomStream(seed: seed, name: "dirt")
    }

    /// How far back a repeated row lies at most.
    static let reach: UInt64 = 1000

    /// The row whose content stands in `row`: itself, unless it repeats one.
    func content(_ row: Int64) -> Int64 {
        guard duplicates > 0 else { return row }
        var row = row
        // What is repeated may be a repetition; the bound is for `duplicates: 100%`.
        for _ in 0..<64 where row > 0 && repeats.unit(row) < duplicates {
            let reach = min(UInt64(row), Self.reach)
            row -= 1 + Int64(truncatingIfNeeded: repeats.below(reach, row, draw: 1))
        }
        return row
    }

    var hasRanged: Bool { ranged.contains { !$0.isEmpty } }

    /// A row's fault, and a number that chooses the column.
    enum Fault { case null, outOfRange, late }

    var hasFaults: Bool { nulls > 0 || outOfRange > 0 || late > 0 }

    func fault(_ row: Int64) -> Fault? {
        let u = ways.unit(row)
        if u < nulls { return required.isEmpty ? nil : .null }
        if u < nulls + outOfRange { return hasRanged ? .outOfRange : nil }
        return u < nulls + outOfRange + late ? .late : nil
    }

    /// Which of `count` columns has the fault.
    func column(_ row: Int64, of count: Int) -> Int {
        Int(truncatingIfNeeded: ways.below(UInt64(max(1, count)), row, draw: 1))
    }

    /// Microseconds.
    func lateness(_ row: Int64) -> Int64 {
        lateBy.saturatingAdd(
            Int64(truncatingIfNeeded: ways.below(UInt64(max(1, lateBy)), row, draw: 2)))
    }

    /// A value some widths away from what it should be, above or below.
    func outlier(_ row: Int64, _ extent: (center: Double, width: Double)) -> Double {
        let distance = extent.width * (3 + 7 * ways.unit(row, draw: 3))
        return ways.bits(row, draw: 4) & 1 == 0
            ? extent.center + distance : extent.center - distance
    }
}

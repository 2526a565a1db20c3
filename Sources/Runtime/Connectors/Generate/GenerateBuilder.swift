import PipelineDSL
import Planner

/// Settings of `generate` → a table that makes rows, with everything said that is wrong with them.
///
/// The check of a spec and a run take the same way; a plan's settings have no spans.
struct GenerateBuilder {
    let settings: Settings
    let schema: Schema
    /// `now()` in expressions and as `start`.
    let now: Int64
    var diagnostics: [Diagnostic] = []

    let seed: Int64
    private(set) var clock = RowTimes(start: 0, interval: 1_000_000)
    var kinds: [String] = []
    var kindChoice: WeightedChoice?
    var kindColumn: Int?
    /// Of kinds with columns of their own, what is said about these.
    var kindEntries: [(kind: Int, entries: [SettingValue.MappingEntry])] = []

    init(_ settings: Settings, schema: Schema, now: Int64) {
        self.settings = settings
        self.schema = schema
        self.now = now
        seed = settings.integer("seed") ?? 1
    }

    /// What could be made of the settings; of use only where no diagnostic is an error.
    ///
    /// - Parameter source: the node's name, for dead letters.
    mutating func table(source: String) -> GeneratedTable {
        clock = rowTimes()
        readMix()
        let (columns, computed) = columns()
        let made = columns.sorted { !$0.needsOthers && $1.needsOthers }
        return GeneratedTable(
            source: source, schema: schema, columns: made, computed: computed,
            mix: kindChoice, kindStream: kindStream, dirt: dirt(made),
            pace: pace())
    }

    var kindStream: RandomStream { RandomStream(seed: seed, name: "mix") }

    mutating func report(
        _ code: DiagnosticCode, _ message: String, at span: SourceSpan?, label: String = "",
        notes: [String] = [], fix: Diagnostic.Fix? = nil
    ) {
        diagnostics.append(
            Diagnostic(code, message, at: span, label: label, notes: notes, fix: fix))
    }

    // MARK: - Time

    private mutating func pace() -> GeneratedTable.Pace {
        let rate = settings.number("rate")
        if let rate, rate <= 0 || !rate.isFinite {
            report(
                .generateBounds, "no row is ever due at this rate", at: settings["rate"]?.span,
                notes: ["leave `rate` out: then all rows are due at once"])
        }
        var total = settings.integer("rows")
        if let duration = settings.duration("duration") {
            let rows = Int64(saturating: (Double(duration) / clock.interval).rounded())
            let due = rate.map { Int64(saturating: ($0 * Double(duration) / 1e6).rounded()) }
            total = min(total ?? .max, due ?? rows)
        }
        if total == nil, rate == nil {
            report(
                .generateEndless, "`generate` does not say how many rows to make",
                at: settings.span,
                notes: ["say `rows: 1000`, or `rate: 10 / second` and `duration: 60 s`"])
        }
        return GeneratedTable.Pace(
            total: total, rate: rate, batch: max(1, settings.integer("batch") ?? 1),
            startsNow: settings.string("start") == "now")
    }

    private mutating func rowTimes() -> RowTimes {
        var clock = RowTimes(start: 0, interval: 1_000_000)
        if let interval = settings.duration("interval") {
            clock.interval = Double(interval)
        } else if let rate = settings.number("rate"), rate > 0 {
            clock.interval = 1e6 / rate
        }
        if clock.interval <= 0 {
            if settings["duration"] != nil, settings["rate"] == nil {
                report(
                    .generateBounds, "`duration` needs time between the rows",
                    at: settings["interval"]?.span, notes: ["say `interval: 1 s`, or `rows`"])
                clock.interval = 1
            }
            clock.interval = max(0, clock.interval)
        }
        clock.start = startTime()
        return clock
    }

    private static let defaultStart: Int64 = 1_767_225_600_000_000

    private mutating func startTime() -> Int64 {
        guard let text = settings.string("start"), !text.contains("${") else {
            return Self.defaultStart
        }
        if text == "now" { return now }
        if case .integer(let time) = Value.parse(text, as: .timestamp) { return time }
        report(
            .generateBounds, "`start` is no moment", at: settings["start"]?.span,
            notes: ["write `2026-01-01T00:00:00Z`, or `now`"])
        return Self.defaultStart
    }

    // MARK: - Dirt

    private mutating func dirt(_ columns: [GeneratedTable.MadeColumn]) -> GenerateDirt {
        var dirt = GenerateDirt(seed: seed)
        dirt.required = schema.fields.indices.filter { !schema.fields[$0].nullable }
        dirt.ranged = (0..<max(1, kinds.count)).map { kind in
            columns.indices.filter { columns[$0].outlier(kind: kind) != nil }
        }
        dirt.timed = columns.filter { if case .moment = $0.maker { true } else { false } }
            .map(\.index).filter { schema.fields[$0].type == .timestamp }
        if let all = settings["dirt"], case .fraction(let fraction) = all.kind {
            let ways = [true, !dirt.required.isEmpty, dirt.hasRanged, !dirt.timed.isEmpty]
            let share = fraction / Double(ways.count { $0 })
            dirt.duplicates = share
            dirt.nulls = ways[1] ? share : 0
            dirt.outOfRange = ways[2] ? share : 0
            dirt.late = ways[3] ? share : 0
        } else if let parts = settings.object("dirt") {
            dirt.duplicates = parts.number("duplicates") ?? 0
            dirt.nulls = parts.number("nulls") ?? 0
            dirt.outOfRange = parts.number("out_of_range") ?? 0
            dirt.late = parts.number("late") ?? 0
            dirt.lateBy = parts.duration("late_by") ?? dirt.lateBy
            checkDirt(dirt, parts)
        }
        return dirt
    }

    private mutating func checkDirt(_ dirt: GenerateDirt, _ parts: Settings) {
        if dirt.nulls + dirt.outOfRange + dirt.late > 1 {
            report(
                .generateDirt, "more rows are wrong than there are", at: parts.span,
                notes: ["`nulls`, `out_of_range` and `late` are of different rows: at most 100%"])
        }
        for (name, isEmpty, wanted) in [
            ("nulls", dirt.required.isEmpty, "a column that is `not null`"),
            (
                "out_of_range", !dirt.hasRanged,
                "a column of numbers made by `uniform`, `normal`, `lognormal`, `exponential` or `walk`"
            ),
            ("late", dirt.timed.isEmpty, "a timestamp made by `timestamp`"),
        ] where isEmpty && (parts.number(name) ?? 0) > 0 {
            report(
                .generateDirt, "no column can be wrong in this way", at: parts[name]?.span,
                notes: ["`\(name)` needs \(wanted)"])
        }
    }
}

import PipelineDSL

/// Makes any rows of a generated source, in any order. Immutable, so all workers share it.
package struct GeneratedTable: Sendable {
    struct MadeColumn: Sendable {
        /// Position in the schema.
        var index: Int
        var maker: ColumnMaker
        var pattern: TextPattern?
        var random: RandomStream
        /// Fraction of rows.
        var nulls = 0.0
        var nullStream = RandomStream(seed: 0, name: "null")
        /// For each kind of the mix whether it has the column.
        var kinds: [Bool]?
        /// Of kinds that make it in a way of their own.
        var branches: [Branch] = []

        /// Whether another column has to be made before.
        var needsOthers: Bool {
            maker.needsOthers || branches.contains { $0.column.needsOthers }
        }

        mutating func start(at time: Int64) {
            for b in branches.indices { branches[b].column.start(at: time) }
            switch maker {
            case .moment(var times, let jitter):
                times.start = time
                maker = .moment(times, jitter: jitter)
            case .object(var members):
                for m in members.indices { members[m].column.start(at: time) }
                maker = .object(members)
            default: return
            }
        }
    }

    struct Branch: Sendable {
        var kind: Int
        var column: MadeColumn
    }

    struct Computed: Sendable {
        var index: Int
        /// Positions in the schema of the columns that the expression sees.
        var input: [Int]
        var expression: CompiledExpression
        /// For each kind of the mix whether it has it; `nil` where all do.
        var kinds: [Bool]?
    }

    /// When rows become due.
    struct Pace: Sendable {
        /// `nil` where they never end.
        var total: Int64?
        /// Rows a second; `nil` where all are due at once.
        var rate: Double?
        var batch: Int64
        /// Whether the first row's event time is when the run began.
        var startsNow: Bool
    }

    let source: String
    let schema: Schema
    /// Those that depend on others stand behind them.
    var columns: [MadeColumn]
    var computed: [Computed]
    var mix: WeightedChoice?
    var kindStream: RandomStream
    var dirt: GenerateDirt
    var pace: Pace

    /// How the rows' place is called in dead letters; the offset there is the row's number.
    static let object = "generate"

    /// The same table with the first event at `time`, if it starts when the run does.
    func starting(at time: Int64) -> GeneratedTable {
        guard pace.startsNow else { return self }
        var table = self
        for c in columns.indices { table.columns[c].start(at: time) }
        return table
    }

    // MARK: - Rows

    /// Rows `range`, which must be within 0…; those a required column of which is missing, or that
    /// an expression cannot be computed of, are rejected.
    func rows(_ range: Range<Int64>) -> SourceBatch {
        let made = content(range)
        let count = range.count
        guard !made.failures.isEmpty else {
            let origin = Batch.Origin(GeneratedOrigin(table: self, first: range.lowerBound))
            return SourceBatch(batch: Batch(columns: made.columns, count: count, origin: origin))
        }
        let all = Batch(columns: made.columns, count: count)
        var keeps = Bitmap(repeating: true, count: count)
        let failures = made.failures.sorted { $0.row < $1.row }
        var rejected: [RejectedRow] = []
        for failure in failures where keeps[failure.row] {
            keeps[failure.row] = false
            rejected.append(
                RejectedRow(
                    object: Self.object, offset: range.lowerBound + Int64(failure.row),
                    rule: failure.code.description, code: failure.code, message: failure.message,
                    column: failure.column.map { schema.fields[$0].name },
                    raw: text(of: all, failure)))
        }
        let kept = keeps.ones
        var batch = all.gathered(kept)
        batch.origin = Batch.Origin(
            GeneratedOrigin(table: self, first: range.lowerBound), rows: kept)
        return SourceBatch(batch: batch, rejected: rejected)
    }

    /// A row as its dead letter shows it.
    func text(_ row: Int64) -> [UInt8] {
        let made = content(row..<row + 1)
        let batch = Batch(columns: made.columns, count: 1)
        guard let failure = made.failures.first else {
            return RowText.redacted(batch, row: 0, schema: schema)
        }
        return text(of: batch, failure)
    }

    private func text(of batch: Batch, _ failure: Failure) -> [UInt8] {
        var columns = batch.columns.map { $0.slice(failure.row..<failure.row + 1) }
        if let column = failure.column {
            columns[column] = .nulls(columns[column].type, count: 1)
        }
        return RowText.redacted(Batch(columns: columns, count: 1), row: 0, schema: schema)
    }

    private struct Failure {
        var row: Int
        var column: Int?
        var code: DiagnosticCode
        var message: String
    }

    private func content(_ range: Range<Int64>) -> (columns: [Column], failures: [Failure]) {
        var rows = Swift.Array(range)
        if dirt.duplicates > 0 { rows = rows.map { dirt.content($0) } }
        let kinds = mix?.indices(rows, kindStream)
        var values = schema.fields.map { Column.nulls($0.type, count: 0) }
        for column in columns {
            values[column.index] = make(column, rows, kinds, values)
        }
        var failures = soil(&values, rows, kinds)
        for column in computed {
            failures += compute(column, &values, kinds, count: rows.count)
        }
        return (values, failures)
    }

    private func compute(
        _ column: Computed, _ values: inout [Column], _ kinds: [UInt32]?, count: Int
    ) -> [Failure] {
        var input = Batch(columns: column.input.map { values[$0] }, count: count)
        var places: [UInt32]?
        if let own = column.kinds, let kinds {
            let all = (0..<UInt32(count)).filter { own[Int(kinds[Int($0)])] }
            input = input.gathered(all)
            places = all
        }
        let evaluation = column.expression.evaluate(input)
        if let places {
            values[column.index] = values[column.index].placing(evaluation.column, at: places)
        } else {
            values[column.index] = evaluation.column
        }
        guard let errors = evaluation.errors else { return [] }
        let isShown = column.input.allSatisfy { schema.fields[$0].pii == nil }
        return errors.rows.indices.map { i in
            let row = Int(errors.rows[i])
            return Failure(
                row: places.map { Int($0[row]) } ?? row, column: column.index, code: errors.code(i),
                message: errors.message(i, showValues: isShown))
        }
    }

    // MARK: - Dirt

    /// Makes some of the rows wrong; those that are no rows then are returned.
    private func soil(
        _ values: inout [Column], _ rows: [Int64], _ kinds: [UInt32]?
    ) -> [Failure] {
        guard dirt.hasFaults else { return [] }
        var failures: [Failure] = []
        var far: [Int: [Int]] = [:]
        var late: [Int] = []
        for (i, row) in rows.enumerated() {
            switch dirt.fault(row) {
            case .null:
                let column = dirt.required[dirt.column(row, of: dirt.required.count)]
                failures.append(
                    Failure(
                        row: i, column: column, code: .nullInRequiredColumn,
                        message: "`\(schema.fields[column].name)` is null, but it is declared "
                            + "`not null`"))
            case .outOfRange:
                let ranged = dirt.ranged[kinds.map { Int($0[i]) } ?? 0]
                guard !ranged.isEmpty else { continue }
                far[ranged[dirt.column(row, of: ranged.count)], default: []].append(i)
            case .late: late.append(i)
            case nil: break
            }
        }
        for (column, places) in far { move(column, places, rows, kinds, &values) }
        if !late.isEmpty {
            for index in dirt.timed { delay(&values[index], late, rows) }
        }
        return failures
    }

    private func move(
        _ column: Int, _ places: [Int], _ rows: [Int64], _ kinds: [UInt32]?,
        _ values: inout [Column]
    ) {
        let made = columns[column]
        let type = schema.fields[made.index].type
        let numbers = places.map { place in
            let extent = made.outlier(kind: kinds.map { Int($0[place]) } ?? 0)
            return dirt.outlier(rows[place], extent ?? (0, 1))
        }
        let outliers = ColumnMaker.stored(numbers, as: type)
        values[made.index] = values[made.index].replacing(places, with: outliers)
    }

    private func delay(_ column: inout Column, _ places: [Int], _ rows: [Int64]) {
        guard case .int64(var times) = column.values else { return }
        for i in places { times[i] = times[i].saturatingAdd(-dirt.lateness(rows[i])) }
        column = Column(column.type, .int64(times), validity: column.validity)
    }
}

extension GeneratedTable.MadeColumn {
    /// Where values are and how wide they spread in rows of a kind, if they can be out of range.
    func outlier(kind: Int) -> (center: Double, width: Double)? {
        if let branch = branches.first(where: { $0.kind == kind }) {
            return branch.column.extent
        }
        // Without a mix there is one kind, and `only` is a mistake that is said elsewhere.
        let has = kinds.map { $0.indices.contains(kind) && $0[kind] } ?? true
        return has && nulls < 1 ? extent : nil
    }

    private var extent: (center: Double, width: Double)? {
        switch maker {
        case .distribution(let distribution, let bounds):
            return bounded(distribution.extent, bounds)
        case .walk(let walk):
            return bounded((walk.from, max(walk.step * 256, 1)), walk.bounds)
        // Whole numbers; moments are late instead.
        case .whole(let low, let high):
            let (low, high) = (Double(low), Double(high))
            return (low / 2 + high / 2, max(high / 2 - low / 2, 1))
        default: return nil
        }
    }

    /// Beyond bounds that are given is wrong enough.
    private func bounded(
        _ extent: (center: Double, width: Double), _ bounds: ClosedRange<Double>
    ) -> (center: Double, width: Double) {
        let low = max(bounds.lowerBound, extent.center - extent.width)
        let high = min(bounds.upperBound, extent.center + extent.width)
        return low < high ? ((low + high) / 2, max((high - low) / 2, 1e-9)) : extent
    }
}

extension Column {
    /// The same with the values of `others`, one for each of `places`.
    fileprivate func replacing(_ places: [Int], with others: Values) -> Column {
        func replaced<T>(_ values: [T], _ others: [T]) -> [T] {
            var values = values
            for (place, other) in zip(places, others) { values[place] = other }
            return values
        }
        let result: Values =
            switch (values, others) {
            case (.int32(let a), .int32(let b)): .int32(replaced(a, b))
            case (.int64(let a), .int64(let b)): .int64(replaced(a, b))
            case (.float32(let a), .float32(let b)): .float32(replaced(a, b))
            case (.float64(let a), .float64(let b)): .float64(replaced(a, b))
            case (.int128(let a), .int128(let b)): .int128(replaced(a, b))
            default: values
            }
        return Column(type, result, validity: validity)
    }
}

/// Where generated rows come from: their number is their place, and they can be made again.
private struct GeneratedOrigin: RowOrigin {
    let table: GeneratedTable
    let first: Int64

    var source: String { table.source }
    var object: String { GeneratedTable.object }
    func line(_ row: Int) -> Int64? { nil }
    func offset(_ row: Int) -> Int64 { first + Int64(row) }
    func raw(_ row: Int) -> [UInt8]? { table.text(offset(row)) }
}

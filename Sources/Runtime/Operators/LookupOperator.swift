import PipelineDSL
import Planner

/// The relation that rows are looked up in, held in memory; complete when its input has ended.
final class LookupTable: SerialOperator, @unchecked Sendable {
    private let keys: [Int]
    private let take: [Int]
    private let versions: Lookup.Versions?
    private let takeTypes: [DataType]
    private let name: String
    private let span: SourceSpan?
    private let reservation: Reservation
    private let groups: GroupTable
    private var batches: [Batch] = []
    /// For each group the number of its last row, over all batches; not where there are versions.
    private var lastRow: [UInt32] = []
    private var history = KeyHistory()
    private var rowCount = 0
    /// The taken columns of all rows; set at the end, then constant.
    private(set) var columns: [Column] = []

    init(
        _ lookup: Lookup, schema: Schema, memory: MemoryBudget, span: SourceSpan?
    ) {
        keys = lookup.tableKeys
        take = lookup.take
        versions = lookup.versions
        name = lookup.table
        self.span = span
        takeTypes = take.map { schema.fields[$0].type }
        groups = GroupTable(types: keys.map { schema.fields[$0].type })
        reservation = Reservation(memory)
    }

    func process(
        _ payload: Payload, port: Int, _ context: borrowing OperatorContext,
        emit: (Payload) throws -> Void
    ) throws {
        guard case .rows(let rows, _) = payload, rows.count > 0 else { return }
        let batch = rows.compacted()
        let keyColumns = keys.map { batch.columns[$0] }
        let bound = groups.byteCountBound(adding: batch.count, stringBytes: batch.byteCount)
        let held = batches.reduce(0) { $0 + $1.byteCount } + batch.byteCount
        let past = versions == nil ? 0 : (rowCount + batch.count) * KeyHistory.bytesPerVersion
        guard reservation.resize(to: bound + held + past) else {
            throw RunError(
                .memoryExceeded, "the lookup table `\(name)` does not fit the memory bound",
                at: span,
                notes: ["raise --memory, or `select` fewer columns and rows of `\(name)` first"])
        }
        let found = try groups.findOrInsert(
            keyColumns, hashes: hashRows(keyColumns, count: batch.physicalCount), rows: nil)
        if let versions {
            history.add(found.groups, from: batch.columns[versions.from], firstRow: rowCount)
        } else {
            noteLast(found.groups)
        }
        rowCount += batch.count
        batches.append(batch.project(take))
        context.metrics.combined.add(batch.count)
    }

    private func noteLast(_ found: [UInt32]) {
        for (row, group) in found.enumerated() {
            let number = UInt32(truncatingIfNeeded: rowCount + row)
            if Int(group) == lastRow.count {
                lastRow.append(number)
            } else {
                lastRow[Int(group)] = number
            }
        }
    }

    func finish(
        port: Int, _ context: borrowing OperatorContext, emit: (Payload) throws -> Void
    ) throws {
        history.finish(groups: groups.count)
        columns = Batch.concatenated(batches, types: takeTypes).columns
        batches = []
    }

    /// Of each row of `batch`, which has no selection, the row of ``columns``, `GroupTable.none` for no match.
    func find(_ keyColumns: [Column], _ batch: Batch) -> [UInt32] {
        let hashes = hashRows(keyColumns, count: batch.physicalCount)
        let found = groups.find(keyColumns, hashes: hashes, rows: batch.selection)
        if let versions { return history.find(found, at: batch.columns[versions.time]) }
        return found.map { $0 == GroupTable.none ? $0 : lastRow[Int($0)] }
    }
}

/// Adds the looked-up columns to each row.
struct LookupOperator: RowOperator {
    let lookup: Lookup
    let table: LookupTable
    let schema: Schema

    init(_ lookup: Lookup, table: LookupTable, schema: Schema) {
        self.lookup = lookup
        self.table = table
        self.schema = schema
    }

    func process(
        _ batch: Batch, _ context: borrowing OperatorContext, into output: inout RowOutput
    ) throws {
        var batch = batch.compacted()
        var found = table.find(lookup.keys.map { batch.columns[$0] }, batch)
        if lookup.missing == .reject, found.contains(GroupTable.none) {
            let missing = found.indices.filter { found[$0] == GroupTable.none }
            for row in missing { output.rejected.append(rejection(batch, row)) }
            let kept = found.indices.filter { found[$0] != GroupTable.none }
            batch = batch.gathered(kept.map { UInt32(truncatingIfNeeded: $0) })
            found = kept.map { found[$0] }
        }
        let taken = table.columns.map { $0.gatherOptional(found) }
        output.batches.append(batch.replacing(columns: batch.columns + taken))
    }

    private func rejection(_ batch: Batch, _ row: Int) -> RejectedRow {
        let key = lookup.keys.map {
            "\(schema.fields[$0].name) = \(batch.columns[$0].text(row).prefix(80))"
        }
        return Rejection.row(
            row, of: batch, schema: schema, rule: "lookup_missing", code: .lookupMissing,
            message: "`\(lookup.table)` has no row with \(key.joined(separator: ", "))")
    }
}

extension Column {
    /// Like ``gather(_:)``, with null for `GroupTable.none`.
    func gatherOptional(_ rows: [UInt32]) -> Column {
        guard count > 0 else { return .nulls(type, count: rows.count) }
        guard rows.contains(GroupTable.none) else { return gather(rows) }
        let present = Bitmap(count: rows.count) { rows[$0] != GroupTable.none }
        let column = gather(rows.map { $0 == GroupTable.none ? 0 : $0 })
        return column.withValidity(Bitmap.both(column.validity, present))
    }
}

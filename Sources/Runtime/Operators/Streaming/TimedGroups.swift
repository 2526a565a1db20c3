import PipelineDSL
import Planner

/// The groups of a streamed aggregate, by the time at which they end.
///
/// On disk they are the rows that went in since the last snapshot: replayed in order they give every
/// aggregate the same value to the last bit. A snapshot of the aggregates takes their place when
/// there are more of them than groups.
final class TimedGroups: OperatorState, @unchecked Sendable {
    /// Groups that end together.
    final class Pane {
        let id: Int64
        let end: Int64
        let table: GroupTable
        let states: [AggregateState]
        var count = 0
        /// Whether its rows have been said: from then on only what changes is.
        var isSaid: Bool
        /// Groups that changed since, in the order of their first change.
        var changed: [UInt32] = []
        var isChanged: [Bool] = []
        var byteCount = 0

        init(id: Int64, end: Int64, isSaid: Bool, keys: [DataType], states: [AggregateState]) {
            self.id = id
            self.end = end
            self.isSaid = isSaid
            self.states = states
            table = GroupTable(types: keys)
        }

        var stateBytes: Int {
            table.byteCount + states.reduce(0) { $0 + $1.byteCount } + isChanged.count
        }
    }

    /// Rows on their way into panes: keys and arguments over the physical rows of one batch.
    struct Rows: Sendable {
        var selection: [UInt32]
        var physicalCount: Int
        var panes: PaneColumn
        var keys: [Column]
        var hashes: [UInt64]
        var arguments: [AggregateInput]
        /// In the strings of the batch.
        var stringBytes: Int
    }

    let definition: String
    let types: [DataType]
    private(set) var expired = Int64.min
    let end: GroupEnd
    private let keyTypes: [DataType]
    private let calls: [CompiledAggregate]
    private let lateness: Int64
    private var panes: [Int64: Pane] = [:]
    private var added: [Batch] = []
    private var addedRows = 0
    private let reservation: Reservation
    private var paneBytes = 0

    /// - Parameter watermark: what ended before has been said.
    init(
        _ aggregate: Aggregate, calls: [CompiledAggregate], end: GroupEnd, lateness: Int64,
        input: Schema, watermark: Int64?, memory: MemoryBudget
    ) {
        let keys = end.keys(aggregate)
        keyTypes = keys.map(\.expression.type)
        self.calls = calls
        self.end = end
        self.lateness = lateness
        types =
            [.bigint] + keyTypes
            + calls.flatMap { call in
                call.call.arguments.map(\.type) + call.call.orderBy.map(\.expression.type)
                    + [.boolean]
            }
        definition = TimedGroups.definition(keys, calls.map(\.call), end, input)
        expired = watermark ?? .min
        reservation = Reservation(memory)
    }

    private static func definition(
        _ keys: [NamedExpression], _ calls: [Aggregate.Call], _ end: GroupEnd, _ input: Schema
    ) -> String {
        // Columns by name: their positions may change with the input, what is computed must not.
        func text(_ expression: TypedExpression) -> String {
            "\(expression.sql(input)) \(expression.type)"
        }
        let keys = keys.map { text($0.expression) }.joined(separator: ", ")
        let calls = calls.map { call in
            let distinct = call.isDistinct ? "distinct " : ""
            let order = call.orderBy.map {
                " order by \(text($0.expression)) \($0.descending) \($0.nullsFirst)"
            }.joined()
            let filter = call.filter.map { " where \(text($0))" } ?? ""
            return call.function + "(\(distinct)"
                + call.arguments.map(text).joined(separator: ", ") + "\(order))\(filter)"
        }.joined(separator: ", ")
        let length =
            switch end {
            case .window(_, let size): "windows of \(QuantityText.duration(size))"
            case .time(let group, let slack):
                "group \(group + 1) within \(QuantityText.duration(slack))"
            case .never: "one group"
            }
        return "aggregate by (\(keys)) of \(calls); \(length)"
    }

    /// Whether a pane takes no more rows.
    func isOver(_ pane: Int64) -> Bool {
        EpochTime.isOver(end.end(of: pane), lateness, expired == .min ? nil : expired)
    }

    // MARK: - Rows

    /// Adds rows, none of which is late; they are remembered for the checkpoint.
    func add(_ rows: Rows) throws {
        try update(rows, isNew: true)
        added.append(written(rows))
        addedRows += rows.selection.count
    }

    private func update(_ rows: Rows, isNew: Bool) throws {
        for (id, selection) in TimedGroups.split(rows) {
            try update(pane(id), rows, selection, isNew: isNew)
        }
    }

    /// By pane, in the order of their first row; mostly there is one.
    private static func split(_ rows: Rows) -> [(Int64, [UInt32])] {
        guard let first = rows.selection.first else { return [] }
        let firstPane = rows.panes[first]
        guard let other = rows.selection.firstIndex(where: { rows.panes[$0] != firstPane }) else {
            return [(firstPane, rows.selection)]
        }
        var parts: [(Int64, [UInt32])] = [(firstPane, Array(rows.selection[..<other]))]
        var order = [firstPane: 0]
        for row in rows.selection[other...] {
            let pane = rows.panes[row]
            if let index = order[pane] {
                parts[index].1.append(row)
            } else {
                order[pane] = parts.count
                parts.append((pane, [row]))
            }
        }
        return parts
    }

    private func pane(_ id: Int64) -> Pane {
        if let known = panes[id] { return known }
        let end = end.end(of: id)
        let pane = Pane(
            id: id, end: end, isSaid: EpochTime.isOver(end, 0, expired == .min ? nil : expired),
            keys: keyTypes, states: calls.map { $0.makeState() })
        panes[id] = pane
        return pane
    }

    private func update(
        _ pane: Pane, _ rows: Rows, _ selection: [UInt32], isNew: Bool
    ) throws {
        let isWhole = selection.count == rows.physicalCount
        let physical: [UInt32]? = isWhole ? nil : selection
        let groups: [UInt32]
        if keyTypes.isEmpty {
            pane.count = 1
            groups = [UInt32](repeating: 0, count: selection.count)
        } else {
            let bound = pane.table.byteCountBound(
                adding: selection.count, stringBytes: rows.stringBytes)
            try reserve(pane, bound + pane.stateBytes - pane.table.byteCount)
            groups = try pane.table.findOrInsert(rows.keys, hashes: rows.hashes, rows: physical)
                .groups
            pane.count = pane.table.count
        }
        for (state, arguments) in zip(pane.states, rows.arguments) {
            try state.update(arguments, groups: groups, rows: physical, groupCount: pane.count)
        }
        // Until a pane is said for the first time, all of it is to be said.
        if isNew, pane.isSaid || end.saysChanges { mark(groups, in: pane) }
        try reserve(pane, pane.stateBytes)
    }

    private func mark(_ groups: [UInt32], in pane: Pane) {
        while pane.isChanged.count < pane.count { pane.isChanged.append(false) }
        for group in groups where !pane.isChanged[Int(group)] {
            pane.isChanged[Int(group)] = true
            pane.changed.append(group)
        }
    }

    private func reserve(_ pane: Pane, _ bytes: Int) throws {
        let total = paneBytes - pane.byteCount + bytes
        guard reservation.resize(to: total) else {
            throw RunError(
                .memoryExceeded, "the open groups of an aggregate do not fit the memory bound",
                notes: [
                    "raise --memory; or let groups end earlier: smaller windows, a shorter "
                        + "`watermark` or `allowed_lateness`"
                ])
        }
        paneBytes = total
        pane.byteCount = bytes
    }

    // MARK: - Ends

    /// Panes to say something of now, the earliest first.
    func due(at watermark: Int64?) -> [Pane] {
        panes.values.filter { pane in
            if end.saysChanges || pane.isSaid { return !pane.changed.isEmpty }
            return pane.count > 0 && EpochTime.isOver(pane.end, 0, watermark)
        }.sorted { $0.id < $1.id }
    }

    func markSaid(_ pane: Pane) {
        pane.isSaid = true
        for group in pane.changed { pane.isChanged[Int(group)] = false }
        pane.changed = []
    }

    /// Forgets what takes no more rows.
    func advance(to watermark: Int64?) {
        guard let watermark, watermark > expired else { return }
        expired = watermark
        for (id, pane) in panes where isOver(id) {
            paneBytes -= pane.byteCount
            panes[id] = nil
        }
        _ = reservation.resize(to: paneBytes)
    }

    /// Groups that are remembered.
    var groupCount: Int { panes.values.reduce(0) { $0 + $1.count } }

    // MARK: - On disk

    /// Pane, keys, and for each call its arguments and whether its filter took the row.
    private func written(_ rows: Rows) -> Batch {
        let ids = (0..<rows.physicalCount).map { rows.panes[UInt32(truncatingIfNeeded: $0)] }
        var columns = [Column(.bigint, .int64(ids))] + rows.keys
        for arguments in rows.arguments {
            let included = arguments.included ?? Bitmap(repeating: true, count: rows.physicalCount)
            columns += arguments.columns + [Column(.boolean, .boolean(included))]
        }
        return Batch(columns: columns, count: rows.physicalCount).selecting(rows.selection)
            .compacted()
    }

    func restore(_ batches: [Batch]) throws {
        for batch in batches {
            guard case .int64(let ids) = batch.columns[0].values else {
                throw BatchCodec.Malformed()
            }
            let keys = Array(batch.columns[1..<(1 + keyTypes.count)])
            var next = 1 + keyTypes.count
            var arguments: [AggregateInput] = []
            for call in calls {
                let count = call.call.arguments.count + call.call.orderBy.count
                let columns = Array(batch.columns[next..<(next + count)])
                guard case .boolean(let included) = batch.columns[next + count].values else {
                    throw BatchCodec.Malformed()
                }
                arguments.append(
                    AggregateInput(
                        columns: columns, included: included.allOnes ? nil : included, errors: nil))
                next += count + 1
            }
            let rows = Rows(
                selection: batch.rows.filter { !isOver(ids[Int($0)]) },
                physicalCount: batch.physicalCount,
                panes: PaneColumn(values: .many(ids), column: nil), keys: keys,
                hashes: hashRows(keys, count: batch.physicalCount), arguments: arguments,
                stringBytes: batch.byteCount)
            try update(rows, isNew: false)
            addedRows += batch.count
        }
    }

    func takeAdded() -> [Batch] {
        defer { added = [] }
        return added
    }

    func latest(_ batch: Batch) -> Int64 {
        guard case .int64(let ids) = batch.columns[0].values else { return .max }
        return batch.rows.map { lastUse(ids[Int($0)]) }.max() ?? .min
    }

    /// Of a pane: once the watermark is later, it is not needed.
    private func lastUse(_ pane: Int64) -> Int64 {
        let (time, overflow) = end.end(of: pane).addingReportingOverflow(lateness)
        return overflow ? .max : time - 1
    }

    func live(_ batch: Batch) -> Batch {
        guard case .int64(let ids) = batch.columns[0].values else { return batch }
        return batch.selecting(batch.rows.filter { !isOver(ids[Int($0)]) })
    }

    /// Fewer rows than this are replayed at once.
    private static let leastRows = 1 << 16

    func takeSnapshot() -> StateSnapshot? {
        guard addedRows > max(TimedGroups.leastRows, groupCount * 2) else { return nil }
        var bytes: [UInt8] = []
        let open = panes.values.sorted { $0.id < $1.id }
        ValueCodec.append(UInt64(open.count), to: &bytes)
        for pane in open { encode(pane, into: &bytes) }
        added = []
        addedRows = 0
        return StateSnapshot(
            bytes: bytes, rows: groupCount, latest: open.map { lastUse($0.id) }.max() ?? .min)
    }

    private func encode(_ pane: Pane, into bytes: inout [UInt8]) {
        ValueCodec.append(pane.id, to: &bytes)
        ValueCodec.append(UInt64(pane.count), to: &bytes)
        var keys: [UInt8] = []
        BatchCodec.encode(
            Batch(
                columns: keyTypes.isEmpty ? [] : pane.table.keyColumns(0..<pane.count),
                count: pane.count), into: &keys)
        ValueCodec.append(UInt64(keys.count), to: &bytes)
        bytes += keys
        for state in pane.states { state.encode(into: &bytes) }
    }

    func restore(snapshot bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { whole in
            var reader = ByteReader(whole)
            var at = 8
            let paneCount = reader.read(UInt64.self)
            if reader.isTruncated { throw BatchCodec.Malformed() }
            for _ in 0..<paneCount {
                at = try restorePane(whole, at)
            }
        }
    }

    /// - Returns: where the next one begins.
    private func restorePane(_ bytes: UnsafeRawBufferPointer, _ start: Int) throws -> Int {
        guard start <= bytes.count else { throw BatchCodec.Malformed() }
        var reader = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[start...]))
        let id = reader.read(Int64.self)
        let count = reader.read(UInt64.self)
        let length = reader.read(UInt64.self)
        guard !reader.isTruncated, count <= UInt64(GroupTable.maximumCount),
            length <= UInt64(reader.left)
        else { throw BatchCodec.Malformed() }
        var at = start + 24 + Int(length)
        let keys = try BatchCodec.decode(Array(bytes[(start + 24)..<at]), types: keyTypes)
        let pane = pane(id)
        if !keyTypes.isEmpty {
            guard keys.physicalCount == Int(count) else { throw BatchCodec.Malformed() }
            _ = try pane.table.findOrInsert(
                keys.columns, hashes: hashRows(keys.columns, count: keys.physicalCount), rows: nil)
        }
        pane.count = Int(count)
        for state in pane.states {
            state.grow(to: pane.count)
            at += try state.restore(UnsafeRawBufferPointer(rebasing: bytes[at...]))
        }
        if isOver(id) {
            panes[id] = nil
        } else {
            try reserve(pane, pane.stateBytes)
        }
        return at
    }
}

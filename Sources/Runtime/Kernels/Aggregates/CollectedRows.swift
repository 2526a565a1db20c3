import PipelineDSL

/// All rows of all groups, in the order they came: for aggregates that must see everything.
struct CollectedRows {
    let types: [DataType]
    private var groups: [UInt32] = []
    private var chunks: [[Column]] = []
    private var chunkBytes = 0
    private(set) var groupCount = 0
    /// Rows by group, made when the first result is asked for: where each group starts, and the
    /// rows in order.
    private var sorted: (starts: [Int], columns: [Column])?

    init(types: [DataType]) { self.types = types }

    mutating func grow(to count: Int) { groupCount = max(groupCount, count) }

    mutating func add(_ rows: RowGroups, _ columns: [Column]) {
        sorted = nil
        let own = rows.physicalRows
        let chunk = columns.prefix(types.count).map { $0.gather(own).detached() }
        chunkBytes += chunk.reduce(0) { $0 + $1.byteCount }
        chunks.append(chunk)
        groups += rows.groups
        // Few chunks of growing size, or joining them at the end would be slow.
        while chunks.count > 1, let last = chunks.last?.first?.count,
            let before = chunks[chunks.count - 2].first?.count, before < 2 * last
        {
            let joined = CollectedRows.joined(
                [chunks[chunks.count - 2], chunks[chunks.count - 1]], types)
            chunks.removeLast(2)
            chunks.append(joined)
        }
    }

    private static func joined(_ chunks: [[Column]], _ types: [DataType]) -> [Column] {
        types.indices.map { c in Column.concatenated(chunks.map { $0[c] }, type: types[c]) }
    }

    /// Columns with all rows, those of a group together and in the order they came, and for each
    /// group the range of its rows.
    mutating func byGroup() -> (starts: [Int], columns: [Column]) {
        if let sorted { return sorted }
        var starts = [Int](repeating: 0, count: groupCount + 1)
        for group in groups { starts[Int(group) + 1] += 1 }
        for group in 0..<groupCount { starts[group + 1] += starts[group] }
        var next = starts
        var order = [UInt32](repeating: 0, count: groups.count)
        for (row, group) in groups.enumerated() {
            order[next[Int(group)]] = UInt32(truncatingIfNeeded: row)
            next[Int(group)] += 1
        }
        let columns =
            chunks.isEmpty
            ? types.map { .nulls($0, count: 0) }
            : CollectedRows.joined(chunks, types).map { $0.gather(order) }
        sorted = (starts, columns)
        return (starts, columns)
    }

    var byteCount: Int { groups.capacity * 4 + chunkBytes }

    func encode(into out: inout [UInt8]) {
        ValueCodec.append(UInt64(groupCount), to: &out)
        ValueCodec.append(UInt64(groups.count), to: &out)
        groups.withUnsafeBytes { out.append(contentsOf: $0) }
        var batch: [UInt8] = []
        let columns =
            chunks.isEmpty
            ? types.map { Column.nulls($0, count: 0) } : CollectedRows.joined(chunks, types)
        BatchCodec.encode(Batch(columns: columns, count: groups.count), into: &batch)
        ValueCodec.append(UInt64(batch.count), to: &out)
        out.append(contentsOf: batch)
    }

    mutating func restore(_ reader: inout ByteReader) throws {
        groupCount = Int(clamping: reader.read(UInt64.self))
        groups = reader.array(of: UInt32.self)
        let batch = try BatchCodec.decode(reader.array(of: UInt8.self), types: types)
        guard !reader.isTruncated, batch.physicalCount == groups.count, groupCount < 1 << 32,
            groups.allSatisfy({ $0 < groupCount })
        else { throw BatchCodec.Malformed() }
        chunks = groups.isEmpty ? [] : [batch.columns]
        chunkBytes = batch.byteCount
    }
}

/// An aggregate over all rows of a group at once.
final class CollectingAccumulator: Accumulator {
    /// Gets columns sorted by group and the start of each group in `range`, one more at the end.
    typealias Finish = @Sendable (_ columns: [Column], _ starts: ArraySlice<Int>) -> KernelResult

    private var rows: CollectedRows
    private let result: Finish

    init(types: [DataType], _ result: @escaping Finish) {
        rows = CollectedRows(types: types)
        self.result = result
    }

    func grow(to groupCount: Int) { rows.grow(to: groupCount) }
    func add(_ pairs: RowGroups, _ columns: [Column]) { rows.add(pairs, columns) }

    func finish(_ range: Range<Int>) -> KernelResult {
        let (starts, columns) = rows.byGroup()
        return result(columns, starts[range.lowerBound...range.upperBound])
    }

    var byteCount: Int { rows.byteCount }
    func encode(into out: inout [UInt8]) { rows.encode(into: &out) }
    func restore(_ reader: inout ByteReader) throws { try rows.restore(&reader) }
}

/// `agg(x ORDER BY y)`: collects, and feeds another accumulator in order when asked for results.
final class OrderedAccumulator: Accumulator {
    private let inner: any Accumulator
    private var rows: CollectedRows
    private let argumentCount: Int
    private let keys: [(descending: Bool, nullsFirst: Bool)]
    private var isFed = false

    init(
        _ inner: any Accumulator, types: [DataType], argumentCount: Int,
        keys: [(descending: Bool, nullsFirst: Bool)]
    ) {
        self.inner = inner
        self.keys = keys
        self.argumentCount = argumentCount
        rows = CollectedRows(types: types)
    }

    func grow(to groupCount: Int) { rows.grow(to: groupCount) }
    func add(_ pairs: RowGroups, _ columns: [Column]) { rows.add(pairs, columns) }

    func finish(_ range: Range<Int>) throws -> KernelResult {
        if !isFed {
            isFed = true
            inner.grow(to: rows.groupCount)
            let (starts, columns) = rows.byGroup()
            let comparator = RowComparator(
                columns.dropFirst(argumentCount).map { $0 },
                keys: keys.map {
                    RowComparator.Key(descending: $0.descending, nullsFirst: $0.nullsFirst)
                })
            var (order, groups): ([UInt32], [UInt32]) = ([], [])
            for group in 0..<rows.groupCount {
                let own = (starts[group]..<starts[group + 1]).map { UInt32(truncatingIfNeeded: $0) }
                order += comparator.sorted(own)
                groups += repeatElement(UInt32(truncatingIfNeeded: group), count: own.count)
            }
            try inner.add(RowGroups(rows: order, groups: groups), columns)
        }
        return try inner.finish(range)
    }

    var byteCount: Int { rows.byteCount + inner.byteCount }
    func encode(into out: inout [UInt8]) { rows.encode(into: &out) }
    func restore(_ reader: inout ByteReader) throws { try rows.restore(&reader) }
}

/// `agg(DISTINCT x)`: passes on a row only where its group has not had these arguments yet.
final class DistinctAccumulator: Accumulator {
    private let inner: any Accumulator
    private let types: [DataType]
    private var table: GroupTable

    init(_ inner: any Accumulator, types: [DataType]) {
        self.inner = inner
        self.types = types
        table = GroupTable(types: [.bigint] + types)
    }

    func grow(to groupCount: Int) { inner.grow(to: groupCount) }

    func add(_ rows: RowGroups, _ columns: [Column]) throws {
        // Compact first: the keys are the group and the arguments, row by row.
        let own = rows.physicalRows
        let group = Column(.bigint, .int64(rows.groups.map { Int64($0) }))
        let keys = [group] + columns.prefix(types.count).map { $0.gather(own) }
        let found = try table.findOrInsert(
            keys, hashes: hashRows(keys, count: rows.count), rows: nil)
        guard !found.newPositions.isEmpty else { return }
        try inner.add(rows.selecting(found.newPositions), columns)
    }

    func finish(_ range: Range<Int>) throws -> KernelResult { try inner.finish(range) }

    var byteCount: Int { table.byteCount + inner.byteCount }

    func encode(into out: inout [UInt8]) {
        var batch: [UInt8] = []
        BatchCodec.encode(
            Batch(columns: table.keyColumns(0..<table.count), count: table.count), into: &batch)
        ValueCodec.append(UInt64(batch.count), to: &out)
        out.append(contentsOf: batch)
        inner.encode(into: &out)
    }

    func restore(_ reader: inout ByteReader) throws {
        let batch = try BatchCodec.decode(
            reader.array(of: UInt8.self), types: [.bigint] + types)
        table = GroupTable(types: [.bigint] + types, expectedCount: batch.physicalCount)
        _ = try table.findOrInsert(
            batch.columns, hashes: hashRows(batch.columns, count: batch.physicalCount), rows: nil)
        try inner.restore(&reader)
    }
}

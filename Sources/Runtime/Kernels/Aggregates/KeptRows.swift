import PipelineDSL

/// One row a group, of any types: the row that won so far.
///
/// Kept rows are copied out of their batches (the bytes of their strings, too) in chunks; when more
/// than half of what is held has been replaced, the rest is copied together.
struct KeptRows {
    private let types: [DataType]
    private var chunks: [[Column]] = []
    /// Chunk number and row of each group; `missing` where there is none.
    private var places = GroupArray<UInt64>(.max)
    private var liveRows = 0
    private var heldRows = 0
    private var chunkBytes = 0

    init(types: [DataType]) { self.types = types }

    mutating func grow(to count: Int) { places.grow(to: count) }

    var groupCount: Int { places.values.count }

    func has(_ group: Int) -> Bool { places[group] != .max }

    /// Where the row of a group is: columns and row.
    func row(_ group: Int) -> (columns: [Column], row: Int)? {
        let place = places[group]
        guard place != .max else { return nil }
        return (chunks[Int(place >> 32)], Int(place & 0xFFFF_FFFF))
    }

    /// Makes `rows` of `columns` the rows of `groups`; each group at most once.
    mutating func keep(_ rows: [UInt32], _ groups: [UInt32], from columns: [Column]) {
        guard !rows.isEmpty else { return }
        let chunk = columns.prefix(types.count).map { $0.gather(rows).detached() }
        chunkBytes += chunk.reduce(0) { $0 + $1.byteCount }
        for (row, group) in groups.enumerated() {
            if places[Int(group)] == .max { liveRows += 1 }
            places[Int(group)] = UInt64(chunks.count) << 32 | UInt64(row)
        }
        chunks.append(chunk)
        heldRows += rows.count
        if chunks.count > 64, heldRows > 2 * liveRows || chunks.count > 4096 { compact() }
    }

    private mutating func compact() {
        let groups = places.values.indices.filter { places[$0] != .max }
        chunks = [columns(groups).map { $0.detached() }]
        chunkBytes = chunks[0].reduce(0) { $0 + $1.byteCount }
        for (row, group) in groups.enumerated() { places[group] = UInt64(row) }
        heldRows = groups.count
    }

    /// One chunk at most, so that ``columns(_:)`` need not join any.
    mutating func settle() { if chunks.count > 1 { compact() } }

    /// The rows of `groups`, null where there is none.
    func columns(_ groups: some Collection<Int>) -> [Column] {
        guard let first = chunks.first else {
            return types.map { .nulls($0, count: groups.count) }
        }
        var starts: [Int] = [0]
        for chunk in chunks { starts.append(starts[starts.count - 1] + (chunk.first?.count ?? 0)) }
        var present = Bitmap(repeating: true, count: groups.count)
        var rows: [UInt32] = []
        rows.reserveCapacity(groups.count)
        for (i, group) in groups.enumerated() {
            let place = places[group]
            if place == .max { present[i] = false }
            let row = place == .max ? 0 : starts[Int(place >> 32)] + Int(place & 0xFFFF_FFFF)
            rows.append(UInt32(truncatingIfNeeded: row))
        }
        let missing = present.allOnes ? nil : present
        return types.indices.map { c in
            let all =
                chunks.count == 1
                ? first[c] : Column.concatenated(chunks.map { $0[c] }, type: types[c])
            let gathered = all.gather(rows)
            return gathered.withValidity(.both(gathered.validity, missing))
        }
    }

    var byteCount: Int { places.byteCount + chunkBytes }

    func encode(into out: inout [UInt8]) {
        let present = places.values.indices.filter { places[$0] != .max }
        ValueCodec.append(UInt64(places.values.count), to: &out)
        ValueCodec.append(UInt64(present.count), to: &out)
        present.map { UInt32(truncatingIfNeeded: $0) }.withUnsafeBytes {
            out.append(contentsOf: $0)
        }
        var batch: [UInt8] = []
        BatchCodec.encode(Batch(columns: columns(present), count: present.count), into: &batch)
        ValueCodec.append(UInt64(batch.count), to: &out)
        out.append(contentsOf: batch)
    }

    mutating func restore(_ reader: inout ByteReader) throws {
        let groupCount = Int(clamping: reader.read(UInt64.self))
        let groups = reader.array(of: UInt32.self)
        let batch = try BatchCodec.decode(reader.array(of: UInt8.self), types: types)
        guard !reader.isTruncated, batch.physicalCount == groups.count, groupCount < 1 << 32,
            groups.allSatisfy({ $0 < groupCount })
        else { throw BatchCodec.Malformed() }
        grow(to: groupCount)
        keep((0..<UInt32(groups.count)).map { $0 }, groups, from: batch.columns)
    }
}

extension Column {
    /// With strings of its own: it does not keep the blocks of a batch alive.
    func detached() -> Column {
        switch values {
        case .strings(let strings):
            guard !strings.blocks.isEmpty else { return self }
            var builder = StringsBuilder(capacity: count)
            for view in strings.views { view.withBytes(strings.blocks) { builder.append($0) } }
            return Column(type, .strings(builder.finish()), validity: validity)
        case .list(let offsets, let child):
            return Column(
                type, .list(offsets: offsets, ColumnBox(child.column.detached())),
                validity: validity)
        case .structure(let columns, let count):
            return Column(
                type, .structure(columns.map { $0.detached() }, count: count), validity: validity)
        default: return self
        }
    }
}

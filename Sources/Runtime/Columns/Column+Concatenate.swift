import PipelineDSL

extension Column {
    /// The rows of all columns, one after the other; all have the layout of `type`.
    package static func concatenated(_ columns: [Column], type: DataType) -> Column {
        let columns = columns.map { column -> Column in
            if case .nulls(let count) = column.values, type != .null { return .nulls(type, count: count) }
            return column
        }
        if columns.count == 1 { return columns[0].withType(type) }
        let total = columns.reduce(0) { $0 + $1.count }
        return Column(type, values(columns, type, total), validity: joinedValidity(columns, total))
    }

    private static func joinedValidity(_ columns: [Column], _ total: Int) -> Bitmap? {
        guard columns.contains(where: { $0.validity != nil }) else { return nil }
        var joined = Bitmap(repeating: true, count: total)
        var start = 0
        for column in columns {
            if let validity = column.validity { (~validity).forEachOne { joined[start + $0] = false } }
            start += column.count
        }
        return joined
    }

    private static func values(_ columns: [Column], _ type: DataType, _ total: Int) -> Values {
        switch Values.zeros(type, count: 0) {
        case .boolean:
            var joined = Bitmap(repeating: false, count: total)
            var start = 0
            for column in columns {
                if case .boolean(let bits) = column.values { bits.forEachOne { joined[start + $0] = true } }
                start += column.count
            }
            return .boolean(joined)
        case .int32:
            return .int32(joined(columns) { if case .int32(let v) = $0 { v } else { nil } })
        case .int64:
            return .int64(joined(columns) { if case .int64(let v) = $0 { v } else { nil } })
        case .float32:
            return .float32(joined(columns) { if case .float32(let v) = $0 { v } else { nil } })
        case .float64:
            return .float64(joined(columns) { if case .float64(let v) = $0 { v } else { nil } })
        case .int128:
            return .int128(joined(columns) { if case .int128(let v) = $0 { v } else { nil } })
        case .intervals:
            return .intervals(joined(columns) { if case .intervals(let v) = $0 { v } else { nil } })
        case .strings: return .strings(joinedStrings(columns, total))
        case .list(_, let empty): return joinedLists(columns, empty.column.type)
        case .structure:
            guard case .structure(let fields) = type else { return .nulls(count: total) }
            let parts = fields.indices.map { f in
                concatenated(
                    columns.map { column in
                        if case .structure(let parts, _) = column.values { return parts[f] }
                        return .nulls(fields[f].type, count: column.count)
                    }, type: fields[f].type)
            }
            return .structure(parts, count: total)
        case .nulls: return .nulls(count: total)
        }
    }

    private static func joined<T>(_ columns: [Column], _ pick: (Values) -> [T]?) -> [T] {
        var result: [T] = []
        result.reserveCapacity(columns.reduce(0) { $0 + $1.count })
        for column in columns { if let part = pick(column.values) { result.append(contentsOf: part) } }
        return result
    }

    /// Views keep pointing at the same bytes; only their block numbers move.
    private static func joinedStrings(_ columns: [Column], _ total: Int) -> Strings {
        var views: [StringView] = []
        views.reserveCapacity(total)
        var blocks: [ByteBlock] = []
        for column in columns {
            guard case .strings(let strings) = column.values else { continue }
            let shift = UInt64(blocks.count)
            if shift == 0 {
                views.append(contentsOf: strings.views)
            } else {
                for view in strings.views {
                    views.append(
                        view.isInline ? view : StringView(low: view.low, high: view.high &+ shift))
                }
            }
            blocks.append(contentsOf: strings.blocks)
        }
        return Strings(views: views, blocks: blocks)
    }

    private static func joinedLists(_ columns: [Column], _ element: DataType) -> Values {
        var offsets: [Int32] = [0]
        var children: [Column] = []
        for column in columns {
            guard case .list(let own, let child) = column.values, let first = own.first else { continue }
            let base = offsets[offsets.count - 1]
            for offset in own.dropFirst() { offsets.append(base &+ (offset &- first)) }
            let used = Int(first)..<Int(own[own.count - 1])
            children.append(child.column.slice(used))
        }
        return .list(offsets: offsets, ColumnBox(concatenated(children, type: element)))
    }
}

extension Batch {
    /// The rows of all batches as one, without selections; the origin is lost.
    package static func concatenated(_ batches: [Batch], types: [DataType]) -> Batch {
        let compact = batches.map { $0.compacted() }
        if compact.count == 1 { return compact[0] }
        let columns = types.indices.map { c in
            Column.concatenated(compact.map { $0.columns[c] }, type: types[c])
        }
        return Batch(columns: columns, count: compact.reduce(0) { $0 + $1.physicalCount })
    }
}

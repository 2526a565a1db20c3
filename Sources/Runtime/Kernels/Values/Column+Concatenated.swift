import PipelineDSL

extension Column {
    /// The rows of all columns, one after the other; all have the layout of `type`.
    package static func concatenated(_ columns: [Column], type: DataType) -> Column {
        let columns = columns.map { column -> Column in
            if case .nulls(let count) = column.values, type != .null {
                return .nulls(type, count: count)
            }
            return column
        }
        if columns.count == 1 { return columns[0].withType(type) }
        let total = columns.reduce(0) { $0 + $1.count }
        return Column(
            type, values(columns, type, total),
            validity: Bitmap.concatenated(columns.map { ($0.validity, $0.count) }, count: total))
    }

    private static func values(_ columns: [Column], _ type: DataType, _ total: Int) -> Values {
        switch Values.zeros(type, count: 0) {
        case .boolean:
            let parts = columns.map { column -> (bits: Bitmap?, count: Int) in
                if case .boolean(let bits) = column.values { return (bits, bits.count) }
                return (Bitmap(repeating: false, count: column.count), column.count)
            }
            return .boolean(
                Bitmap.concatenated(parts, count: total) ?? Bitmap(repeating: true, count: total))
        case .int32: return .int32(joined(columns))
        case .int64: return .int64(joined(columns))
        case .float32: return .float32(joined(columns))
        case .float64: return .float64(joined(columns))
        case .int128: return .int128(joined(columns))
        case .intervals: return .intervals(joined(columns))
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

    private static func joined<T: ColumnElement>(_ columns: [Column]) -> [T] {
        var result: [T] = []
        result.reserveCapacity(columns.reduce(0) { $0 + $1.count })
        for column in columns { result.append(contentsOf: T.unwrap(column.values) ?? []) }
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
            guard case .list(let own, let child) = column.values, let first = own.first else {
                continue
            }
            let base = offsets[offsets.count - 1]
            for offset in own.dropFirst() { offsets.append(base &+ (offset &- first)) }
            let used = Int(first)..<Int(own[own.count - 1])
            children.append(child.column.slice(used))
        }
        return .list(offsets: offsets, ColumnBox(concatenated(children, type: element)))
    }
}

extension Bitmap {
    /// All bits of all parts, `nil` standing for ones; `nil` where every part is.
    package static func concatenated(_ parts: [(bits: Bitmap?, count: Int)], count: Int) -> Bitmap?
    {
        guard parts.contains(where: { $0.bits != nil }) else { return nil }
        var words = [UInt64](repeating: 0, count: (count + 63) / 64)
        var start = 0
        for part in parts {
            let bits = part.bits ?? Bitmap(repeating: true, count: part.count)
            let shift = UInt64(start & 63)
            for (w, word) in bits.words.enumerated() {
                let target = start >> 6 + w
                words[target] |= word &<< shift
                if shift != 0, target + 1 < words.count {
                    words[target + 1] |= word &>> (64 - shift)
                }
            }
            start += part.count
        }
        return Bitmap(words: words, count: count)
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

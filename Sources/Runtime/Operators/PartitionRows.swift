import PipelineDSL

/// Splits rows by the values of partition columns.
enum PartitionRows {
    /// Physical rows of `batch` for each partition folder (`day=2026-01-01/depot=north`), the
    /// folders in the order in which they first appear.
    ///
    /// Most rows have the partition of the row before, so the folder's name is only made when a
    /// value changes.
    static func split(
        _ batch: Batch, names: [String], columns: [Column]
    ) -> [(folder: String, rows: [UInt32])] {
        var order: [String: Int] = [:]
        var parts: [(folder: String, rows: [UInt32])] = []
        var previousRow = -1
        var current = 0
        for row in batch.rows {
            let index = Int(row)
            if previousRow < 0 || !columns.allSatisfy({ same($0, previousRow, index) }) {
                let folder = zip(names, columns)
                    .map { "\(escaped($0))=\(escaped(text($1, index)))" }.joined(separator: "/")
                if let known = order[folder] {
                    current = known
                } else {
                    current = parts.count
                    order[folder] = current
                    parts.append((folder, []))
                }
            }
            parts[current].rows.append(row)
            previousRow = index
        }
        return parts
    }

    private static func same(_ column: Column, _ a: Int, _ b: Int) -> Bool {
        let (nullA, nullB) = (column.isNull(a), column.isNull(b))
        if nullA || nullB { return nullA == nullB }
        switch column.values {
        case .boolean(let v): return v[a] == v[b]
        case .int32(let v): return v[a] == v[b]
        case .int64(let v): return v[a] == v[b]
        case .int128(let v): return v[a] == v[b]
        case .strings(let v): return StringView.equal(v.views[a], v.blocks, v.views[b], v.blocks)
        case .float32, .float64, .intervals, .list, .structure: return false
        case .nulls: return true
        }
    }

    /// The value as Hive spells it in a folder's name.
    static func text(_ column: Column, _ row: Int) -> String {
        if column.isNull(row) { return "__HIVE_DEFAULT_PARTITION__" }
        let text = column.text(row)
        return text.isEmpty ? "__HIVE_DEFAULT_PARTITION__" : text
    }

    /// Percent-encodes what a file name or Hive's `key=value/…` cannot hold.
    static func escaped(_ text: String) -> String {
        let hex = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for byte in text.utf8 {
            let isPlain =
                (byte >= 0x30 && byte <= 0x39) || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A)
                || byte == 0x2D || byte == 0x5F || byte == 0x2E || byte >= 0x80
            if isPlain {
                result.append(byte)
            } else {
                result += [0x25, hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

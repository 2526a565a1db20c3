import PipelineDSL

extension ValueText {
    /// The text of one value, not quoted or escaped; nested values as JSON. The row must not be null.
    package static func append(_ column: Column, _ row: Int, to out: inout [UInt8]) {
        switch (column.values, column.type) {
        case (.boolean(let bits), _):
            out.append(contentsOf: bits[row] ? "true".utf8 : "false".utf8)
        case (.int32(let v), .date): append(date: Int(v[row]), to: &out)
        case (.int32(let v), _): append(v[row], to: &out)
        case (.int64(let v), .timestamp): append(timestamp: v[row], to: &out)
        case (.int64(let v), .time): append(time: v[row], to: &out)
        case (.int64(let v), _): append(v[row], to: &out)
        case (.float32(let v), _): append(v[row], to: &out)
        case (.float64(let v), _): append(v[row], to: &out)
        case (.int128(let v), .uuid): append(uuid: v[row], to: &out)
        case (.int128(let v), .decimal(_, let scale)):
            append(decimal: v[row], scale: scale, to: &out)
        case (.int128(let v), _): append(v[row], to: &out)
        case (.strings(let v), .bytes):
            v.views[row].withBytes(v.blocks) { append(bytes: $0, to: &out) }
        case (.strings(let v), _):
            v.views[row].withBytes(v.blocks) { out.append(contentsOf: $0) }
        case (.intervals(let v), _): append(interval: v[row], to: &out)
        case (.list, _), (.structure, _): JSONWriter.append(column, row, to: &out)
        case (.nulls, _): break
        }
    }
}

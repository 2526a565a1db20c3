import PipelineDSL
import Planner

extension Column {
    /// A column of constants; `nil` where one of them is no value of `type`.
    package static func from(_ values: [Value], type: DataType) -> Column? {
        var valid = Bitmap(repeating: true, count: values.count)
        for (row, value) in values.enumerated() where value == .null { valid[row] = false }
        guard let content = content(values, type) else { return nil }
        if type == .null { return Column(type, content) }
        return Column(type, content, validity: valid.allOnes ? nil : valid)
    }

    private static func content(_ values: [Value], _ type: DataType) -> Values? {
        switch type {
        case .boolean:
            return all(values, false) { if case .boolean(let v) = $0 { v } else { nil } }
                .map { bits in .boolean(Bitmap(count: bits.count) { bits[$0] }) }
        case .integer, .date:
            return all(values, 0) { $0.integer.flatMap(Int32.init(exactly:)) }.map { .int32($0) }
        case .bigint, .timestamp, .time:
            return all(values, 0) { $0.integer }.map { .int64($0) }
        case .real: return all(values, 0) { $0.double.map { Float($0) } }.map { .float32($0) }
        case .double: return all(values, 0) { $0.double }.map { .float64($0) }
        case .decimal, .uuid: return all(values, 0) { $0.wide }.map { .int128($0) }
        case .string, .json:
            return all(values, "") { if case .string(let v) = $0 { v } else { nil } }
                .map { .strings(Strings($0)) }
        case .bytes:
            guard
                let bytes = all(
                    values, [UInt8](), { if case .bytes(let v) = $0 { v } else { nil } })
            else { return nil }
            var builder = StringsBuilder(capacity: bytes.count)
            for value in bytes { value.withUnsafeBytes { builder.append($0) } }
            return .strings(builder.finish())
        case .interval:
            return all(values, Interval()) { if case .interval(let v) = $0 { v } else { nil } }
                .map { .intervals($0) }
        case .array(let element):
            return list(values, element) { if case .list(let v) = $0 { v } else { nil } }
        case .map(let key, let value):
            return list(values, .entry(key, value)) {
                if case .map(let v) = $0 { v.map { .structure($0) } } else { nil }
            }
        case .structure(let fields): return structure(values, fields)
        case .null: return values.allSatisfy { $0 == .null } ? .nulls(count: values.count) : nil
        }
    }

    /// `zero` stands where a value is null.
    private static func all<T>(_ values: [Value], _ zero: T, _ convert: (Value) -> T?) -> [T]? {
        var converted: [T] = []
        converted.reserveCapacity(values.count)
        for value in values {
            guard let one = value == .null ? zero : convert(value) else { return nil }
            converted.append(one)
        }
        return converted
    }

    private static func list(
        _ values: [Value], _ element: DataType, _ items: (Value) -> [Value]?
    ) -> Values? {
        guard let lists = all(values, [Value](), items) else { return nil }
        var offsets: [Int32] = [0]
        var total = 0
        for list in lists {
            total += list.count
            guard let offset = Int32(exactly: total) else { return nil }
            offsets.append(offset)
        }
        return from(lists.flatMap { $0 }, type: element).map {
            .list(offsets: offsets, ColumnBox($0))
        }
    }

    private static func structure(_ values: [Value], _ fields: [Field]) -> Values? {
        let empty = [Value](repeating: .null, count: fields.count)
        guard
            let rows = all(
                values, empty,
                {
                    if case .structure(let v) = $0, v.count == fields.count { v } else { nil }
                })
        else { return nil }
        var columns: [Column] = []
        for (f, field) in fields.enumerated() {
            guard let column = from(rows.map { $0[f] }, type: field.type) else { return nil }
            columns.append(column)
        }
        return .structure(columns, count: values.count)
    }

    /// One value. For constants, tests and the edges of the program, never for a row loop.
    package func value(_ row: Int) -> Value {
        if isNull(row) { return .null }
        switch values {
        case .boolean(let v): return .boolean(v[row])
        case .int32(let v): return .integer(Int64(v[row]))
        case .int64(let v): return .integer(v[row])
        case .float32(let v): return .double(Double(v[row]))
        case .float64(let v): return .double(v[row])
        case .int128(let v): return .wide(v[row])
        case .strings(let v):
            if type == .bytes { return .bytes(v.views[row].withBytes(v.blocks) { Array($0) }) }
            return .string(v.string(row))
        case .intervals(let v): return .interval(v[row])
        case .list(let offsets, let child):
            let items = (offsets[row]..<offsets[row + 1]).map { child.column.value(Int($0)) }
            guard case .map = type else { return .list(items) }
            return .map(items.map { if case .structure(let pair) = $0 { pair } else { [] } })
        case .structure(let columns, _): return .structure(columns.map { $0.value(row) })
        case .nulls: return .null
        }
    }
}

extension Value {
    fileprivate var integer: Int64? { if case .integer(let v) = self { v } else { nil } }
    fileprivate var wide: Int128? {
        switch self {
        case .wide(let v): v
        case .integer(let v): Int128(v)
        default: nil
        }
    }
    fileprivate var double: Double? {
        switch self {
        case .double(let v): v
        case .integer(let v): Double(v)
        default: nil
        }
    }
}

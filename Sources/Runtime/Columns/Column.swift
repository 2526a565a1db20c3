import PipelineDSL

/// A finished column: type, values in Arrow layout, validity. Immutable and `Sendable`.
///
/// A value at a null row is unspecified but initialised, so kernels may compute it and look at
/// validity afterwards.
package struct Column: Sendable {
    package let type: DataType
    package let values: Values
    /// `nil` when no row is null.
    package let validity: Bitmap?

    package enum Values: Sendable {
        /// `boolean`
        case boolean(Bitmap)
        /// `integer`; `date` in days since 1970-01-01
        case int32([Int32])
        /// `bigint`; `timestamp` and `time` in microseconds
        case int64([Int64])
        case float32([Float])
        case float64([Double])
        /// `decimal`: the unscaled value; `uuid`: its 128 bits, most significant first
        case int128([Int128])
        /// `string`, `bytes`, `json`
        case strings(Strings)
        case intervals([Interval])
        /// `array`; `map` as an array of `struct<key, value>`. `offsets` has count + 1 entries.
        case list(offsets: [Int32], ColumnBox)
        case structure([Column], count: Int)
        /// A column of the `null` type.
        case nulls(count: Int)
    }

    package init(_ type: DataType, _ values: Values, validity: Bitmap? = nil) {
        self.type = type
        self.values = values
        self.validity = validity
        assert(validity == nil || validity!.count == values.count)
    }

    package var count: Int { values.count }

    @inline(__always)
    package func isNull(_ row: Int) -> Bool {
        if case .nulls = values { return true }
        return validity.map { !$0[row] } ?? false
    }

    package var nullCount: Int {
        if case .nulls(let count) = values { return count }
        return validity.map { $0.count - $0.onesCount } ?? 0
    }

    /// `rows` index this column; the result has `rows.count` rows.
    package func gather(_ rows: [UInt32]) -> Column {
        Column(type, values.gather(rows), validity: validity?.gather(rows))
    }

    package func slice(_ range: Range<Int>) -> Column {
        if range == 0..<count { return self }
        return gather(range.map { UInt32(truncatingIfNeeded: $0) })
    }

    package func withType(_ type: DataType) -> Column { Column(type, values, validity: validity) }
    package func withValidity(_ validity: Bitmap?) -> Column {
        Column(type, values, validity: validity)
    }

    /// `count` nulls of `type`.
    package static func nulls(_ type: DataType, count: Int) -> Column {
        let none = Bitmap(repeating: false, count: count)
        return Column(type, Values.zeros(type, count: count), validity: type == .null ? nil : none)
    }
}

/// One indirection, so that a column may hold a column.
package final class ColumnBox: Sendable {
    package let column: Column
    package init(_ column: Column) { self.column = column }
}

extension Column.Values {
    package var count: Int {
        switch self {
        case .boolean(let bits): bits.count
        case .int32(let v): v.count
        case .int64(let v): v.count
        case .float32(let v): v.count
        case .float64(let v): v.count
        case .int128(let v): v.count
        case .strings(let v): v.count
        case .intervals(let v): v.count
        case .list(let offsets, _): max(0, offsets.count - 1)
        case .structure(_, let count): count
        case .nulls(let count): count
        }
    }

    package func gather(_ rows: [UInt32]) -> Column.Values {
        switch self {
        case .boolean(let bits): return .boolean(bits.gather(rows))
        case .int32(let v): return .int32(gatherValues(v, rows))
        case .int64(let v): return .int64(gatherValues(v, rows))
        case .float32(let v): return .float32(gatherValues(v, rows))
        case .float64(let v): return .float64(gatherValues(v, rows))
        case .int128(let v): return .int128(gatherValues(v, rows))
        case .strings(let v): return .strings(v.gather(rows))
        case .intervals(let v): return .intervals(gatherValues(v, rows))
        case .list(let offsets, let child):
            var newOffsets: [Int32] = [0]
            newOffsets.reserveCapacity(rows.count + 1)
            var childRows: [UInt32] = []
            for row in rows {
                let (from, to) = (offsets[Int(row)], offsets[Int(row) + 1])
                for i in from..<to { childRows.append(UInt32(bitPattern: i)) }
                newOffsets.append(Int32(truncatingIfNeeded: childRows.count))
            }
            return .list(offsets: newOffsets, ColumnBox(child.column.gather(childRows)))
        case .structure(let fields, _):
            return .structure(fields.map { $0.gather(rows) }, count: rows.count)
        case .nulls: return .nulls(count: rows.count)
        }
    }

    /// Initialised values of the layout that `type` has; for columns that are all null.
    package static func zeros(_ type: DataType, count: Int) -> Column.Values {
        switch type {
        case .boolean: .boolean(Bitmap(repeating: false, count: count))
        case .integer, .date: .int32([Int32](repeating: 0, count: count))
        case .bigint, .timestamp, .time: .int64([Int64](repeating: 0, count: count))
        case .real: .float32([Float](repeating: 0, count: count))
        case .double: .float64([Double](repeating: 0, count: count))
        case .decimal, .uuid: .int128([Int128](repeating: 0, count: count))
        case .string, .bytes, .json:
            .strings(Strings(views: [StringView](repeating: .empty, count: count), blocks: []))
        case .interval: .intervals([Interval](repeating: Interval(), count: count))
        case .array(let element):
            .list(
                offsets: [Int32](repeating: 0, count: count + 1),
                ColumnBox(.nulls(element, count: 0)))
        case .map(let key, let value):
            .list(
                offsets: [Int32](repeating: 0, count: count + 1),
                ColumnBox(.nulls(.entry(key, value), count: 0)))
        case .structure(let fields):
            .structure(fields.map { .nulls($0.type, count: count) }, count: count)
        case .null: .nulls(count: count)
        }
    }
}

extension DataType {
    /// The element type of a map's list of entries.
    package static func entry(_ key: DataType, _ value: DataType) -> DataType {
        .structure([Field("key", key, nullable: false), Field("value", value)])
    }
}

@inline(__always)
package func gatherValues<T: BitwiseCopyable>(_ values: [T], _ rows: [UInt32]) -> [T] {
    [T](unsafeUninitializedCapacity: rows.count) { target, initialized in
        values.withUnsafeBufferPointer { values in
            rows.withUnsafeBufferPointer { rows in
                for i in 0..<rows.count {
                    target.initializeElement(at: i, to: values[Int(rows[i])])
                }
            }
        }
        initialized = rows.count
    }
}

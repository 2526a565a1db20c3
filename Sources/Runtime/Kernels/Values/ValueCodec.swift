import PipelineDSL
import Planner

/// Single values as bytes and back: nested keys, the buffers of aggregates. Equal values (as
/// `GROUP BY` sees them) have equal bytes. Written and read by the same build only.
enum ValueCodec {
    /// A null is a zero byte; other values a one, then the value.
    static func append(_ column: Column, _ row: Int, to out: inout [UInt8]) {
        if column.isNull(row) { return out.append(0) }
        out.append(1)
        switch column.values {
        case .boolean(let v): out.append(v[row] ? 1 : 0)
        case .int32(let v): append(v[row], to: &out)
        case .int64(let v): append(v[row], to: &out)
        case .float32(let v): append(FloatOrder.key(v[row]), to: &out)
        case .float64(let v): append(FloatOrder.key(v[row]), to: &out)
        case .int128(let v): append(v[row], to: &out)
        case .intervals(let v):
            append(v[row].months, to: &out)
            append(v[row].days, to: &out)
            append(v[row].microseconds, to: &out)
        case .strings(let v):
            v.views[row].withBytes(v.blocks) {
                append(UInt32(truncatingIfNeeded: $0.count), to: &out)
                out.append(contentsOf: $0)
            }
        case .list(let offsets, let child):
            append(UInt32(bitPattern: offsets[row + 1] - offsets[row]), to: &out)
            for i in offsets[row]..<offsets[row + 1] { append(child.column, Int(i), to: &out) }
        case .structure(let columns, _): for column in columns { append(column, row, to: &out) }
        case .nulls: break
        }
    }

    @inline(__always)
    static func append<T: BitwiseCopyable>(_ value: T, to out: inout [UInt8]) {
        withUnsafeBytes(of: value) { out.append(contentsOf: $0) }
    }

    /// Every row's bytes as a column of strings; valid everywhere but where `column` is null.
    static func encodedColumn(_ column: Column) -> Column {
        var builder = StringsBuilder(capacity: column.count)
        var bytes: [UInt8] = []
        for row in 0..<column.count {
            bytes.removeAll(keepingCapacity: true)
            append(column, row, to: &bytes)
            bytes.withUnsafeBytes { builder.append($0) }
        }
        var validity = column.validity
        if case .nulls(let count) = column.values {
            validity = Bitmap(repeating: false, count: count)
        }
        return Column(.bytes, .strings(builder.finish()), validity: validity)
    }

    static func decodedColumn(_ strings: Strings, type: DataType, validity: Bitmap?) -> Column {
        let values = (0..<strings.count).map { row -> Value in
            if let validity, !validity[row] { return .null }
            return strings.views[row].withBytes(strings.blocks) { bytes in
                var reader = ByteReader(bytes)
                return value(&reader, type)
            }
        }
        return Column.from(values, type: type) ?? .nulls(type, count: values.count)
    }

    static func value(_ reader: inout ByteReader, _ type: DataType) -> Value {
        guard reader.read(UInt8.self) == 1 else { return .null }
        switch type {
        case .boolean: return .boolean(reader.read(UInt8.self) == 1)
        case .integer, .date: return .integer(Int64(reader.read(Int32.self)))
        case .bigint, .timestamp, .time: return .integer(reader.read(Int64.self))
        case .real: return .double(Double(FloatOrder.value(reader.read(Int32.self))))
        case .double: return .double(FloatOrder.value(reader.read(Int64.self)))
        case .decimal, .uuid: return .wide(reader.read(Int128.self))
        case .interval:
            return .interval(
                Interval(
                    months: reader.read(Int32.self), days: reader.read(Int32.self),
                    microseconds: reader.read(Int64.self)))
        case .string, .json: return .string(String(decoding: reader.bytes(), as: UTF8.self))
        case .bytes: return .bytes(Array(reader.bytes()))
        case .array(let element): return .list(list(&reader, element))
        case .map(let key, let item):
            return .map(
                list(&reader, .entry(key, item)).map {
                    if case .structure(let pair) = $0 { pair } else { [] }
                })
        case .structure(let fields): return .structure(fields.map { value(&reader, $0.type) })
        case .null: return .null
        }
    }

    private static func list(_ reader: inout ByteReader, _ element: DataType) -> [Value] {
        let count = Int(reader.read(UInt32.self))
        guard count <= reader.left else { return [] }
        return (0..<count).map { _ in value(&reader, element) }
    }
}

/// Reads what ``ValueCodec`` wrote. Past the end it reads zeros and says so.
struct ByteReader {
    private let buffer: UnsafeRawBufferPointer
    private var position = 0
    private(set) var isTruncated = false

    init(_ buffer: UnsafeRawBufferPointer) { self.buffer = buffer }

    var left: Int { buffer.count - position }

    @inline(__always)
    mutating func read<T: BitwiseCopyable>(_ type: T.Type) -> T
    where T: ExpressibleByIntegerLiteral {
        let size = MemoryLayout<T>.size
        guard size <= left else {
            isTruncated = true
            return 0
        }
        defer { position += size }
        return buffer.loadUnaligned(fromByteOffset: position, as: type)
    }

    mutating func fail() { isTruncated = true }

    /// `count` must be at most ``left``.
    mutating func take(_ count: Int) -> UnsafeRawBufferPointer {
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: buffer[position..<(position + count)])
    }

    /// A length of four bytes and so many bytes.
    mutating func bytes() -> UnsafeRawBufferPointer {
        let count = Int(read(UInt32.self))
        guard count <= left else {
            isTruncated = true
            return UnsafeRawBufferPointer(rebasing: buffer[0..<0])
        }
        return take(count)
    }
}

import PipelineDSL

/// Batches as bytes, for spilling and checkpoints: the raw column memory with lengths before it.
/// Not a storage format: it is written and read by the same build of the same program.
///
/// The origin of rows is not kept; a row that is rejected after a spill is shown by its values.
package enum BatchCodec {
    package struct Malformed: Error { package init() {} }

    package static func encode(_ batch: Batch, into out: inout [UInt8]) {
        let batch = batch.compacted()
        append(UInt32(truncatingIfNeeded: batch.physicalCount), &out)
        append(UInt32(truncatingIfNeeded: batch.columns.count), &out)
        for column in batch.columns { encode(column, &out) }
    }

    package static func decode(_ bytes: [UInt8], types: [DataType]) throws -> Batch {
        var reader = Reader(bytes: bytes)
        let count = Int(try reader.read(UInt32.self))
        guard Int(try reader.read(UInt32.self)) == types.count else { throw Malformed() }
        let columns = try types.map { try decode($0, count: count, &reader) }
        return Batch(columns: columns, count: count)
    }

    // MARK: - Writing

    private static func append<T: BitwiseCopyable>(_ value: T, _ out: inout [UInt8]) {
        withUnsafeBytes(of: value) { out.append(contentsOf: $0) }
    }

    private static func append<T: BitwiseCopyable>(_ values: [T], _ out: inout [UInt8]) {
        values.withUnsafeBytes { out.append(contentsOf: $0) }
    }

    private static func encode(_ column: Column, _ out: inout [UInt8]) {
        if let validity = column.validity {
            out.append(1)
            append(validity.words, &out)
        } else {
            out.append(0)
        }
        switch column.values {
        case .boolean(let bits): append(bits.words, &out)
        case .int32(let values): append(values, &out)
        case .int64(let values): append(values, &out)
        case .float32(let values): append(values, &out)
        case .float64(let values): append(values, &out)
        case .int128(let values): append(values, &out)
        case .intervals(let values): append(values, &out)
        case .nulls: break
        case .strings(let strings): encode(strings, &out)
        case .list(let offsets, let child):
            append(offsets, &out)
            append(UInt32(truncatingIfNeeded: child.column.count), &out)
            encode(child.column, &out)
        case .structure(let fields, _): for field in fields { encode(field, &out) }
        }
    }

    private static func encode(_ strings: Strings, _ out: inout [UInt8]) {
        var total = 0
        for view in strings.views { total += view.count }
        append(UInt64(total), &out)
        for view in strings.views { append(UInt32(truncatingIfNeeded: view.count), &out) }
        out.reserveCapacity(out.count + total)
        for view in strings.views { view.withBytes(strings.blocks) { out.append(contentsOf: $0) } }
    }

    // MARK: - Reading

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        mutating func read<T: BitwiseCopyable>(_ type: T.Type) throws -> T {
            let size = MemoryLayout<T>.size
            guard position + size <= bytes.count else { throw Malformed() }
            defer { position += size }
            return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: position, as: type) }
        }

        mutating func read<T: BitwiseCopyable>(_ type: T.Type, count: Int) throws -> [T] {
            let size = count * MemoryLayout<T>.stride
            guard count >= 0, size <= bytes.count - position else { throw Malformed() }
            defer { position += size }
            return [T](unsafeUninitializedCapacity: count) { target, initialized in
                bytes.withUnsafeBytes {
                    UnsafeMutableRawBufferPointer(target).copyMemory(
                        from: UnsafeRawBufferPointer(rebasing: $0[position..<(position + size)]))
                }
                initialized = count
            }
        }
    }

    private static func decode(_ type: DataType, count: Int, _ reader: inout Reader) throws
        -> Column
    {
        var validity: Bitmap?
        if try reader.read(UInt8.self) == 1 {
            validity = Bitmap(
                words: try reader.read(UInt64.self, count: (count + 63) / 64), count: count)
        }
        let values: Column.Values
        switch type {
        case .boolean:
            values = .boolean(
                Bitmap(words: try reader.read(UInt64.self, count: (count + 63) / 64), count: count))
        case .integer, .date: values = .int32(try reader.read(Int32.self, count: count))
        case .bigint, .timestamp, .time: values = .int64(try reader.read(Int64.self, count: count))
        case .real: values = .float32(try reader.read(Float.self, count: count))
        case .double: values = .float64(try reader.read(Double.self, count: count))
        case .decimal, .uuid: values = .int128(try reader.read(Int128.self, count: count))
        case .interval: values = .intervals(try reader.read(Interval.self, count: count))
        case .string, .bytes, .json: values = .strings(try decodeStrings(count: count, &reader))
        case .null: values = .nulls(count: count)
        case .array(let element):
            values = try decodeList(element, count: count, &reader)
        case .map(let key, let value):
            values = try decodeList(.entry(key, value), count: count, &reader)
        case .structure(let fields):
            values = .structure(
                try fields.map { try decode($0.type, count: count, &reader) }, count: count)
        }
        return Column(type, values, validity: validity)
    }

    private static func decodeList(
        _ element: DataType, count: Int, _ reader: inout Reader
    ) throws -> Column.Values {
        let offsets = try reader.read(Int32.self, count: count + 1)
        let childCount = Int(try reader.read(UInt32.self))
        return .list(
            offsets: offsets, ColumnBox(try decode(element, count: childCount, &reader)))
    }

    private static func decodeStrings(count: Int, _ reader: inout Reader) throws -> Strings {
        let total = Int(try reader.read(UInt64.self))
        let lengths = try reader.read(UInt32.self, count: count)
        guard total >= 0, total <= reader.bytes.count - reader.position else { throw Malformed() }
        let block = ByteBlock(reader.bytes[reader.position..<(reader.position + total)])
        reader.position += total
        var offset = 0
        var views: [StringView] = []
        views.reserveCapacity(count)
        for length in lengths {
            guard offset + Int(length) <= total else { throw Malformed() }
            views.append(
                StringView(block.base + offset, count: Int(length), block: 0, offset: offset))
            offset += Int(length)
        }
        return Strings(views: views, blocks: [block])
    }
}

extension Batch {
    /// Bytes it holds, roughly: what the memory bound counts.
    package var byteCount: Int { columns.reduce(0) { $0 + $1.byteCount } }
}

extension Column {
    /// Bytes of values and validity. String blocks are counted by the bytes the views point at,
    /// since a block is shared by many columns.
    package var byteCount: Int {
        let bits = validity.map { $0.words.count * 8 } ?? 0
        return bits
            + {
                switch values {
                case .boolean(let v): v.words.count * 8
                case .int32(let v): v.count * 4
                case .int64(let v): v.count * 8
                case .float32(let v): v.count * 4
                case .float64(let v): v.count * 8
                case .int128, .intervals: count * 16
                case .strings(let v):
                    v.views.reduce(v.views.count * 16) { $0 + ($1.isInline ? 0 : $1.count) }
                case .list(let offsets, let child): offsets.count * 4 + child.column.byteCount
                case .structure(let fields, _): fields.reduce(0) { $0 + $1.byteCount }
                case .nulls: 0
                }
            }()
    }
}

/// Writes the Thrift compact protocol.
struct ThriftWriter {
    private(set) var bytes: [UInt8] = []
    private var lastID: Int16 = 0

    // MARK: Fields; an absent optional writes nothing

    mutating func field(_ id: Int16, _ value: Bool?) {
        guard let value else { return }
        header(id, value ? .booleanTrue : .booleanFalse)
    }

    mutating func field(_ id: Int16, int8 value: Int8?) {
        guard let value else { return }
        header(id, .int8)
        bytes.append(UInt8(bitPattern: value))
    }

    mutating func field(_ id: Int16, _ value: Int16?) {
        guard let value else { return }
        header(id, .int16)
        zigzag(Int64(value))
    }

    mutating func field(_ id: Int16, _ value: Int32?) {
        guard let value else { return }
        header(id, .int32)
        zigzag(Int64(value))
    }

    mutating func field(_ id: Int16, _ value: Int64?) {
        guard let value else { return }
        header(id, .int64)
        zigzag(value)
    }

    mutating func field(_ id: Int16, _ value: String?) {
        guard let value else { return }
        header(id, .binary)
        append(value.utf8)
    }

    mutating func field(_ id: Int16, _ value: [UInt8]?) {
        guard let value else { return }
        header(id, .binary)
        append(value)
    }

    mutating func field(_ id: Int16, structure body: (inout ThriftWriter) -> Void) {
        header(id, .structure)
        element(body)
    }

    // MARK: Lists

    mutating func field<T>(
        _ id: Int16, structures: [T]?, _ body: (inout ThriftWriter, T) -> Void
    ) {
        guard let structures else { return }
        listHeader(id, .structure, structures.count)
        for structure in structures { element { body(&$0, structure) } }
    }

    mutating func field(_ id: Int16, strings: [String]?) {
        guard let strings else { return }
        listHeader(id, .binary, strings.count)
        for string in strings { append(string.utf8) }
    }

    mutating func field(_ id: Int16, binaries: [[UInt8]]?) {
        guard let binaries else { return }
        listHeader(id, .binary, binaries.count)
        for binary in binaries { append(binary) }
    }

    mutating func field(_ id: Int16, int32s: [Int32]?) {
        guard let int32s else { return }
        listHeader(id, .int32, int32s.count)
        for value in int32s { zigzag(Int64(value)) }
    }

    mutating func field(_ id: Int16, int64s: [Int64]?) {
        guard let int64s else { return }
        listHeader(id, .int64, int64s.count)
        for value in int64s { zigzag(value) }
    }

    mutating func field(_ id: Int16, booleans: [Bool]?) {
        guard let booleans else { return }
        listHeader(id, .booleanTrue, booleans.count)
        for value in booleans { bytes.append(value ? 1 : 2) }
    }

    // MARK: Structures

    /// A structure by itself: the fields `body` writes and the stop byte.
    mutating func element(_ body: (inout ThriftWriter) -> Void) {
        let outer = lastID
        lastID = 0
        body(&self)
        bytes.append(0)
        lastID = outer
    }

    // MARK: Primitives

    private mutating func header(_ id: Int16, _ type: ThriftType) {
        let delta = Int(id) - Int(lastID)
        if delta > 0 && delta <= 15 {
            bytes.append(UInt8(delta) << 4 | type.rawValue)
        } else {
            bytes.append(type.rawValue)
            zigzag(Int64(id))
        }
        lastID = id
    }

    private mutating func listHeader(_ id: Int16, _ type: ThriftType, _ count: Int) {
        header(id, .list)
        if count < 15 {
            bytes.append(UInt8(count) << 4 | type.rawValue)
        } else {
            bytes.append(0xF0 | type.rawValue)
            varint(UInt64(count))
        }
    }

    private mutating func append(_ value: some Collection<UInt8>) {
        varint(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    private mutating func zigzag(_ value: Int64) {
        varint(UInt64(bitPattern: value << 1 ^ value >> 63))
    }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }
}

/// Reads the Thrift compact protocol from untrusted bytes.
///
/// Every length is checked against what is left, nesting is bounded and varints end after ten
/// bytes, so that no input traps, hangs or makes it allocate more than a multiple of its size.
///
/// https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
struct ThriftReader {
    private let bytes: UnsafeRawBufferPointer
    private(set) var position = 0
    private var depth = 0
    private static let maxDepth = 64

    /// `bytes` must outlive the reader.
    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var remaining: Int { bytes.count - position }

    struct Field {
        let id: Int16
        let type: ThriftType
        /// The value of a boolean field stands in its header.
        let isTrue: Bool
    }

    // MARK: Structures

    /// Calls `body` with every field of a structure; `body` must consume it or call `skip`.
    mutating func structure(_ body: (inout ThriftReader, Field) throws -> Void) throws {
        try enter()
        var lastID: Int16 = 0
        while let field = try nextField(after: &lastID) { try body(&self, field) }
        depth -= 1
    }

    private mutating func enter() throws {
        depth += 1
        if depth > Self.maxDepth { throw ParquetFailure.damaged("metadata is nested too deeply") }
    }

    private mutating func nextField(after lastID: inout Int16) throws -> Field? {
        let header = try byte()
        if header == 0 { return nil }
        guard let type = ThriftType(rawValue: header & 0x0F) else {
            throw ParquetFailure.damaged("metadata has a field of unknown type \(header & 0x0F)")
        }
        let delta = Int16(header >> 4)
        let id = delta == 0 ? try integer(Int16.self) : lastID &+ delta
        lastID = id
        return Field(id: id, type: type, isTrue: type == .booleanTrue)
    }

    // MARK: Values of fields

    func boolean(_ field: Field) throws -> Bool {
        guard field.type == .booleanTrue || field.type == .booleanFalse else {
            throw mismatch(field)
        }
        return field.isTrue
    }

    mutating func int<T: FixedWidthInteger & SignedInteger>(
        _ field: Field, _: T.Type = T.self
    ) throws -> T {
        switch field.type {
        case .int8: return T(Int8(bitPattern: try byte()))
        case .int16, .int32, .int64: return try integer(T.self)
        default: throw mismatch(field)
        }
    }

    mutating func string(_ field: Field) throws -> String {
        guard field.type == .binary else { throw mismatch(field) }
        return String(decoding: try bytesValue(), as: UTF8.self)
    }

    mutating func binary(_ field: Field) throws -> [UInt8] {
        guard field.type == .binary else { throw mismatch(field) }
        return [UInt8](try bytesValue())
    }

    mutating func structure(
        _ field: Field, _ body: (inout ThriftReader, Field) throws -> Void
    ) throws {
        guard field.type == .structure else { throw mismatch(field) }
        try structure(body)
    }

    /// A list of structures, each read by `element`.
    mutating func structures<T>(
        _ field: Field, _ element: (inout ThriftReader) throws -> T
    ) throws -> [T] {
        try list(field, of: [.structure], element)
    }

    mutating func strings(_ field: Field) throws -> [String] {
        try list(field, of: [.binary]) { String(decoding: try $0.bytesValue(), as: UTF8.self) }
    }

    mutating func binaries(_ field: Field) throws -> [[UInt8]] {
        try list(field, of: [.binary]) { [UInt8](try $0.bytesValue()) }
    }

    mutating func int32s(_ field: Field) throws -> [Int32] {
        try list(field, of: [.int32, .int16]) { try $0.integer(Int32.self) }
    }

    mutating func int64s(_ field: Field) throws -> [Int64] {
        try list(field, of: [.int64, .int32]) { try $0.integer(Int64.self) }
    }

    mutating func booleans(_ field: Field) throws -> [Bool] {
        try list(field, of: [.booleanTrue, .booleanFalse]) { try $0.byte() == 1 }
    }

    private mutating func list<T>(
        _ field: Field, of types: [ThriftType], _ element: (inout ThriftReader) throws -> T
    ) throws -> [T] {
        guard field.type == .list || field.type == .set else { throw mismatch(field) }
        try enter()
        let (type, count) = try listHeader()
        guard count == 0 || types.contains(type) else { throw mismatch(field) }
        var elements: [T] = []
        elements.reserveCapacity(min(count, 1024))
        for _ in 0..<count { elements.append(try element(&self)) }
        depth -= 1
        return elements
    }

    // MARK: Skipping

    mutating func skip(_ field: Field) throws { try skipValue(field.type, inList: false) }

    private mutating func skipValue(_ type: ThriftType, inList: Bool) throws {
        switch type {
        case .booleanTrue, .booleanFalse: if inList { _ = try byte() }
        case .int8: _ = try byte()
        case .int16, .int32, .int64: _ = try varint()
        case .double: try advance(8)
        case .uuid: try advance(16)
        case .binary: _ = try bytesValue()
        case .list, .set: try skipList()
        case .map: try skipMap()
        case .structure: try structure { try $0.skip($1) }
        }
    }

    private mutating func skipList() throws {
        try enter()
        let (type, count) = try listHeader()
        for _ in 0..<count { try skipValue(type, inList: true) }
        depth -= 1
    }

    private mutating func skipMap() throws {
        try enter()
        defer { depth -= 1 }
        let count = try count()
        if count == 0 { return }
        let types = try byte()
        guard let key = ThriftType(rawValue: types >> 4),
            let value = ThriftType(rawValue: types & 15)
        else { throw ParquetFailure.damaged("metadata has a map of unknown types") }
        for _ in 0..<count {
            try skipValue(key, inList: true)
            try skipValue(value, inList: true)
        }
    }

    // MARK: Primitives

    private mutating func byte() throws -> UInt8 {
        guard position < bytes.count else { throw Self.truncated }
        defer { position += 1 }
        return bytes[position]
    }

    private mutating func advance(_ count: Int) throws {
        guard count <= remaining else { throw Self.truncated }
        position += count
    }

    private mutating func varint() throws -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 70 {
            let byte = try byte()
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw ParquetFailure.damaged("metadata has an integer of more than 64 bits")
    }

    private mutating func integer<T: FixedWidthInteger & SignedInteger>(_: T.Type) throws -> T {
        let raw = try varint()
        let value = Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
        guard let narrowed = T(exactly: value) else {
            throw ParquetFailure.damaged(
                "metadata has \(value) where \(T.bitWidth) bits are allowed")
        }
        return narrowed
    }

    private mutating func bytesValue() throws -> UnsafeRawBufferPointer {
        let count = try count()
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
    }

    private mutating func listHeader() throws -> (ThriftType, Int) {
        let header = try byte()
        let short = Int(header >> 4)
        let count = short == 15 ? try count() : short
        guard count <= remaining else { throw Self.truncated }
        guard let type = ThriftType(rawValue: header & 0x0F) else {
            if count == 0 { return (.structure, 0) }
            throw ParquetFailure.damaged("metadata has a list of unknown type \(header & 0x0F)")
        }
        return (type, count)
    }

    /// Every element takes at least one byte, so a count beyond what is left is a lie.
    private mutating func count() throws -> Int {
        let count = try varint()
        guard count <= UInt64(remaining) else { throw Self.truncated }
        return Int(count)
    }

    private static var truncated: ParquetFailure { .damaged("metadata ends too early") }

    private func mismatch(_ field: Field) -> ParquetFailure {
        .damaged("metadata field \(field.id) has the unexpected type \(field.type)")
    }
}

enum ThriftType: UInt8 {
    case booleanTrue = 1
    case booleanFalse = 2
    case int8 = 3
    case int16 = 4
    case int32 = 5
    case int64 = 6
    case double = 7
    case binary = 8
    case list = 9
    case set = 10
    case map = 11
    case structure = 12
    case uuid = 13
}

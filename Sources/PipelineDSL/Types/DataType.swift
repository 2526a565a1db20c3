/// The type of a column or expression. Names are those of the spec language.
public indirect enum DataType: Hashable, Sendable {
    case boolean
    /// 32-bit signed.
    case integer
    /// 64-bit signed.
    case bigint
    /// IEEE 754 binary32.
    case real
    /// IEEE 754 binary64.
    case double
    /// `precision` total digits (1…38), `scale` of them after the point (0…precision).
    case decimal(precision: Int, scale: Int)
    case string
    case bytes
    /// Days since 1970-01-01, proleptic Gregorian.
    case date
    /// Microseconds since midnight.
    case time
    /// A UTC instant in microseconds since 1970-01-01T00:00:00Z.
    case timestamp
    /// Months, days and microseconds, as in SQL: a month has no fixed length in days.
    case interval
    case uuid
    /// JSON text, checked to be valid JSON.
    case json
    case array(DataType)
    case map(DataType, DataType)
    case structure([Field])
    /// The type of a bare `NULL`; it fits every other type.
    case null

    public var isInteger: Bool { self == .integer || self == .bigint }
    public var isFloating: Bool { self == .real || self == .double }
    public var isDecimal: Bool { if case .decimal = self { true } else { false } }
    public var isNumeric: Bool { isInteger || isFloating || isDecimal }
    public var isTemporal: Bool { self == .date || self == .time || self == .timestamp }
    public var isNested: Bool {
        switch self {
        case .array, .map, .structure: true
        default: false
        }
    }
}

/// A named, typed, possibly nullable column.
public struct Field: Hashable, Sendable {
    public var name: String
    public var type: DataType
    public var nullable: Bool
    /// The class of personal data it holds (`email`, `location`, …), which the compiler follows.
    public var pii: String?

    public init(_ name: String, _ type: DataType, nullable: Bool = true, pii: String? = nil) {
        self.name = name
        self.type = type
        self.nullable = nullable
        self.pii = pii
    }
}

/// An ordered list of fields with distinct names.
public struct Schema: Hashable, Sendable {
    public var fields: [Field]

    public init(_ fields: [Field] = []) { self.fields = fields }

    public var names: [String] { fields.map(\.name) }

    /// Column names are matched exactly first, then without regard to case, as SQL does for
    /// unquoted names.
    public func index(of name: String) -> Int? {
        if let exact = fields.firstIndex(where: { $0.name == name }) { return exact }
        let lowered = name.lowercased()
        return fields.firstIndex { $0.name.lowercased() == lowered }
    }

    public subscript(name: String) -> Field? { index(of: name).map { fields[$0] } }
}

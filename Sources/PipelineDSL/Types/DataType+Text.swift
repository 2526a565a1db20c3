extension DataType: CustomStringConvertible {
    /// As the spec language writes it: `decimal(12,2)`, `struct<a: bigint not null>`.
    public var description: String {
        switch self {
        case .boolean: "boolean"
        case .integer: "integer"
        case .bigint: "bigint"
        case .real: "real"
        case .double: "double"
        case .decimal(let precision, let scale): "decimal(\(precision),\(scale))"
        case .string: "string"
        case .bytes: "bytes"
        case .date: "date"
        case .time: "time"
        case .timestamp: "timestamp"
        case .interval: "interval"
        case .uuid: "uuid"
        case .json: "json"
        case .array(let element): "array<\(element)>"
        case .map(let key, let value): "map<\(key), \(value)>"
        case .structure(let fields): "struct<\(fields.map(\.description).joined(separator: ", "))>"
        case .null: "null"
        }
    }

    /// The name (lower-cased) of a type without parameters, SQL aliases included.
    public static func named(_ name: String) -> DataType? { simpleTypes[name] }

    /// Every spelling `named` accepts, for suggestions.
    public static var allNames: [String] {
        simpleTypes.keys.sorted() + ["decimal", "numeric", "array", "map", "struct"]
    }

    private static let simpleTypes: [String: DataType] = [
        "boolean": .boolean, "bool": .boolean,
        "integer": .integer, "int": .integer, "int4": .integer, "smallint": .integer,
        "tinyint": .integer, "int2": .integer, "int32": .integer,
        "bigint": .bigint, "long": .bigint, "int8": .bigint, "int64": .bigint,
        "real": .real, "float4": .real, "float32": .real,
        "double": .double, "float": .double, "float8": .double, "float64": .double,
        "double precision": .double,
        "string": .string, "varchar": .string, "text": .string, "char": .string, "utf8": .string,
        "bytes": .bytes, "bytea": .bytes, "blob": .bytes, "binary": .bytes, "varbinary": .bytes,
        "date": .date, "time": .time,
        "timestamp": .timestamp, "timestamptz": .timestamp, "datetime": .timestamp,
        "interval": .interval, "uuid": .uuid, "json": .json, "jsonb": .json,
    ]
}

extension Field: CustomStringConvertible {
    /// `name: type [not null]`, the name in double quotes where it is no plain word.
    public var description: String {
        let name = SQLPrinter.isWord(name) ? name : SQLPrinter.quoted(name)
        return "\(name): \(type)\(nullable ? "" : " not null")"
    }
}

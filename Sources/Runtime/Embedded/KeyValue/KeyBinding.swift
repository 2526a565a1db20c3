import GRDB
import PipelineDSL

/// A key as SQLite orders it: numbers and times by value, text by bytes.
enum KeyBinding {
    case integer(Int64)
    case double(Double)
    case text(UnsafeRawBufferPointer)
    case blob(UnsafeRawBufferPointer)

    static func with(_ column: Column?, _ row: Int, _ body: (KeyBinding) throws -> Void) throws {
        guard let column else { return try body(.integer(0)) }
        switch column.values {
        case .boolean(let v): try body(.integer(v[row] ? 1 : 0))
        case .int32(let v): try body(.integer(Int64(v[row])))
        case .int64(let v): try body(.integer(v[row]))
        case .float32(let v): try body(.double(Double(v[row])))
        case .float64(let v): try body(.double(v[row]))
        case .strings(let v):
            try v.views[row].withBytes(v.blocks) {
                try body(column.type == .bytes ? .blob($0) : .text($0))
            }
        default:
            var text: [UInt8] = []
            ValueText.append(column, row, to: &text)
            try text.withUnsafeBytes { try body(.text($0)) }
        }
    }

    func bind(_ statement: Statement, _ index: Int32) {
        switch self {
        case .integer(let value): statement.bindInteger(index, value)
        case .double(let value): statement.bindDouble(index, value)
        case .text(let bytes): statement.bindText(index, bytes)
        case .blob(let bytes): statement.bindBlob(index, bytes)
        }
    }

    /// As SQLite orders them: numbers before text, text before bytes.
    func isGreater(than stored: DatabaseValue) -> Bool {
        switch (self, stored.storage) {
        case (.integer(let new), .int64(let old)): new > old
        case (.integer(let new), .double(let old)): Double(new) > old
        case (.double(let new), .int64(let old)): new > Double(old)
        case (.double(let new), .double(let old)): new > old
        case (.text(let new), .string(let old)): old.utf8.lexicographicallyPrecedes(new)
        case (.blob(let new), .blob(let old)): old.lexicographicallyPrecedes(new)
        case (.text, .int64), (.text, .double), (.blob, _): true
        default: false
        }
    }
}

import PipelineDSL
import Planner

/// What a test expects in a column.
enum ExpectedValue: Sendable {
    case value(Value, DataType)
    /// A number within a distance: `{ near: 12.3, within: 0.1 }`.
    case near(Double, within: Double)

    /// Whether `actual`, a value of a column of the same type, is what is expected.
    func matches(_ actual: Value) -> Bool {
        switch self {
        case .near(let number, let distance):
            guard let actual = actual.number else { return false }
            return abs(actual - number) <= distance
        case .value(let expected, let type): return Self.equal(expected, actual, type)
        }
    }

    /// Computed numbers rarely have the last bit that somebody writes: floating-point numbers are
    /// equal when they differ by no more than rounding, entries of maps in any order, JSON by what it
    /// means.
    private static func equal(_ a: Value, _ b: Value, _ type: DataType) -> Bool {
        switch (a, b, type) {
        case (.double(let x), .double(let y), .real): return close(x, y, 1e-6)
        case (.double(let x), .double(let y), _): return close(x, y, 1e-9)
        case (.string(let x), .string(let y), .json): return JSONMeaning.equal(x, y)
        case (.list(let x), .list(let y), .array(let element)):
            return x.count == y.count && zip(x, y).allSatisfy { equal($0, $1, element) }
        case (.structure(let x), .structure(let y), .structure(let fields)):
            return x.count == y.count && x.count == fields.count
                && x.indices.allSatisfy { equal(x[$0], y[$0], fields[$0].type) }
        case (.map(let x), .map(let y), .map(_, let value)):
            return x.count == y.count
                && x.allSatisfy { pair in
                    guard pair.count == 2,
                        let other = y.first(where: { $0.first == pair.first }), other.count == 2
                    else { return false }
                    return equal(pair[1], other[1], value)
                }
        default: return a == b
        }
    }

    private static func close(_ a: Double, _ b: Double, _ relative: Double) -> Bool {
        if a == b || (a.isNaN && b.isNaN) { return true }
        guard a.isFinite, b.isFinite else { return false }
        return abs(a - b) <= relative * max(abs(a), abs(b))
    }

    /// As the spec would write it.
    var text: String {
        switch self {
        case .value(let value, let type): value.testText(type)
        case .near(let number, let distance): "\(number) ± \(distance)"
        }
    }
}

/// JSON texts compared by what they mean: keys in any order, numbers by value.
enum JSONMeaning {
    static func equal(_ a: String, _ b: String) -> Bool {
        guard let x = try? JSONValue.parse(a), let y = try? JSONValue.parse(b) else {
            return a == b
        }
        return equal(x, y)
    }

    /// The parser bounds the depth.
    private static func equal(_ a: JSONValue, _ b: JSONValue) -> Bool {
        switch (a, b) {
        case (.number(let x), .number(let y)): return x == y || Double(x) == Double(y)
        case (.array(let x), .array(let y)):
            return x.count == y.count && zip(x, y).allSatisfy { equal($0, $1) }
        case (.object(let x), .object(let y)):
            return x.count == y.count
                && x.allSatisfy { member in b[member.key].map { equal(member.value, $0) } ?? false }
        default: return a == b
        }
    }
}

extension Value {
    fileprivate var number: Double? {
        switch self {
        case .double(let value): value
        case .integer(let value): Double(value)
        default: nil
        }
    }

    /// As a test would write it, cut where it is long.
    func testText(_ type: DataType) -> String {
        guard self != .null else { return "null" }
        guard let column = Column.from([self], type: type) else { return "?" }
        let text = column.text(0)
        let short = text.count > 60 ? text.prefix(57) + "…" : text[...]
        guard type == .string else { return String(short) }
        let isPlain =
            PlainValue(plain: text) == .text && text.first?.isWhitespace == false
            && text.last?.isWhitespace == false
            && !text.contains { "{}[],#&*!|>'\"%@`:".contains($0) || $0.isNewline }
        return isPlain ? String(short) : "'\(short)'"
    }
}

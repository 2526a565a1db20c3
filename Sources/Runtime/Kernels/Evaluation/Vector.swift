import PipelineDSL

/// The value of a sub-expression over a batch: a column, or one value for all rows.
struct Vector: Sendable {
    /// One row where `isConstant`.
    var column: Column
    var isConstant: Bool

    init(_ column: Column, isConstant: Bool = false) {
        self.column = column
        self.isConstant = isConstant
        assert(!isConstant || column.count == 1)
    }

    static func constantNull(_ type: DataType) -> Vector {
        Vector(.nulls(type, count: 1), isConstant: true)
    }

    var type: DataType { column.type }
    var isNullConstant: Bool { isConstant && column.isNull(0) }

    /// As a column of `count` rows.
    func materialised(_ count: Int) -> Column {
        guard isConstant else { return column }
        return column.gather([UInt32](repeating: 0, count: count))
    }

    /// Validity over `count` rows; `nil` is all valid.
    func validity(_ count: Int) -> Bitmap? {
        guard isConstant else {
            if case .nulls = column.values { return Bitmap(repeating: false, count: count) }
            return column.validity
        }
        return column.isNull(0) ? Bitmap(repeating: false, count: count) : nil
    }
}

/// What evaluating a node gives: a value for every row that has no error; errored rows are null.
struct Outcome: Sendable {
    var vector: Vector
    var errors: RowErrors?

    init(_ vector: Vector, errors: RowErrors? = nil) {
        self.vector = vector
        self.errors = errors
    }
}

/// A value type that fills a column's buffer one to one.
protocol ColumnElement: BitwiseCopyable, Sendable {
    static var zero: Self { get }
    static func unwrap(_ values: Column.Values) -> [Self]?
    static func wrap(_ values: [Self]) -> Column.Values
}

extension Int32: ColumnElement {
    static func unwrap(_ values: Column.Values) -> [Int32]? {
        if case .int32(let v) = values { v } else { nil }
    }
    static func wrap(_ values: [Int32]) -> Column.Values { .int32(values) }
}

extension Int64: ColumnElement {
    static func unwrap(_ values: Column.Values) -> [Int64]? {
        if case .int64(let v) = values { v } else { nil }
    }
    static func wrap(_ values: [Int64]) -> Column.Values { .int64(values) }
}

extension Float: ColumnElement {
    static func unwrap(_ values: Column.Values) -> [Float]? {
        if case .float32(let v) = values { v } else { nil }
    }
    static func wrap(_ values: [Float]) -> Column.Values { .float32(values) }
}

extension Double: ColumnElement {
    static func unwrap(_ values: Column.Values) -> [Double]? {
        if case .float64(let v) = values { v } else { nil }
    }
    static func wrap(_ values: [Double]) -> Column.Values { .float64(values) }
}

extension Int128: ColumnElement {
    static func unwrap(_ values: Column.Values) -> [Int128]? {
        if case .int128(let v) = values { v } else { nil }
    }
    static func wrap(_ values: [Int128]) -> Column.Values { .int128(values) }
}

extension Interval: ColumnElement {
    static var zero: Interval { Interval() }
    static func unwrap(_ values: Column.Values) -> [Interval]? {
        if case .intervals(let v) = values { v } else { nil }
    }
    static func wrap(_ values: [Interval]) -> Column.Values { .intervals(values) }
}

/// A kernel's argument of a fixed width: a value a row, or one for all of them.
enum Operand<T: ColumnElement> {
    case column([T])
    case constant(T)

    /// A vector of another layout gives zeros. The compiler of expressions has checked every type,
    /// so that never happens; it is no reason to stop the process either.
    @inline(__always)
    init(_ vector: Vector, count: Int) {
        let values = T.unwrap(vector.column.values)
        assert(values != nil, "\(vector.type) does not hold \(T.self)")
        if vector.isConstant {
            self = .constant(values?.first ?? .zero)
        } else if let values, values.count == count {
            self = .column(values)
        } else {
            self = .constant(.zero)
        }
    }
}

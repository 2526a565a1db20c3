import PipelineDSL

/// Order and equality of single values, for every type.
///
/// Numbers by value; doubles as PostgreSQL: NaN equals NaN and is the greatest, -0 equals 0.
/// Strings by bytes, which is code point order. Intervals by length with 30-day months. Lists
/// element by element, then by length; structures field by field; nested nulls are equal and last.
package enum ValueOrder {
    /// Negative, zero or positive. Neither row is null; both columns have one type.
    package static func compare(_ a: Column, _ i: Int, _ b: Column, _ j: Int) -> Int {
        switch (a.values, b.values) {
        case (.boolean(let x), .boolean(let y)): order(x[i] ? 1 : 0, y[j] ? 1 : 0)
        case (.int32(let x), .int32(let y)): order(x[i], y[j])
        case (.int64(let x), .int64(let y)): order(x[i], y[j])
        case (.float32(let x), .float32(let y)): order(FloatOrder.key(x[i]), FloatOrder.key(y[j]))
        case (.float64(let x), .float64(let y)): order(FloatOrder.key(x[i]), FloatOrder.key(y[j]))
        case (.int128(let x), .int128(let y)):
            a.type == .uuid
                ? order(UInt128(bitPattern: x[i]), UInt128(bitPattern: y[j])) : order(x[i], y[j])
        case (.strings(let x), .strings(let y)):
            StringView.compare(x.views[i], x.blocks, y.views[j], y.blocks)
        case (.intervals(let x), .intervals(let y)): order(x[i].span, y[j].span)
        case (.list(let x, let p), .list(let y, let q)):
            compareLists(
                p.column, Int(x[i])..<Int(x[i + 1]), q.column, Int(y[j])..<Int(y[j + 1]))
        case (.structure(let x, _), .structure(let y, _)): compareFields(x, i, y, j)
        default: 0
        }
    }

    /// Nulls are equal to each other and greater than everything.
    static func compareNullable(_ a: Column, _ i: Int, _ b: Column, _ j: Int) -> Int {
        let (x, y) = (a.isNull(i), b.isNull(j))
        if x || y { return order(x ? 1 : 0, y ? 1 : 0) }
        return compare(a, i, b, j)
    }

    private static func compareLists(
        _ a: Column, _ x: Range<Int>, _ b: Column, _ y: Range<Int>
    ) -> Int {
        for k in 0..<min(x.count, y.count) {
            let result = compareNullable(a, x.lowerBound + k, b, y.lowerBound + k)
            if result != 0 { return result }
        }
        return order(x.count, y.count)
    }

    private static func compareFields(_ a: [Column], _ i: Int, _ b: [Column], _ j: Int) -> Int {
        for (x, y) in zip(a, b) {
            let result = compareNullable(x, i, y, j)
            if result != 0 { return result }
        }
        return order(a.count, b.count)
    }

    @inline(__always)
    static func order<T: Comparable>(_ a: T, _ b: T) -> Int { a < b ? -1 : a == b ? 0 : 1 }
}

/// Floating-point numbers as integers of the same order and equality as PostgreSQL's: NaN is one
/// value and the greatest, the two zeros are one.
package enum FloatOrder {
    @inline(__always)
    package static func key(_ value: Double) -> Int64 {
        if value != value { return .max }
        // Adding zero turns -0 into 0.
        let bits = Int64(bitPattern: (value + 0.0).bitPattern)
        return bits < 0 ? bits ^ .max : bits
    }

    @inline(__always)
    package static func key(_ value: Float) -> Int32 {
        if value != value { return .max }
        let bits = Int32(bitPattern: (value + 0.0).bitPattern)
        return bits < 0 ? bits ^ .max : bits
    }

    /// One of the equal values for all of them.
    @inline(__always)
    static func canonical(_ value: Double) -> Double { value != value ? .nan : value + 0.0 }

    @inline(__always)
    static func canonical(_ value: Float) -> Float { value != value ? .nan : value + 0.0 }
}

extension Interval {
    /// Microseconds with months of 30 days and days of 24 hours, as PostgreSQL compares intervals.
    @inline(__always)
    package var span: Int128 {
        (Int128(months) * 30 + Int128(days)) * Int128(CivilTime.microsecondsPerDay)
            + Int128(microseconds)
    }
}

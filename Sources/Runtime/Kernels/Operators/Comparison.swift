import PipelineDSL

extension KernelTable {
    /// Every comparison is made of two, `eq` and `lt`: the order is total (NaN included), so the
    /// other four are a swap or a complement.
    static let comparisons: [String: KernelResolver] = [
        "eq": { comparison($0, .equal) },
        "ne": { comparison($0, .equal, complement: true) },
        "lt": { comparison($0, .less) },
        "gt": { comparison($0, .less, swap: true) },
        "le": { comparison($0, .less, swap: true, complement: true) },
        "ge": { comparison($0, .less, complement: true) },
        "is_distinct_from": distinctFrom,
        "is_not_distinct_from": { request in
            distinctFrom(request).map { kernel in
                BoundKernel(isStrict: false) { call in
                    var result = kernel.body(call)
                    if case .boolean(let bits) = result.values { result.values = .boolean(~bits) }
                    return result
                }
            }
        },
    ]

    private static func comparison(
        _ request: KernelRequest, _ relation: Relation, swap: Bool = false, complement: Bool = false
    ) -> BoundKernel? {
        guard request.arguments.count == 2, Comparison.canCompare(request.arguments) else {
            return nil
        }
        return BoundKernel { call in
            let (a, b) = (call.arguments[swap ? 1 : 0], call.arguments[swap ? 0 : 1])
            let bits = Comparison.bits(a, b, relation, count: call.count)
            return KernelResult(.boolean(complement ? ~bits : bits))
        }
    }

    /// Null is a value here.
    private static let distinctFrom: @Sendable (KernelRequest) -> BoundKernel? = { request in
        guard request.arguments.count == 2, Comparison.canCompare(request.arguments) else {
            return nil
        }
        return BoundKernel(isStrict: false) { call in
            let (a, b) = (call.arguments[0], call.arguments[1])
            let all = Bitmap(repeating: true, count: call.count)
            let validA = a.validity(call.count) ?? all
            let validB = b.validity(call.count) ?? all
            let equal = Comparison.bits(a, b, .equal, count: call.count)
            let same = (equal & validA & validB) | ~(validA | validB)
            return KernelResult(.boolean(~same))
        }
    }
}

enum Relation: Sendable { case equal, less }

/// Compares whole columns; what is null is computed like any other value and masked by the caller.
enum Comparison {
    static func canCompare(_ types: [DataType]) -> Bool {
        let (a, b) = (types[0], types[1])
        return a == b || (a.isDecimal && b.isDecimal) || a == .null || b == .null
    }

    static func bits(_ a: Vector, _ b: Vector, _ relation: Relation, count: Int) -> Bitmap {
        switch (a.column.values, b.column.values) {
        case (.int32, .int32): integers(a, b, relation, count, Int32.self)
        case (.int64, .int64): integers(a, b, relation, count, Int64.self)
        case (.float64, .float64): doubles(a, b, relation, count)
        case (.float32, .float32): floats(a, b, relation, count)
        case (.int128, .int128): wide(a, b, relation, count)
        case (.strings(let x), .strings(let y)):
            x.withAccess(constant: a.isConstant) { x in
                y.withAccess(constant: b.isConstant) { y in strings(x, y, relation, count) }
            }
        case (.boolean(let x), .boolean(let y)):
            booleans(
                a.isConstant ? Bitmap(repeating: x[0], count: count) : x,
                b.isConstant ? Bitmap(repeating: y[0], count: count) : y, relation)
        case (.nulls, _), (_, .nulls): Bitmap(repeating: false, count: count)
        default: rowByRow(a, b, relation, count)
        }
    }

    @inline(__always)
    private static func integers<T: ColumnElement & FixedWidthInteger>(
        _ a: Vector, _ b: Vector, _ relation: Relation, _ count: Int, _ type: T.Type
    ) -> Bitmap {
        let (x, y) = (Operand<T>(a, count: count), Operand<T>(b, count: count))
        return relation == .equal
            ? mapBits(x, y, count) { $0 == $1 } : mapBits(x, y, count) { $0 < $1 }
    }

    private static func doubles(
        _ a: Vector, _ b: Vector, _ relation: Relation, _ count: Int
    ) -> Bitmap {
        let (x, y) = (Operand<Double>(a, count: count), Operand<Double>(b, count: count))
        return relation == .equal
            ? mapBits(x, y, count) { ($0 == $1) || ($0 != $0 && $1 != $1) }
            : mapBits(x, y, count) { ($0 < $1) || ($1 != $1 && $0 == $0) }
    }

    private static func floats(
        _ a: Vector, _ b: Vector, _ relation: Relation, _ count: Int
    ) -> Bitmap {
        let (x, y) = (Operand<Float>(a, count: count), Operand<Float>(b, count: count))
        return relation == .equal
            ? mapBits(x, y, count) { ($0 == $1) || ($0 != $0 && $1 != $1) }
            : mapBits(x, y, count) { ($0 < $1) || ($1 != $1 && $0 == $0) }
    }

    private static func wide(_ a: Vector, _ b: Vector, _ relation: Relation, _ count: Int) -> Bitmap
    {
        let (x, y) = (Operand<Int128>(a, count: count), Operand<Int128>(b, count: count))
        if a.type == .uuid {
            return relation == .equal
                ? mapBits(x, y, count) { $0 == $1 }
                : mapBits(x, y, count) { UInt128(bitPattern: $0) < UInt128(bitPattern: $1) }
        }
        guard case .decimal(_, let scaleA) = a.type, case .decimal(_, let scaleB) = b.type,
            scaleA != scaleB
        else { return integers(a, b, relation, count, Int128.self) }
        return relation == .equal
            ? mapBits(x, y, count) { DecimalMath.compare($0, scaleA, $1, scaleB) == 0 }
            : mapBits(x, y, count) { DecimalMath.compare($0, scaleA, $1, scaleB) < 0 }
    }

    private static func booleans(_ a: Bitmap, _ b: Bitmap, _ relation: Relation) -> Bitmap {
        relation == .equal ? ~(a ^ b) : b.subtracting(a)
    }

    private static func strings(
        _ a: StringAccess, _ b: StringAccess, _ relation: Relation, _ count: Int
    ) -> Bitmap {
        relation == .equal
            ? Bitmap(count: count) { equal(a, $0, b, $0) }
            : Bitmap(count: count) { compare(a, $0, b, $0) < 0 }
    }

    @inline(__always)
    static func equal(_ a: StringAccess, _ i: Int, _ b: StringAccess, _ j: Int) -> Bool {
        let (x, y) = (a.view(i), b.view(j))
        if x.low != y.low { return false }
        if x.isInline { return x.high == y.high }
        return x.high == y.high && a.base(x) == b.base(y)
            || compareBytes(a.base(x), b.base(y), x.count) == 0
    }

    /// The first four bytes stand in the views, zero-padded: where they differ, they decide.
    @inline(__always)
    static func compare(_ a: StringAccess, _ i: Int, _ b: StringAccess, _ j: Int) -> Int {
        let (x, y) = (a.view(i), b.view(j))
        let prefixX = UInt32(truncatingIfNeeded: x.low &>> 32).byteSwapped
        let prefixY = UInt32(truncatingIfNeeded: y.low &>> 32).byteSwapped
        if prefixX != prefixY { return prefixX < prefixY ? -1 : 1 }
        let order = compareBytes(a.pointer(i), b.pointer(j), min(x.count, y.count))
        return order != 0 ? order : x.count &- y.count
    }

    private static func rowByRow(
        _ a: Vector, _ b: Vector, _ relation: Relation, _ count: Int
    ) -> Bitmap {
        Bitmap(count: count) { row in
            let order = ValueOrder.compare(
                a.column, a.isConstant ? 0 : row, b.column, b.isConstant ? 0 : row)
            return relation == .equal ? order == 0 : order < 0
        }
    }
}

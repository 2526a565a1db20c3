import PipelineDSL

// The loops that every fixed-width kernel is made of. They are always inlined into a kernel with a
// closure literal, so that what runs is one loop over raw buffers for one combination of types.

@inline(__always)
func mapValues<A, R: ColumnElement>(
    _ a: Operand<A>, _ count: Int, _ f: (A) -> R
) -> [R] {
    switch a {
    case .constant(let x): return [R](repeating: f(x), count: count)
    case .column(let values):
        return [R](unsafeUninitializedCapacity: count) { out, initialized in
            values.withUnsafeBufferPointer { a in
                for i in 0..<count { out.initializeElement(at: i, to: f(a[i])) }
            }
            initialized = count
        }
    }
}

@inline(__always)
func mapValues<A, B, R: ColumnElement>(
    _ a: Operand<A>, _ b: Operand<B>, _ count: Int, _ f: (A, B) -> R
) -> [R] {
    switch (a, b) {
    case (.constant(let x), .constant(let y)):
        return [R](repeating: f(x, y), count: count)
    case (.column, .constant(let y)):
        return mapValues(a, count) { f($0, y) }
    case (.constant(let x), .column):
        return mapValues(b, count) { f(x, $0) }
    case (.column(let left), .column(let right)):
        return [R](unsafeUninitializedCapacity: count) { out, initialized in
            left.withUnsafeBufferPointer { a in
                right.withUnsafeBufferPointer { b in
                    for i in 0..<count { out.initializeElement(at: i, to: f(a[i], b[i])) }
                }
            }
            initialized = count
        }
    }
}

/// As ``mapValues``, for what may fail. The loop only ors the faults together; rows are looked for
/// in a second pass, and only where there is something to find.
@inline(__always)
func mapChecked<A, R: ColumnElement>(
    _ a: Operand<A>, _ count: Int, _ f: (A) -> (R, Fault)
) -> KernelResult {
    var any: UInt8 = 0
    let values: [R] = mapValues(a, count) { x in
        let (value, fault) = f(x)
        any |= fault.rawValue
        return value
    }
    guard any != 0 else { return KernelResult(R.wrap(values)) }
    var faults = Faults()
    for i in 0..<count {
        let fault =
            switch a {
            case .constant(let x): f(x).1
            case .column(let a): f(a[i]).1
            }
        if fault != .none { faults.add(i, fault) }
    }
    return KernelResult(R.wrap(values), faults: faults)
}

@inline(__always)
func mapChecked<A, B, R: ColumnElement>(
    _ a: Operand<A>, _ b: Operand<B>, _ count: Int, _ f: (A, B) -> (R, Fault)
) -> KernelResult {
    var any: UInt8 = 0
    let values: [R] = mapValues(a, b, count) { x, y in
        let (value, fault) = f(x, y)
        any |= fault.rawValue
        return value
    }
    guard any != 0 else { return KernelResult(R.wrap(values)) }
    var faults = Faults()
    for i in 0..<count {
        let x =
            switch a {
            case .constant(let x): x
            case .column(let a): a[i]
            }
        let y =
            switch b {
            case .constant(let y): y
            case .column(let b): b[i]
            }
        let fault = f(x, y).1
        if fault != .none { faults.add(i, fault) }
    }
    return KernelResult(R.wrap(values), faults: faults)
}

@inline(__always)
func mapBits<A>(_ a: Operand<A>, _ count: Int, _ f: (A) -> Bool) -> Bitmap {
    switch a {
    case .constant(let x): return Bitmap(repeating: f(x), count: count)
    case .column(let values):
        return values.withUnsafeBufferPointer { a in Bitmap(count: count) { f(a[$0]) } }
    }
}

@inline(__always)
func mapBits<A, B>(_ a: Operand<A>, _ b: Operand<B>, _ count: Int, _ f: (A, B) -> Bool) -> Bitmap {
    switch (a, b) {
    case (.constant(let x), .constant(let y)): return Bitmap(repeating: f(x, y), count: count)
    case (.column, .constant(let y)): return mapBits(a, count) { f($0, y) }
    case (.constant(let x), .column): return mapBits(b, count) { f(x, $0) }
    case (.column(let left), .column(let right)):
        return left.withUnsafeBufferPointer { a in
            right.withUnsafeBufferPointer { b in Bitmap(count: count) { f(a[$0], b[$0]) } }
        }
    }
}

extension BoundKernel {
    /// An infallible function of one fixed-width value.
    @inline(__always)
    static func unary<A: ColumnElement, R: ColumnElement>(
        _ f: @escaping @Sendable (A) -> R
    ) -> BoundKernel {
        BoundKernel { call in
            KernelResult(R.wrap(mapValues(call.operand(0, A.self), call.count, f)))
        }
    }

    @inline(__always)
    static func binary<A: ColumnElement, B: ColumnElement, R: ColumnElement>(
        _ f: @escaping @Sendable (A, B) -> R
    ) -> BoundKernel {
        BoundKernel { call in
            KernelResult(
                R.wrap(mapValues(call.operand(0, A.self), call.operand(1, B.self), call.count, f)))
        }
    }

    @inline(__always)
    static func checked<A: ColumnElement, R: ColumnElement>(
        _ f: @escaping @Sendable (A) -> (R, Fault)
    ) -> BoundKernel {
        BoundKernel { call in mapChecked(call.operand(0, A.self), call.count, f) }
    }

    @inline(__always)
    static func checked<A: ColumnElement, B: ColumnElement, R: ColumnElement>(
        _ f: @escaping @Sendable (A, B) -> (R, Fault)
    ) -> BoundKernel {
        BoundKernel { call in
            mapChecked(call.operand(0, A.self), call.operand(1, B.self), call.count, f)
        }
    }

    @inline(__always)
    static func test<A: ColumnElement>(_ f: @escaping @Sendable (A) -> Bool) -> BoundKernel {
        BoundKernel { call in
            KernelResult(.boolean(mapBits(call.operand(0, A.self), call.count, f)))
        }
    }
}

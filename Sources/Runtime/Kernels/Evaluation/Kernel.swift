import PipelineDSL

/// What is the same for every row of a run, however often it is evaluated.
package struct RunConstants: Sendable {
    /// `now()`: microseconds since 1970-01-01T00:00:00Z.
    package var now: Int64

    package init(now: Int64) { self.now = now }
}

/// What one kernel call sees.
struct KernelCall: Sendable {
    var arguments: [Vector]
    /// Rows to compute: those of the batch, or 1 where all arguments are constant.
    var count: Int
    /// Rows in which no argument is null; `nil` is all. Only of a strict kernel.
    var validity: Bitmap?
    var result: DataType

    @inline(__always)
    func operand<T: ColumnElement>(_ index: Int, _ type: T.Type = T.self) -> Operand<T> {
        Operand(arguments[index], count: count)
    }
}

struct KernelResult: Sendable {
    var values: Column.Values
    /// Rows the kernel itself makes null, beside those with a null argument.
    var validity: Bitmap?
    var faults = Faults()

    init(_ values: Column.Values, validity: Bitmap? = nil, faults: Faults = Faults()) {
        self.values = values
        self.validity = validity
        self.faults = faults
    }
}

/// A function bound to the types, and perhaps the constants, of one call.
struct BoundKernel: Sendable {
    typealias Body = @Sendable (KernelCall) -> KernelResult

    /// A strict kernel never sees a null: rows with one are null, whatever it computes for them.
    var isStrict = true
    var body: Body

    init(isStrict: Bool = true, _ body: @escaping Body) {
        self.isStrict = isStrict
        self.body = body
    }
}

/// A call that wants a kernel.
struct KernelRequest: Sendable {
    var name: String
    var arguments: [DataType]
    var result: DataType
    /// One row each, for the arguments that are constant.
    var constants: [Column?]
    var run: RunConstants
    var span: SourceSpan?

    /// The constant text of an argument, where it is constant and not null.
    func constantText(_ index: Int) -> String? {
        guard index < constants.count, let column = constants[index], !column.isNull(0),
            case .strings(let strings) = column.values
        else { return nil }
        return strings.string(0)
    }
}

/// Chooses the kernel for the argument types; `nil` where it has none. Throws ``RunError`` for a
/// constant argument that can never work, such as a malformed pattern.
typealias KernelResolver = @Sendable (KernelRequest) throws -> BoundKernel?

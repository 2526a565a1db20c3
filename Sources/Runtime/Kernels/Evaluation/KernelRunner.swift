import PipelineDSL

typealias FaultDescription =
    @Sendable (_ fault: Fault, _ row: Int, _ showValues: Bool) -> String

/// Calls a kernel: the one place where nulls, constants and errors of its arguments are handled.
struct KernelRunner {
    let kernel: BoundKernel
    let type: DataType
    let span: SourceSpan?
    /// Null where a value does not fit, instead of an error.
    var isTry = false
    let describe: FaultDescription

    init(
        kernel: BoundKernel, type: DataType, span: SourceSpan?, isTry: Bool = false,
        describe: @escaping FaultDescription
    ) {
        self.kernel = kernel
        self.type = type
        self.span = span
        self.isTry = isTry
        self.describe = describe
    }

    func run(_ arguments: [Vector], errors: RowErrors?, count batchCount: Int) -> Outcome {
        let isConstant = arguments.allSatisfy(\.isConstant)
        let count = isConstant ? 1 : batchCount
        if kernel.isStrict, arguments.contains(where: \.isNullConstant) {
            return Outcome(.constantNull(type), errors: errors)
        }
        var validity: Bitmap?
        if kernel.isStrict {
            for argument in arguments { validity = .both(validity, argument.validity(count)) }
        }
        let result = kernel.body(
            KernelCall(arguments: arguments, count: count, validity: validity, result: type))
        validity = .both(validity, result.validity)
        // A strict kernel's errored arguments are null already.
        if !kernel.isStrict, let errors { validity = .both(validity, errors.clean(count: count)) }
        let faults = result.faults.restricted(to: validity)
        let column = Column(type, result.values, validity: validity)
        guard !faults.isEmpty else {
            return Outcome(Vector(column, isConstant: isConstant), errors: errors)
        }
        return failed(column, faults, errors, isConstant: isConstant, batchCount: batchCount)
    }

    @inline(never)
    private func failed(
        _ column: Column, _ faults: Faults, _ errors: RowErrors?, isConstant: Bool, batchCount: Int
    ) -> Outcome {
        var valid = column.validity ?? Bitmap(repeating: true, count: column.count)
        for row in faults.rows { valid[Int(row)] = false }
        let vector = Vector(column.withValidity(valid), isConstant: isConstant)
        if isTry { return Outcome(vector, errors: errors) }
        let found = rowErrors(faults)
        guard isConstant else { return Outcome(vector, errors: .merged(errors, found)) }
        // Every row has the error of the constant.
        return Outcome(
            Vector(.nulls(type, count: batchCount)),
            errors: .merged(errors, found?.broadcast(to: batchCount)))
    }

    private func rowErrors(_ faults: Faults) -> RowErrors? {
        var errors: RowErrors?
        for kind in Set(faults.kinds) {
            let rows = zip(faults.rows, faults.kinds).filter { $0.1 == kind }.map(\.0)
            let describe = describe
            let reason = RowErrors.Reason(code: kind.code, span: span) { describe(kind, $0, $1) }
            errors = .merged(errors, RowErrors(rows: rows, reason: reason))
        }
        return errors
    }
}

import PipelineDSL

extension ExpressionNode {
    /// Whether it may be computed once for all rows.
    var isConstantFoldable: Bool {
        switch self {
        case is ConstantNode, is ColumnNode: false
        case let call as CallNode: call.arguments.allSatisfy { $0 is ConstantNode }
        case let node as any ParentNode: node.operands.allSatisfy { $0 is ConstantNode }
        default: false
        }
    }
}

/// A node whose value depends on nothing but its operands'.
protocol ParentNode: ExpressionNode {
    var operands: [any ExpressionNode] { get }
}

struct ColumnNode: ExpressionNode {
    let index: Int
    func evaluate(_ batch: Batch) -> Outcome { Outcome(Vector(batch.columns[index])) }
}

struct ConstantNode: ExpressionNode {
    let vector: Vector
    func evaluate(_ batch: Batch) -> Outcome { Outcome(vector) }
}

/// A function: evaluates the arguments, takes care of nulls and errors, calls the kernel.
struct CallNode: ExpressionNode {
    let name: String
    let arguments: [any ExpressionNode]
    let kernel: BoundKernel
    let type: DataType
    let span: SourceSpan?

    func evaluate(_ batch: Batch) -> Outcome {
        var vectors: [Vector] = []
        vectors.reserveCapacity(arguments.count)
        var errors: RowErrors?
        for argument in arguments {
            let outcome = argument.evaluate(batch)
            vectors.append(outcome.vector)
            errors = .merged(errors, outcome.errors)
        }
        return KernelRunner(
            kernel: kernel, type: type, span: span, describe: describe(vectors)
        ).run(vectors, errors: errors, count: batch.physicalCount)
    }

    private func describe(_ arguments: [Vector]) -> FaultDescription {
        let (name, type) = (name, type)
        return { fault, row, showValues in
            FaultText.call(name, arguments, type, fault, row: row, showValues: showValues)
        }
    }
}

struct CastNode: ParentNode {
    let operand: any ExpressionNode
    let kernel: BoundKernel
    let type: DataType
    let isTry: Bool
    let span: SourceSpan?

    var operands: [any ExpressionNode] { [operand] }

    func evaluate(_ batch: Batch) -> Outcome {
        let outcome = operand.evaluate(batch)
        let (vector, type) = (outcome.vector, type)
        let runner = KernelRunner(kernel: kernel, type: type, span: span, isTry: isTry) {
            FaultText.cast(vector, type, $0, row: $1, showValues: $2)
        }
        return runner.run([vector], errors: outcome.errors, count: batch.physicalCount)
    }
}

struct NotNode: ParentNode {
    let operand: any ExpressionNode
    var operands: [any ExpressionNode] { [operand] }

    func evaluate(_ batch: Batch) -> Outcome {
        var outcome = operand.evaluate(batch)
        let column = outcome.vector.column
        guard case .boolean(let bits) = column.values else { return outcome }
        outcome.vector.column = Column(.boolean, .boolean(~bits), validity: column.validity)
        return outcome
    }
}

/// Never null itself. An errored operand stays an error.
struct IsNullNode: ParentNode {
    let operand: any ExpressionNode
    var operands: [any ExpressionNode] { [operand] }

    func evaluate(_ batch: Batch) -> Outcome {
        let outcome = operand.evaluate(batch)
        if outcome.vector.isConstant {
            let answer = Bitmap(repeating: outcome.vector.isNullConstant, count: 1)
            return Outcome(Vector(Column(.boolean, .boolean(answer)), isConstant: true))
        }
        let count = batch.physicalCount
        let answer =
            outcome.vector.validity(count).map { ~$0 } ?? Bitmap(repeating: false, count: count)
        let clean = outcome.errors?.clean(count: count)
        return Outcome(
            Vector(Column(.boolean, .boolean(answer), validity: clean)), errors: outcome.errors)
    }
}

struct InListNode: ParentNode {
    let operand: any ExpressionNode
    let set: ValueSet
    var operands: [any ExpressionNode] { [operand] }

    func evaluate(_ batch: Batch) -> Outcome {
        let outcome = operand.evaluate(batch)
        let column = outcome.vector.column
        let found = set.contains(column)
        var validity = outcome.vector.validity(column.count)
        // Not found among values of which one is null: unknown, not false.
        if set.hasNull { validity = .both(validity, found) }
        return Outcome(
            Vector(
                Column(.boolean, .boolean(found), validity: validity),
                isConstant: outcome.vector.isConstant),
            errors: outcome.errors)
    }
}

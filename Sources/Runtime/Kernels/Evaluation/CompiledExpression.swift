import PipelineDSL
import Planner

/// An expression ready to be evaluated over batches: kernels chosen, constants computed, patterns
/// compiled. Made once per operator; immutable, so all workers share it.
package struct CompiledExpression: Sendable {
    package let type: DataType
    package let span: SourceSpan?
    private let root: any ExpressionNode

    /// - Parameter input: the columns that `.column(i)` means. Positions and types are checked
    ///   here once, so that evaluation need not.
    /// - Throws: ``RunError`` for what no build's planner emits (an edited plan file), and for a
    ///   constant argument that can never work (a malformed pattern).
    package init(_ expression: TypedExpression, input: Schema, run: RunConstants) throws {
        let compiler = ExpressionCompiler(input: input, run: run)
        root = try compiler.compile(expression, depth: 0)
        type = expression.type
        span = expression.span
    }

    /// Computes all physical rows of `batch`, whatever its selection. The column is null where a
    /// row has an error.
    package func evaluate(_ batch: Batch) -> Evaluation {
        let outcome = root.evaluate(batch)
        return Evaluation(
            column: outcome.vector.materialised(batch.physicalCount).withType(type),
            errors: outcome.errors)
    }

    /// The value where it is the same for every batch: one row.
    package var constant: Column? {
        guard let node = root as? ConstantNode else { return nil }
        return node.vector.column
    }

    func outcome(_ batch: Batch) -> Outcome { root.evaluate(batch) }
}

/// A computed column, and the rows that could not be computed (all physical rows: see
/// ``RowErrors/restricted(to:)-(Bitmap)``).
package struct Evaluation: Sendable {
    package var column: Column
    package var errors: RowErrors?

    package init(column: Column, errors: RowErrors? = nil) {
        self.column = column
        self.errors = errors
    }
}

/// Evaluates one node of an expression tree. Called once a batch, so dynamic dispatch is fine.
protocol ExpressionNode: Sendable {
    func evaluate(_ batch: Batch) -> Outcome
}

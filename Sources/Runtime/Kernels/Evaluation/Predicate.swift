import PipelineDSL
import Planner

/// A boolean expression as a filter or a rule.
package struct Predicate: Sendable {
    private let expression: CompiledExpression

    package init(_ expression: TypedExpression, input: Schema, run: RunConstants) throws {
        guard expression.type == .boolean || expression.type == .null else {
            throw RunError(
                .noKernel, "the plan filters by \(expression.type), not a boolean",
                at: expression.span)
        }
        self.expression = try CompiledExpression(expression, input: input, run: run)
    }

    package struct Outcome: Sendable {
        /// Rows of the batch's selection for which it is true, ascending. Unknown is in neither.
        package var matching: [UInt32]
        /// Rows of the selection for which it is false: those that break a rule.
        package var failing: [UInt32]
        /// Errors of rows in the selection; such rows are in neither list.
        package var errors: RowErrors?
    }

    /// - Parameter wantsFailing: a filter does not need them.
    package func evaluate(_ batch: Batch, wantsFailing: Bool = false) -> Outcome {
        let outcome = expression.outcome(batch)
        let count = batch.physicalCount
        let (yes, no) = outcome.vector.truth(count)
        return Outcome(
            matching: batch.rows(in: yes), failing: wantsFailing ? batch.rows(in: no) : [],
            errors: outcome.errors?.restricted(to: batch.selection))
    }

    /// Rows for which it is true, as bits over all physical rows; an errored row is not.
    package func bits(_ batch: Batch) -> (matching: Bitmap, errors: RowErrors?) {
        let outcome = expression.outcome(batch)
        return (outcome.vector.truth(batch.physicalCount).yes, outcome.errors)
    }
}

extension Batch {
    /// The rows that count and have their bit set, ascending.
    package func rows(in bits: Bitmap) -> [UInt32] {
        guard let selection else { return bits.ones }
        // Written without a branch: a random filter would mispredict every other row.
        return [UInt32](unsafeUninitializedCapacity: selection.count) { out, initialized in
            var n = 0
            bits.words.withUnsafeBufferPointer { words in
                for row in selection {
                    out.initializeElement(at: n, to: row)
                    let bit = words[Int(row >> 6)] &>> UInt64(row & 63) & 1
                    n &+= Int(truncatingIfNeeded: bit)
                }
            }
            initialized = n
        }
    }
}

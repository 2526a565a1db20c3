import PipelineDSL

/// `AND` and `OR` of two or more operands, three-valued, a word of 64 rows at a time.
///
/// SQL does not promise an order of evaluation. Here it is defined: an error of an operand does not
/// count in rows that an operand to its *left* has already decided (false for `AND`, true for
/// `OR`). So `y <> 0 AND x / y > 1` never fails, and `x / y > 1 AND y <> 0` does.
struct LogicNode: ParentNode {
    let operands: [any ExpressionNode]
    let isAnd: Bool

    func evaluate(_ batch: Batch) -> Outcome {
        // A constant result needs one row; whether it is one is known only afterwards.
        let count = batch.physicalCount
        var undecided = Bitmap(repeating: true, count: count)
        /// Rows in which every operand so far is true (of `AND`), or false (of `OR`).
        var neutral = undecided
        var errors: RowErrors?
        for operand in operands {
            let outcome = operand.evaluate(batch)
            let (yes, no) = outcome.vector.truth(count)
            if let own = outcome.errors?.restricted(to: undecided) {
                errors = .merged(errors, own)
            }
            undecided = undecided.subtracting(isAnd ? no : yes)
            neutral = neutral & (isAnd ? yes : no)
            // Nothing to the right can matter, not even its errors.
            if undecided.allZeros { break }
        }
        let clean = errors?.clean(count: count)
        // Known where decided, or where all operands are neutral.
        var known = ~undecided | neutral
        if let clean { known = known & clean }
        let value = isAnd ? neutral : ~undecided
        return Outcome(
            Vector(Column(.boolean, .boolean(value), validity: known.allOnes ? nil : known)),
            errors: errors)
    }
}

extension Vector {
    /// Rows that are true and rows that are false; null is neither.
    func truth(_ count: Int) -> (yes: Bitmap, no: Bitmap) {
        let none = { Bitmap(repeating: false, count: count) }
        guard case .boolean(let bits) = column.values else { return (none(), none()) }
        if isConstant {
            if column.isNull(0) { return (none(), none()) }
            let all = Bitmap(repeating: true, count: count)
            return bits[0] ? (all, none()) : (none(), all)
        }
        guard let validity = column.validity else { return (bits, ~bits) }
        return (bits & validity, validity.subtracting(bits))
    }
}

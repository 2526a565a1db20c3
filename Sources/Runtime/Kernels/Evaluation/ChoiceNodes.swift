import PipelineDSL

/// `CASE`: the first branch whose condition is true. What is not reached has no errors.
struct CaseNode: ParentNode {
    let conditions: [any ExpressionNode]
    /// One for each condition, then `ELSE`.
    let results: [any ExpressionNode]
    let type: DataType

    var operands: [any ExpressionNode] { conditions + results }

    func evaluate(_ batch: Batch) -> Outcome {
        let count = batch.physicalCount
        var remaining = Bitmap(repeating: true, count: count)
        var choice = Choice(type: type, count: count)
        for (condition, result) in zip(conditions, results) where !remaining.allZeros {
            let outcome = condition.evaluate(batch)
            let taken = outcome.vector.truth(count).yes & remaining
            if let failed = outcome.errors?.restricted(to: remaining) {
                choice.fail(failed)
                remaining = remaining & failed.clean(count: count)
            }
            remaining = remaining.subtracting(taken)
            if !taken.allZeros { choice.take(taken, result.evaluate(batch)) }
        }
        if !remaining.allZeros, let otherwise = results.last {
            choice.take(remaining, otherwise.evaluate(batch))
        }
        return choice.finish()
    }
}

/// The first operand that is not null. An operand is reached only where all before it are null.
struct CoalesceNode: ParentNode {
    let operands: [any ExpressionNode]
    let type: DataType

    func evaluate(_ batch: Batch) -> Outcome {
        let count = batch.physicalCount
        var remaining = Bitmap(repeating: true, count: count)
        var choice = Choice(type: type, count: count)
        for operand in operands where !remaining.allZeros {
            let outcome = operand.evaluate(batch)
            if operand is ColumnNode, outcome.vector.column.validity == nil, choice.isEmpty {
                return outcome
            }
            var taken = remaining
            if let failed = outcome.errors?.restricted(to: remaining) {
                choice.fail(failed)
                remaining = remaining & failed.clean(count: count)
                taken = remaining
            }
            if let valid = outcome.vector.validity(count) { taken = taken & valid }
            if !taken.allZeros { choice.take(taken, Outcome(outcome.vector)) }
            remaining = remaining.subtracting(taken)
        }
        return choice.finish()
    }
}

/// Puts a column together from several, each giving some of the rows; rows nobody gives are null.
struct Choice {
    let type: DataType
    let count: Int
    private var parts: [(rows: Bitmap, vector: Vector)] = []
    private var errors: RowErrors?

    init(type: DataType, count: Int) {
        self.type = type
        self.count = count
    }

    var isEmpty: Bool { parts.isEmpty && errors == nil }

    mutating func take(_ rows: Bitmap, _ outcome: Outcome) {
        // A bare NULL has no values to take.
        if case .nulls = outcome.vector.column.values {
        } else {
            parts.append((rows, outcome.vector))
        }
        fail(outcome.errors?.restricted(to: rows))
    }

    mutating func fail(_ more: RowErrors?) { errors = .merged(errors, more) }

    func finish() -> Outcome {
        if parts.count == 1, errors == nil, parts[0].rows.allOnes {
            return Outcome(parts[0].vector)
        }
        var given = Bitmap(repeating: false, count: count)
        for (rows, vector) in parts {
            given = given | (Bitmap.both(rows, vector.validity(count)) ?? rows)
        }
        if let errors { given = given & errors.clean(count: count) }
        let column = Column(type, values(), validity: given.allOnes ? nil : given)
        return Outcome(Vector(column), errors: errors)
    }

    private func values() -> Column.Values {
        switch Column.Values.zeros(type, count: 0) {
        case .boolean: .boolean(bits())
        case .int32: .int32(fixed())
        case .int64: .int64(fixed())
        case .float32: .float32(fixed())
        case .float64: .float64(fixed())
        case .int128: .int128(fixed())
        case .intervals: .intervals(fixed())
        case .nulls: .nulls(count: count)
        case .strings, .list, .structure: gathered()
        }
    }

    private func bits() -> Bitmap {
        var result = Bitmap(repeating: false, count: count)
        for (rows, vector) in parts { result = result | (vector.truth(count).yes & rows) }
        return result
    }

    private func fixed<T: ColumnElement>() -> [T] {
        var result = [T](repeating: .zero, count: count)
        for (rows, vector) in parts {
            switch Operand<T>(vector, count: count) {
            case .constant(let value): rows.forEachOne { result[$0] = value }
            case .column(let values): rows.forEachOne { result[$0] = values[$0] }
            }
        }
        return result
    }

    /// Everything else: all parts one after the other, and the wanted row of each.
    private func gathered() -> Column.Values {
        var index = [UInt32](repeating: 0, count: count)
        // Row 0 is a null, for rows that nobody gives.
        var sources: [Column] = [.nulls(type, count: 1)]
        var offset = 1
        for (rows, vector) in parts {
            let isConstant = vector.isConstant
            rows.forEachOne {
                index[$0] = UInt32(truncatingIfNeeded: offset + (isConstant ? 0 : $0))
            }
            sources.append(vector.column)
            offset += vector.column.count
        }
        return Column.concatenated(sources, type: type).values.gather(index)
    }
}

import PipelineDSL
import Planner

/// One row for each element of a list, with the element (and its number) behind the row's columns.
struct UnnestOperator: RowOperator {
    private let list: CompiledExpression
    private let schema: Schema
    private let element: DataType
    private let hasOrdinality: Bool
    private let keepsEmpty: Bool

    init(_ unnest: Unnest, input: Schema, run: RunConstants) throws {
        guard case .array(let element) = unnest.list.type else {
            throw RunError(
                .noKernel, "the plan unnests \(unnest.list.type), which is no array",
                at: unnest.list.span)
        }
        list = try CompiledExpression(unnest.list, input: input, run: run)
        schema = input
        self.element = element
        hasOrdinality = unnest.ordinality != nil
        keepsEmpty = unnest.keepEmpty
    }

    /// Rows of the output: whose row each is, and which element of all lists; none for an empty one.
    private struct Pairs {
        var rows: [UInt32] = []
        var elements: [UInt32] = []
        var numbers: [Int64] = []
    }

    func process(
        _ batch: Batch, _ context: borrowing OperatorContext, into output: inout RowOutput
    ) throws {
        let evaluation = list.evaluate(batch)
        let sound = Rejection.errors(evaluation.errors, in: batch, schema: schema, into: &output)
        guard case .list(let offsets, let child) = evaluation.column.values else { return }
        var pairs = Pairs()
        var (surviving, emitted) = (0, 0)
        func flush() {
            guard !pairs.rows.isEmpty else { return }
            emitted += pairs.rows.count
            output.batches.append(rows(sound, pairs, child.column))
            pairs = Pairs()
        }
        for row in sound.rows {
            let isNull = evaluation.column.isNull(Int(row))
            let elements = isNull ? 0..<0 : Int(offsets[Int(row)])..<Int(offsets[Int(row) + 1])
            if !elements.isEmpty || keepsEmpty { surviving += 1 }
            if elements.isEmpty, keepsEmpty {
                pairs.rows.append(row)
                pairs.elements.append(GroupTable.none)
                pairs.numbers.append(0)
            }
            for (number, element) in elements.enumerated() {
                pairs.rows.append(row)
                pairs.elements.append(UInt32(truncatingIfNeeded: element))
                pairs.numbers.append(Int64(number + 1))
                if pairs.rows.count >= context.batchRows { flush() }
            }
        }
        flush()
        // A row without an element is filtered; elements past the first of a row are produced.
        context.metrics.filtered.add(sound.count - surviving)
        context.metrics.produced.add(emitted - surviving)
    }

    private func rows(_ batch: Batch, _ pairs: Pairs, _ elements: Column) -> Batch {
        let repeated = batch.gathered(pairs.rows)
        var columns = repeated.columns
        columns.append(elements.gatherOptional(pairs.elements).withType(element))
        if hasOrdinality {
            let present = Bitmap(count: pairs.elements.count) {
                pairs.elements[$0] != GroupTable.none
            }
            columns.append(
                Column(
                    .bigint, .int64(pairs.numbers), validity: present.allOnes ? nil : present))
        }
        return repeated.replacing(columns: columns)
    }
}

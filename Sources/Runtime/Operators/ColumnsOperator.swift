/// Passes some columns on, in the order given: what a node reads of another's relation.
struct ColumnsOperator: RowOperator {
    let columns: [Int]

    func process(
        _ batch: Batch, _ context: borrowing OperatorContext, into output: inout RowOutput
    ) throws {
        output.batches.append(batch.project(columns))
    }
}

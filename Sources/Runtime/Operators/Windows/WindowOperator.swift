import PipelineDSL
import Planner

/// Appends one column for each window function; rows leave in the order they came.
///
/// Arguments and keys are computed in parallel (`prepare`). Functions of one partitioning and order
/// are a stage; the rows go through the stages one after the other, sorted anew by each with what
/// does not fit the memory bound on disk, and are put back into their own order at the end. A stage
/// holds the rows of one partition at a time.
final class WindowOperator: SerialOperator, @unchecked Sendable {
    private let input: Schema
    /// What the functions read beside columns of the input.
    private let computed: [CompiledExpression]
    /// Rows with a value of these that cannot be computed count as such only where the filter,
    /// which has the other position, lets the row in.
    private let filters: [Int?]
    private let resultOrder: [Int]
    private var stages: [WindowStage] = []
    private let restore: ExternalSorter?
    private var current = 0
    private var rowCount: Int64 = 0
    private var ready: [Batch] = []

    private struct Prepared: Sendable {
        var batch: Batch
        var rejected: [RejectedRow]
    }

    init(
        _ window: Window, input: Schema, run: RunConstants, memory: MemoryBudget,
        directory: String, span: SourceSpan?
    ) throws {
        self.input = input
        var slots = ExpressionSlots(input)
        for call in window.calls { slots.add(call) }
        computed = try slots.expressions.map { try CompiledExpression($0, input: input, run: run) }
        filters = slots.filters
        var types = input.fields.map(\.type) + slots.expressions.map(\.type) + [.bigint]
        let number = types.count - 1
        var keys: [WindowStage.Key] = []
        for call in window.calls {
            let key = WindowStage.Key(partition: call.partitionBy, order: call.orderBy)
            if !keys.contains(key) { keys.append(key) }
        }
        // Without an order of their own they need not be sorted, if they are first.
        keys = keys.filter(\.isEmpty) + keys.filter { !$0.isEmpty }
        var resultOrder = [Int](repeating: 0, count: window.calls.count)
        for key in keys {
            var calls: [(WindowCall, Window.Frame)] = []
            let firstType = types.count
            for (index, call) in window.calls.enumerated()
            where call.partitionBy == key.partition && call.orderBy == key.order {
                resultOrder[index] = firstType + calls.count
                calls.append(
                    (
                        try WindowCall(
                            call, arguments: call.arguments.map { slots.position($0) },
                            filter: call.filter.map { slots.position($0) }, input: input, run: run,
                            span: span), call.frame
                    ))
            }
            stages.append(
                try WindowStage(
                    calls, partition: key.partition.map { slots.position($0) },
                    order: key.order.map { slots.position($0.expression) }, directions: key.order,
                    types: types, number: number, span: span, memory: memory,
                    directory: directory))
            types += calls.map(\.0.type)
        }
        self.resultOrder = resultOrder
        restore =
            stages.allSatisfy(\.keepsOrder)
            ? nil
            : ExternalSorter(
                types: types, keys: [.init(descending: false, nullsFirst: false)],
                positions: [number], memory: memory, directory: directory)
        for (index, stage) in stages.enumerated() {
            stage.receiver = index + 1 < stages.count ? stages[index + 1].sorter : restore
        }
    }

    // MARK: - Input

    func prepare(_ payload: Payload, port: Int) throws -> Payload {
        guard case .rows(let rows, _) = payload else { return payload }
        let batch = rows.compacted()
        var columns = batch.columns
        var errors: RowErrors?
        var found: [RowErrors?] = []
        for expression in computed {
            let evaluation = expression.evaluate(batch)
            columns.append(evaluation.column)
            found.append(evaluation.errors)
        }
        for (index, own) in found.enumerated() {
            var counted = own
            if let filter = filters[index] {
                let passed = Vector(columns[filter]).truth(batch.count).yes
                counted = own?.restricted(to: passed)
            }
            errors = .merged(errors, counted)
        }
        var rejects = RowOutput()
        let sound = Rejection.errors(errors, in: batch, schema: input, into: &rejects)
        let prepared = Prepared(
            batch: sound.replacing(columns: columns).compacted(), rejected: rejects.rejected)
        return .prepared(prepared, rowCount: payload.rowCount)
    }

    func process(
        _ payload: Payload, port: Int, _ context: borrowing OperatorContext,
        emit: (Payload) throws -> Void
    ) throws {
        guard case .prepared(let content, _) = payload, let prepared = content as? Prepared else {
            return
        }
        try context.reject(prepared.rejected)
        let batch = prepared.batch
        let first = rowCount
        rowCount += Int64(batch.count)
        let numbers = Column(.bigint, .int64(Array(first..<rowCount)))
        try stages[0].add(Batch(columns: batch.columns + [numbers], count: batch.count))
    }

    // MARK: - Output

    func drain(_ context: borrowing OperatorContext) throws -> Payload? {
        while true {
            if let batch = ready.popLast() { return .rows(batch, hashes: nil) }
            guard current < stages.count else {
                return try restore?.next(context.batchRows).map { .rows(output($0), hashes: nil) }
            }
            guard let (batch, errors) = try stages[current].next() else {
                current += 1
                continue
            }
            var rejects = RowOutput()
            let sound = Rejection.errors(errors, in: batch, schema: input, into: &rejects)
            try context.reject(rejects.rejected)
            if current + 1 < stages.count {
                try stages[current + 1].add(sound.compacted())
            } else if let restore {
                _ = try restore.add(sound)
            } else {
                ready = pieces(sound.compacted(), of: context.batchRows).reversed()
            }
        }
    }

    private func output(_ batch: Batch) -> Batch {
        batch.project(Array(input.fields.indices) + resultOrder)
    }

    private func pieces(_ batch: Batch, of size: Int) -> [Batch] {
        let all = output(batch)
        let rows = all.rows
        return stride(from: 0, to: rows.count, by: max(1, size)).map { start in
            all.gathered(Array(rows[start..<min(rows.count, start + max(1, size))]))
        }
    }
}

extension WindowStage.Key {
    var isEmpty: Bool { partition.isEmpty && order.isEmpty }
}

/// Where each expression that functions read stands in the rows: columns of the input where they are,
/// others once each behind them.
private struct ExpressionSlots {
    private let width: Int
    private(set) var expressions: [TypedExpression] = []
    /// The position of the filter under which an expression is read, where it is only read so.
    private(set) var filters: [Int?] = []

    init(_ input: Schema) { width = input.fields.count }

    mutating func add(_ call: Window.Call) {
        for key in call.partitionBy + call.orderBy.map(\.expression) { add(key, filter: nil) }
        if let filter = call.filter { add(filter, filter: nil) }
        let filter = call.filter.map { position($0) }
        for argument in call.arguments { add(argument, filter: filter) }
    }

    private mutating func add(_ expression: TypedExpression, filter: Int?) {
        guard expression.columnIndex == nil else { return }
        if let known = expressions.firstIndex(of: expression) {
            if filters[known] != filter { filters[known] = nil }
            return
        }
        expressions.append(expression)
        filters.append(filter)
    }

    /// Of an expression that was added, or is a column.
    func position(_ expression: TypedExpression) -> Int {
        expression.columnIndex ?? width + (expressions.firstIndex(of: expression) ?? 0)
    }
}

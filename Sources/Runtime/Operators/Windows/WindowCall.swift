import PipelineDSL
import Planner

/// A window function ready to run over chunks. Its arguments are columns of the chunk: they were
/// computed when the row came in.
struct WindowCall: Sendable {
    let function: String
    let type: DataType
    /// Positions in the chunk.
    let arguments: [Int]
    let filter: Int?
    let ignoresNulls: Bool
    let isOrdered: Bool
    let span: SourceSpan?
    /// For aggregates.
    let aggregate: CompiledAggregate?

    private static let pure: Set = [
        "row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead",
        "first_value", "last_value", "nth_value", SessionStart.name,
    ]

    init(
        _ call: Window.Call, arguments: [Int], filter: Int?, input: Schema, run: RunConstants,
        span: SourceSpan?
    ) throws {
        function = call.function
        type = call.type
        self.arguments = arguments
        self.filter = filter
        ignoresNulls = call.ignoreNulls
        isOrdered = !call.orderBy.isEmpty
        self.span = span
        guard !WindowCall.pure.contains(call.function) else {
            aggregate = nil
            guard
                call.function == SessionStart.name
                    || CallCheck.isSound(
                        call.function, call.arguments, to: call.type, kind: .window)
            else { throw WindowCall.unsound(call, span) }
            return
        }
        aggregate = try CompiledAggregate(
            Aggregate.Call(
                name: call.name, function: call.function, arguments: call.arguments,
                filter: call.filter, type: call.type, nullable: call.isNullable, span: span),
            input: input, run: run)
    }

    private static func unsound(_ call: Window.Call, _ span: SourceSpan?) -> RunError {
        let types = call.arguments.map { $0.type.description }.joined(separator: ", ")
        return RunError(
            .noKernel,
            "the plan has \(call.function)(\(types)) → \(call.type), which cannot be evaluated",
            at: span)
    }

    /// One value for every row of the chunk.
    func evaluate(_ chunk: WindowChunk, _ frames: () -> WindowFrames) throws -> Evaluation {
        switch function {
        case "row_number", "rank", "dense_rank", "percent_rank", "cume_dist":
            return Evaluation(column: RankFunctions.evaluate(function, chunk))
        case "ntile": return RankFunctions.ntile(chunk, column(0, chunk), span)
        case "lag", "lead": return Evaluation(column: ShiftFunctions(self, chunk).evaluate())
        case "first_value", "last_value", "nth_value":
            return FrameValues(self, chunk, frames()).evaluate()
        case SessionStart.name:
            return Evaluation(column: SessionStart.evaluate(chunk, self))
        default: return try FrameAggregate(self, chunk).evaluate(frames())
        }
    }

    func column(_ argument: Int, _ chunk: WindowChunk) -> Column {
        chunk.batch.columns[arguments[argument]]
    }

    /// Errors of one kind.
    func errors(_ rows: [UInt32], _ code: DiagnosticCode, _ message: String) -> RowErrors? {
        guard !rows.isEmpty else { return nil }
        return RowErrors(
            rows: rows, reason: RowErrors.Reason(code: code, span: span) { _, _ in message })
    }
}

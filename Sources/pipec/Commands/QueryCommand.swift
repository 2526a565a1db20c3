import ArgumentParser
import PipelineDSL
import Planner
import Runtime

enum QueryFormat: String, ExpressibleByArgument, CaseIterable { case table, jsonl }

struct QueryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query", abstract: "Asks the pipeline's tables, sources and relations in SQL.",
        discussion: """
            Tables are read as the last run left them; sources and relations without a zone are \
            computed. Nothing is written.

              pipec query 'SELECT day, sum(pings) FROM gold.daily_activity GROUP BY day'
            """)

    @Argument(help: "A SELECT.")
    var sql: String

    @Option(help: "table, or jsonl: a JSON object a row.")
    var format = QueryFormat.table

    @Option(help: "How many rows at most; 0 is all.")
    var limit = 1000

    func validate() throws {
        var settings = RunSettings(now: 0)
        try memory.limit(&settings)
        if limit < 0 { throw ValidationError("--limit takes a number from 0, not \(limit)") }
    }

    @OptionGroup var memory: MemoryOption
    @OptionGroup var options: GlobalOptions

    /// Not a name a node can have, so it hides none.
    private static let node = "query result"

    func run() throws {
        var workspace = try Workspace(options.file, options)
        workspace.schemas = .inferred
        let plan = try workspace.plan(query: sql, as: Self.node)
        let schema = plan[Self.node]?.schema ?? Schema()
        var settings = RunSettings(now: RunClock.now())
        try memory.limit(&settings)
        let run = QueryRun(plan: plan, project: workspace.project, settings: settings)
        let printer = ResultPrinter(schema, format)
        // One row more than wanted tells whether there are more.
        let asked = limit > 0 ? limit + 1 : nil
        try workspace.reporting {
            try run.rows(of: Self.node, limit: asked) { printer.add($0) }
        }
        printer.finish(limit: limit > 0 ? limit : nil, quiet: options.quiet)
    }
}

/// Prints rows as a table (at the end, when the widths are known) or as JSON Lines (at once).
private final class ResultPrinter {
    private let schema: Schema
    private let format: QueryFormat
    private var rows: [[String]]
    private var count = 0

    init(_ schema: Schema, _ format: QueryFormat) {
        self.schema = schema
        self.format = format
        rows = [schema.names]
    }

    func add(_ batch: Batch) {
        for row in batch.rows {
            count += 1
            rows.append(
                format == .table
                    ? batch.columns.map { $0.text(Int(row)) }
                    : [RowText.line(batch, row: Int(row), schema: schema)])
        }
    }

    func finish(limit: Int?, quiet: Bool) {
        let shown = limit.map { min($0, count) } ?? count
        let kept = Array(rows.prefix(shown + 1))
        switch format {
        case .jsonl: Output.write(kept.dropFirst().map { $0[0] + "\n" }.joined())
        case .table:
            let numbers = schema.fields.indices.filter { schema.fields[$0].type.isNumeric }
            Output.write(TextTable.render(kept, rightAligned: Set(numbers)))
        }
        guard !quiet, format == .table else { return }
        let more = shown < count ? "; there are more, --limit 0 shows all" : ""
        Output.write("\n\(grouped(shown)) row\(shown == 1 ? "" : "s")\(more)\n")
    }
}

import ArgumentParser
import PipelineDSL
import Planner
import Runtime

enum QueryFormat: String, ExpressibleByArgument, CaseIterable {
    case table, csv, json, jsonl

    /// `nil` for the table, which is for people.
    var text: ResultText.Format? {
        switch self {
        case .table: nil
        case .csv: .csv
        case .json: .json
        case .jsonl: .jsonl
        }
    }
}

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

    @Option(help: "How rows are written.")
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
        try workspace.reporting {
            if let format = format.text {
                try write(run, ResultText(format, schema: schema))
            } else {
                try print(run, schema)
            }
        }
    }

    /// Rows go out as they come.
    private func write(_ run: QueryRun, _ text: ResultText) throws {
        var text = text
        var isStarted = false
        func start() {
            if !isStarted { Output.write(bytes: text.header) }
            isStarted = true
        }
        try run.rows(of: Self.node, limit: limit > 0 ? limit : nil) { batch in
            start()
            Output.write(bytes: text.text(batch))
        }
        // Also where there are no rows; not where they could not be computed.
        start()
        Output.write(bytes: text.footer)
    }

    /// The widths of a table are known at its end.
    private func print(_ run: QueryRun, _ schema: Schema) throws {
        var rows = [schema.names]
        // One row more than wanted tells whether there are more.
        let asked = limit > 0 ? limit + 1 : nil
        try run.rows(of: Self.node, limit: asked) { batch in
            for row in batch.rows { rows.append(batch.columns.map { $0.text(Int(row)) }) }
        }
        let count = limit > 0 ? min(limit, rows.count - 1) : rows.count - 1
        let numbers = schema.fields.indices.filter { schema.fields[$0].type.isNumeric }
        Output.write(
            TextTable.render(Array(rows.prefix(count + 1)), rightAligned: Set(numbers)))
        guard !options.quiet else { return }
        let more = count < rows.count - 1 ? "; there are more, --limit 0 shows all" : ""
        Output.write("\n\(grouped(count)) row\(count == 1 ? "" : "s")\(more)\n")
    }
}

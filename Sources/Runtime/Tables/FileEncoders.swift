import PipelineDSL
import Planner

/// The encoder of each format a table or file sink can have.
enum FileEncoders {
    static func make(
        _ format: FormatPlan, schema: Schema, node: String
    ) throws -> any FileEncoder {
        switch format.name {
        case "jsonl": return JSONLinesEncoder(schema: schema)
        case "csv":
            var bag = DiagnosticBag()
            let settings = Settings(format.settings, signatures: CSVOptions.signatures)
            let options = CSVOptions(settings, &bag)
            if let first = bag.all.first { throw RunError(first) }
            return CSVEncoder(schema: schema, options: options)
        case let name:
            throw RunError(
                .cannotRun, "`\(node)` cannot be written as `\(name)` yet",
                notes: ["`format: parquet` can"])
        }
    }
}

import PipelineDSL
import Planner

/// The encoder of each format a table or file sink can have.
enum FileEncoders {
    static func make(
        _ format: FormatPlan, schema: Schema, node: String
    ) throws -> any FileEncoder {
        switch format.name {
        case "jsonl": return JSONLinesEncoder(schema: schema)
        case let name:
            throw RunError(
                .cannotRun, "`\(node)` cannot be written as `\(name)` yet",
                notes: ["`format: parquet` can"])
        }
    }
}

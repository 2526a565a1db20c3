import PipelineDSL
import Planner

/// The encoder of each format a table or file sink can have.
enum FileEncoders {
    static func make(
        _ format: FormatPlan, schema: Schema, node: String
    ) throws -> any FileEncoder {
        switch format.name {
        case "parquet":
            return ParquetFileEncoder(try ParquetEncoder(schema, try parquetOptions(format)))
        case "jsonl": return JSONLinesEncoder(schema: schema)
        case let name:
            throw RunError(
                .cannotRun, "`\(node)` cannot be written as `\(name)` yet",
                notes: ["`format: parquet` can"])
        }
    }

    private static func parquetOptions(_ format: FormatPlan) throws -> ParquetWriteOptions {
        var options = ParquetWriteOptions()
        if case .string(let name) = format.settings["compression"] {
            guard let codec = ParquetCodec.named(name) else {
                throw RunError(
                    .cannotRun, "this build of pipec cannot compress with `\(name)`",
                    notes: ["build it with the trait for it, or use `gzip`"])
            }
            options.codec = codec
        }
        if case .integer(let rows) = format.settings["row_group_rows"] {
            options.rowGroupRows = Int(clamping: rows)
        }
        return options
    }
}

import PipelineDSL
import Planner

/// The encoder of each format a table or file sink can have.
enum FileEncoders {
    /// - Parameter path: the one file that is written, whose name announces the compression where
    ///   the format does not say; `nil` where files are named by the encoder.
    static func make(
        _ format: FormatPlan, schema: Schema, node: String, path: String? = nil
    ) throws -> any FileEncoder {
        switch format.name {
        case "parquet":
            return ParquetFileEncoder(try ParquetEncoder(schema, try parquetOptions(format)))
        case "jsonl", "json":
            let options = try JSONOptions(format)
            let rows = JSONRowsEncoder(
                schema: schema, framing: format.name == "json" ? .array : .lines, options: options)
            return TextFileEncoder(rows, compression: try compression(format, path))
        case "csv":
            let options = try CSVOptions(format)
            guard options.syntax.quote != nil else { throw quoteMissing(node) }
            return TextFileEncoder(
                CSVEncoder(schema: schema, options: options),
                compression: try compression(format, path))
        case let name:
            throw RunError(
                .cannotRun, "`\(node)` cannot be written as `\(name)` yet",
                notes: ["`format: parquet` can"])
        }
    }

    private static func compression(_ format: FormatPlan, _ path: String?) throws -> Compression {
        let compression = try format.compression ?? path.map { try .named(by: $0) } ?? .none
        if compression.isWritable { return compression }
        throw RunError(
            .unknownCompression,
            "this build of pipec cannot compress with `\(compression.rawValue)`",
            notes: ["build it with the package trait `Zstd`, or use `gzip`"])
    }

    private static func quoteMissing(_ node: String) -> RunError {
        RunError(
            .badFormatSetting, "`\(node)` cannot be written with `quote: none`",
            notes: ["a text that holds the delimiter or a line end could not be told apart"])
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

extension FormatPlan {
    /// What the format says about compression; `nil` where the files' names do.
    var compression: Compression? {
        guard case .string(let name) = settings["compression"] else { return nil }
        return Compression(rawValue: name)
    }
}

extension CSVOptions {
    init(_ format: FormatPlan) throws {
        var bag = DiagnosticBag()
        self.init(Settings(format.settings, signatures: CSVOptions.signatures), &bag)
        if let first = bag.all.first { throw RunError(first) }
    }
}

extension JSONOptions {
    init(_ format: FormatPlan) throws {
        var bag = DiagnosticBag()
        self.init(Settings(format.settings, signatures: JSONOptions.signatures), &bag)
        if let first = bag.all.first { throw RunError(first) }
    }
}

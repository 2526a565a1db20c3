import PipelineDSL
import Planner

struct CSVFormat: FormatSignature {
    let name = "csv"
    let documentation = "Comma-separated values (RFC 4180), gzip or Zstandard by the file's name."
    let settings = CSVOptions.signatures + [Compression.signature]
    let roles: Set<ConnectorRole> = [.source, .sink, .zone]
}

struct JSONFormat: FormatSignature {
    let name = "json"
    let documentation = "A JSON document: an array of objects, or one object."
    let settings = JSONOptions.signatures + [Compression.signature]
    let roles: Set<ConnectorRole> = [.source, .sink]
}

struct JSONLinesFormat: FormatSignature {
    let name = "jsonl"
    let documentation = "JSON Lines: one JSON object a line."
    let settings = JSONOptions.signatures + [Compression.signature]
    let roles: Set<ConnectorRole> = [.source, .sink, .zone]
}

struct ParquetFormat: FormatSignature {
    let name = "parquet"
    let documentation = "Apache Parquet."
    let settings = [
        SettingSignature(
            "compression", .choice(["snappy", "zstd", "gzip", "none"]), default: "snappy",
            "How pages are compressed when written."),
        SettingSignature(
            "row_group_rows", .integer(1...10_000_000), default: "122880",
            "Rows of one row group at most."),
    ]
    let roles: Set<ConnectorRole> = [.source, .sink, .zone]
}

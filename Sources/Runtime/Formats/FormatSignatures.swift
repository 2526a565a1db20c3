import PipelineDSL
import Planner

struct CSVFormat: FormatSignature {
    let name = "csv"
    let documentation = """
        Comma-separated values (RFC 4180). An empty unquoted field is null, `""` is the empty string,
        read and written.

        ```yaml
        format: { csv: { delimiter: ";", decimal: ",", timestamp_format: "%d.%m.%Y %H:%M" } }
        ```
        """
    let settings = CSVOptions.signatures + [Compression.signature]
    let roles: Set<ConnectorRole> = [.source, .sink, .zone]
}

struct JSONFormat: FormatSignature {
    let name = "json"
    let documentation = """
        A JSON document: an array of objects, one object, or several one after another. Written as an
        array with one row a line.

        ```yaml
        format: { json: { timestamp_format: "%s" } }
        ```
        """
    let settings = JSONOptions.signatures + [Compression.signature]
    let roles: Set<ConnectorRole> = [.source, .sink]
}

struct JSONLinesFormat: FormatSignature {
    let name = "jsonl"
    let documentation = """
        JSON Lines: one JSON object a line. A line that is not one is rejected, the others are read.

        ```yaml
        format: { jsonl: { compression: zstd } }
        ```
        """
    let settings = JSONOptions.signatures + [Compression.signature]
    let roles: Set<ConnectorRole> = [.source, .sink, .zone]
}

struct ParquetFormat: FormatSignature {
    let name = "parquet"
    let documentation = """
        Apache Parquet. Columns are found by name, without regard to case where no name is equal.

        ```yaml
        format: { parquet: { compression: zstd, row_group_rows: 250000 } }
        ```
        """
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

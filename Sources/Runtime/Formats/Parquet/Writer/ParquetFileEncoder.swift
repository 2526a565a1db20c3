/// Parquet as a format of tables and file sinks.
package struct ParquetFileEncoder: FileEncoder {
    private let encoder: ParquetEncoder

    package init(_ encoder: ParquetEncoder) { self.encoder = encoder }

    package var fileExtension: String { ".parquet" }
    package var groupRows: Int { encoder.options.rowGroupRows }

    package func encode(_ batches: [Batch]) throws -> any Sendable {
        try encoder.encodeRowGroup(batches)
    }

    package func makeFile(_ path: String) throws -> any EncodedFile {
        try ParquetEncodedFile(encoder, path)
    }
}

/// A Parquet file on disk that row groups are appended to.
package final class ParquetEncodedFile: EncodedFile {
    private let writer: ParquetWriter
    private let file: FileWriter
    /// After `finish`: what the file holds.
    package private(set) var summary: ParquetFileSummary?

    package init(_ encoder: ParquetEncoder, _ path: String) throws {
        file = try FileWriter(path)
        writer = ParquetWriter(encoder, to: file)
    }

    package func append(_ piece: any Sendable) throws {
        guard let group = piece as? EncodedRowGroup else { return }
        try writer.append(group)
    }

    package func finish() throws -> Int {
        let summary = try writer.finish()
        try file.close(sync: true)
        self.summary = summary
        return Int(clamping: summary.byteCount)
    }
}

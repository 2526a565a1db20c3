import PipelineDSL

/// Rows as JSON Lines: one object a line, columns in the order of the schema.
struct JSONLinesEncoder: FileEncoder {
    let fileExtension = ".jsonl"
    let groupRows = 65_536
    private let keys: [[UInt8]]

    init(schema: Schema) { keys = schema.names.map(JSONWriter.key) }

    func encode(_ batches: [Batch]) throws -> any Sendable {
        var text: [UInt8] = []
        for batch in batches {
            for row in batch.rows {
                JSONWriter.appendObject(keys, batch.columns, Int(row), to: &text)
                text.append(UInt8(ascii: "\n"))
            }
        }
        return text
    }

    func makeFile(_ path: String) throws -> any EncodedFile { try TextFile(path) }
}

/// A file of pieces that are bytes already.
final class TextFile: EncodedFile {
    private let writer: FileWriter

    init(_ path: String, header: [UInt8] = []) throws {
        writer = try FileWriter(path)
        try header.withUnsafeBytes { try writer.write($0) }
    }

    func append(_ piece: any Sendable) throws {
        guard let bytes = piece as? [UInt8] else { return }
        try bytes.withUnsafeBytes { try writer.write($0) }
    }

    func finish() throws -> Int {
        try writer.close(sync: true)
        return writer.byteCount
    }
}

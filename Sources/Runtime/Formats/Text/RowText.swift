import PipelineDSL

/// A row as one JSON object, for dead letters of rows that have no bytes of their own.
enum RowText {
    static func json(_ batch: Batch, row: Int, schema: Schema) -> [UInt8] {
        var text: [UInt8] = []
        JSONWriter.appendObject(
            schema.names.map(JSONWriter.key), batch.columns, row, to: &text)
        return text
    }
}

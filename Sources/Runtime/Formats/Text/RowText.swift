import PipelineDSL

/// A row as one JSON object, as dead letters without bytes of their own and query results show it.
package enum RowText {
    package static func line(_ batch: Batch, row: Int, schema: Schema) -> String {
        String(decoding: json(batch, row: row, schema: schema), as: UTF8.self)
    }

    static func json(_ batch: Batch, row: Int, schema: Schema) -> [UInt8] {
        var text: [UInt8] = []
        JSONWriter.appendObject(
            schema.names.map(JSONWriter.key), batch.columns, row, to: &text)
        return text
    }
}

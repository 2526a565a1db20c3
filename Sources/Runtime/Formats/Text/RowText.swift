import PipelineDSL

/// A row as one JSON object, as dead letters without bytes of their own and query results show it.
package enum RowText {
    package static func line(_ batch: Batch, row: Int, schema: Schema) -> String {
        String(decoding: json(batch, row: row, schema: schema), as: UTF8.self)
    }

    /// As a dead letter shows it: personal data by its class only.
    static func redacted(_ batch: Batch, row: Int, schema: Schema) -> [UInt8] {
        guard schema.fields.contains(where: { $0.pii != nil }) else {
            return json(batch, row: row, schema: schema)
        }
        let columns = zip(schema.fields, batch.columns).map { field, column -> Column in
            guard let piiClass = field.pii, !column.isNull(row) else {
                return column.slice(row..<row + 1)
            }
            let mark = String(decoding: RawRedaction.mark(piiClass), as: UTF8.self)
            return Column(.string, .strings(Strings([mark])))
        }
        return json(Batch(columns: columns, count: 1), row: 0, schema: schema)
    }

    static func json(_ batch: Batch, row: Int, schema: Schema) -> [UInt8] {
        var text: [UInt8] = []
        JSONWriter.appendObject(
            schema.names.map(JSONWriter.key), batch.columns, row, to: &text)
        return text
    }
}

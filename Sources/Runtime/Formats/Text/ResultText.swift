import PipelineDSL

/// Rows of a query as text in one of the formats that files have, a batch at a time.
package struct ResultText {
    package enum Format: Sendable { case csv, json, jsonl }

    private let rows: any TextRows
    private var isFirst = true

    package init(_ format: Format, schema: Schema) {
        rows =
            switch format {
            case .csv: CSVEncoder(schema: schema)
            case .json: JSONRowsEncoder(schema: schema, framing: .array)
            case .jsonl: JSONRowsEncoder(schema: schema, framing: .lines)
            }
    }

    package var header: [UInt8] { rows.header }

    package mutating func text(_ batch: Batch) -> [UInt8] {
        guard batch.count > 0 else { return [] }
        let separator = isFirst ? [] : rows.separator
        isFirst = false
        return separator + rows.text([batch])
    }

    package var footer: [UInt8] { rows.footer }
}

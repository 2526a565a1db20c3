import PipelineDSL

extension TableFeed {
    /// What an item is made of, for a node whose columns say it.
    struct Items {
        var schema: Schema
        var layout: KeyValueSink.Layout
    }

    /// Puts one item a line, a JSON object with the node's columns: all of them, or none.
    func put(_ bytes: [UInt8], name: String, now: Int64) throws -> String {
        guard let items else {
            throw RunError(
                .cannotRun, "`\(node)` has no column for its key, so nothing can be put there")
        }
        let batches = try decoded(bytes, name: name, items.schema)
        let sink = try KeyValueSink(
            table: try open(), token: KeyValueTable.feedToken(node, now: now), now: now,
            schema: items.schema, items.layout, isFed: true)
        do {
            for batch in batches {
                for refusal in try sink.write(batch) { throw refused(refusal, batch) }
            }
            try sink.prepare()
        } catch {
            try sink.abort()
            throw error
        }
        try sink.commit()
        let count = batches.reduce(0) { $0 + $1.count }
        return "\(node): \(grouped(count)) item\(count == 1 ? "" : "s")"
    }

    private func decoded(_ bytes: [UInt8], name: String, _ schema: Schema) throws -> [Batch] {
        let reader = JSONLinesReader(
            input: MemoryInput(bytes, name: name), object: name, source: node,
            options: JSONOptions(), fields: schema.fields, refusesUnknown: false)
        var batches: [Batch] = []
        while let unit = try reader.next() {
            try unit.decode(batchRows: 16_384) { decoded in
                if let row = decoded.rejected.first {
                    let place = row.line.map { "\(row.object):\($0)" } ?? row.object
                    throw RunError(.embeddedLimit, "\(place): \(row.message)")
                }
                batches.append(decoded.batch.compacted())
            }
        }
        return batches
    }

    private func refused(_ refusal: SinkRefusal, _ batch: Batch) -> RunError {
        let place = batch.origin.flatMap { origin in
            origin.source.line(origin.row(refusal.row)).map { "\(origin.source.object):\($0): " }
        }
        return RunError(.embeddedLimit, (place ?? "") + refusal.message)
    }
}

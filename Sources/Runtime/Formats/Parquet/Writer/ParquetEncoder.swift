import PipelineDSL

/// Encodes batches into row groups. Pure and `Sendable`: row groups are encoded on any thread, and
/// one ``ParquetWriter`` appends them in order.
package struct ParquetEncoder: Sendable {
    package let schema: Schema
    package let options: ParquetWriteOptions
    let layout: WriteSchema

    /// Throws ``RunError`` for a type that Parquet cannot store.
    package init(_ schema: Schema, _ options: ParquetWriteOptions = ParquetWriteOptions()) throws {
        self.schema = schema
        self.options = options
        layout = try WriteSchema(schema, fieldIDs: options.fieldIDs)
    }

    /// All rows of `batches`, selections honoured, as one row group. Columns stand in the order of
    /// the schema.
    package func encodeRowGroup(_ batches: [Batch]) throws -> EncodedRowGroup {
        let rows = batches.reduce(0) { $0 + $1.count }
        var shredding = Shredding(layout, rows: rows)
        for batch in batches { try shredding.append(batch) }
        var chunks: [EncodedChunk] = []
        chunks.reserveCapacity(layout.leaves.count)
        for (leaf, entries) in zip(layout.leaves, shredding.takeLeaves()) {
            var encoder = ChunkEncoder(leaf, entries, options)
            chunks.append(try encoder.encode())
        }
        return EncodedRowGroup(rowCount: rows, chunks: chunks)
    }
}

/// A row group that only has to be appended to a file.
package struct EncodedRowGroup: Sendable {
    package let rowCount: Int
    let chunks: [EncodedChunk]

    package var byteCount: Int { chunks.reduce(0) { $0 + $1.bytes.count } }
}

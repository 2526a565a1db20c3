import Foundation
import PipelineDSL
import Runtime
import TestSupport
import Testing

/// Reads a Parquet file with our reader and writes it with our writer; returns the rejected rows.
@discardableResult
func copyParquet(
    _ from: String, to: String, batchRows: Int = 999,
    _ options: ParquetWriteOptions = ParquetWriteOptions()
) throws -> [RejectedRow] {
    let reader = try ParquetReader(try ParquetFile(path: from))
    let file = try FileWriter(to)
    let writer = ParquetWriter(try ParquetEncoder(reader.schema, options), to: file)
    var rejected: [RejectedRow] = []
    while let unit = try reader.next() {
        try unit.decode(batchRows: batchRows) { source in
            rejected += source.rejected
            try writer.append(source.batch)
        }
    }
    _ = try writer.finish()
    try file.close(sync: false)
    return rejected
}

import PipelineDSL

/// Takes the bytes of a file in order.
package protocol ParquetSink: AnyObject {
    func write(_ bytes: UnsafeRawBufferPointer) throws
}

/// A file in memory.
package final class MemorySink: ParquetSink {
    package private(set) var bytes: [UInt8] = []
    package init() {}
    package func write(_ bytes: UnsafeRawBufferPointer) { self.bytes.append(contentsOf: bytes) }
}

extension FileWriter: ParquetSink {}

/// Writes one file: row groups in order, then the page index and the footer.
///
/// ```swift
/// let writer = ParquetWriter(try ParquetEncoder(schema), to: sink)
/// try writer.append(batch)
/// let summary = try writer.finish()
/// ```
package final class ParquetWriter {
    private let encoder: ParquetEncoder
    private let sink: any ParquetSink
    private var position: Int64 = 0
    private var pending: [Batch] = []
    private var pendingRows = 0
    private var footer = FileMetaData()
    /// Of each row group, what the page index is made of.
    private var indexes: [[(pages: [PageLocation], columns: ColumnIndex?)]] = []
    private var summary: ParquetFileSummary

    package init(_ encoder: ParquetEncoder, to sink: any ParquetSink) {
        self.encoder = encoder
        self.sink = sink
        summary = ParquetFileSummary(leaves: encoder.layout.leaves)
    }

    /// Keeps the rows until they fill a row group. Encodes on the calling thread; to use several,
    /// encode with the ``ParquetEncoder`` and append the results.
    package func append(_ batch: Batch) throws {
        let size = encoder.options.rowGroupRows
        var rest = batch
        while pendingRows + rest.count >= size {
            let room = size - pendingRows
            let rows = rest.rows
            pending.append(rest.selecting(Array(rows[..<room])))
            pendingRows = size
            try flush()
            rest = rest.selecting(Array(rows[room...]))
        }
        if rest.count > 0 {
            pending.append(rest)
            pendingRows += rest.count
        }
    }

    private func flush() throws {
        let batches = pending
        pending = []
        pendingRows = 0
        try append(try encoder.encodeRowGroup(batches))
    }

    package func append(_ group: EncodedRowGroup) throws {
        if group.rowCount == 0 { return }
        try writeMagicOnce()
        var metaData = RowGroupMetaData()
        metaData.rowCount = Int64(group.rowCount)
        metaData.fileOffset = position
        metaData.totalCompressedSize = Int64(group.byteCount)
        metaData.ordinal = Int16(exactly: footer.rowGroups.count)
        summary.rowGroupOffsets.append(position)
        var index: [(pages: [PageLocation], columns: ColumnIndex?)] = []
        for (leaf, chunk) in group.chunks.enumerated() {
            summary.note(leaf, chunk)
            metaData.totalByteSize += chunk.metaData.totalUncompressedSize
            metaData.columns.append(placed(chunk))
            index.append((chunk.pages.map { $0.moved(by: position) }, chunk.columnIndex))
            try chunk.bytes.withUnsafeBytes { try write($0) }
        }
        footer.rowGroups.append(metaData)
        footer.rowCount += metaData.rowCount
        indexes.append(index)
    }

    private func placed(_ chunk: EncodedChunk) -> ColumnChunk {
        var column = ColumnChunk()
        var metaData = chunk.metaData
        metaData.dataPageOffset += position
        metaData.dictionaryPageOffset = metaData.dictionaryPageOffset.map { $0 + position }
        column.metaData = metaData
        return column
    }

    /// Completes the file; nothing may be appended afterwards.
    package func finish() throws -> ParquetFileSummary {
        if pendingRows > 0 { try flush() }
        try writeMagicOnce()
        if encoder.options.writesPageIndex { try writeIndexes() }
        footer.schema = encoder.layout.elements
        footer.createdBy = "pipec"
        footer.columnOrders = [Int16](repeating: 1, count: encoder.layout.leaves.count)
        footer.keyValues = encoder.options.keyValues.sorted { $0.key < $1.key }
            .map { KeyValue($0.key, $0.value) }
        var writer = ThriftWriter()
        footer.write(to: &writer)
        var tail = writer.bytes
        guard let size = UInt32(exactly: tail.count) else {
            throw RunError(.parquetLimit, "the footer of a file takes \(tail.count) bytes")
        }
        withUnsafeBytes(of: size.littleEndian) { tail.append(contentsOf: $0) }
        tail.append(contentsOf: Self.magic)
        try tail.withUnsafeBytes { try write($0) }
        summary.rowCount = footer.rowCount
        summary.byteCount = position
        return summary
    }

    /// Column indexes of all chunks, then offset indexes of all chunks, as the format advises.
    private func writeIndexes() throws {
        for group in indexes.indices {
            for (leaf, index) in indexes[group].enumerated() {
                guard let columns = index.columns else { continue }
                var writer = ThriftWriter()
                columns.write(to: &writer)
                footer.rowGroups[group].columns[leaf].columnIndexOffset = position
                footer.rowGroups[group].columns[leaf].columnIndexLength =
                    Int32(truncatingIfNeeded: writer.bytes.count)
                try writer.bytes.withUnsafeBytes { try write($0) }
            }
        }
        for group in indexes.indices {
            for (leaf, index) in indexes[group].enumerated() {
                var writer = ThriftWriter()
                OffsetIndex(pages: index.pages).write(to: &writer)
                footer.rowGroups[group].columns[leaf].offsetIndexOffset = position
                footer.rowGroups[group].columns[leaf].offsetIndexLength =
                    Int32(truncatingIfNeeded: writer.bytes.count)
                try writer.bytes.withUnsafeBytes { try write($0) }
            }
        }
    }

    private static let magic = Array("PAR1".utf8)

    private func writeMagicOnce() throws {
        if position == 0 { try Self.magic.withUnsafeBytes { try write($0) } }
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws {
        try sink.write(bytes)
        position += Int64(bytes.count)
    }
}

extension PageLocation {
    func moved(by distance: Int64) -> PageLocation {
        PageLocation(
            offset: offset + distance, compressedSize: compressedSize, firstRow: firstRow)
    }
}

/// What a table's log wants to know about a file that was written.
package struct ParquetFileSummary: Sendable {
    package internal(set) var rowCount: Int64 = 0
    package internal(set) var byteCount: Int64 = 0
    /// Where each row group starts.
    package internal(set) var rowGroupOffsets: [Int64] = []
    /// In the order of the schema, those of nested columns one by one.
    package internal(set) var leaves: [LeafSummary]

    package struct LeafSummary: Sendable {
        /// As in ``ParquetWriteOptions/fieldIDs``: `tags.element`.
        package let path: String
        package let type: DataType
        package let fieldID: Int32?
        package internal(set) var compressedBytes: Int64 = 0
        /// Nulls included.
        package internal(set) var valueCount: Int64 = 0
        package internal(set) var nullCount: Int64 = 0
        /// The exact smallest and largest value, NaN left out; `nil` where there are none.
        package internal(set) var min: StatisticValue?
        package internal(set) var max: StatisticValue?
    }

    init(leaves: [WriteLeaf]) {
        self.leaves = leaves.map {
            LeafSummary(path: $0.key, type: $0.type, fieldID: $0.fieldID)
        }
    }

    mutating func note(_ leaf: Int, _ chunk: EncodedChunk) {
        leaves[leaf].compressedBytes += Int64(chunk.bytes.count)
        leaves[leaf].valueCount += chunk.metaData.valueCount
        leaves[leaf].nullCount += chunk.nullCount
        guard let bounds = chunk.bounds else { return }
        if leaves[leaf].min.map({ bounds.min.isBefore($0) }) ?? true {
            leaves[leaf].min = bounds.min
        }
        if leaves[leaf].max.map({ $0.isBefore(bounds.max) }) ?? true {
            leaves[leaf].max = bounds.max
        }
    }
}

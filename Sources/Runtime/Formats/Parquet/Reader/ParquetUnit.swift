import PipelineDSL

/// Some rows of one row group, decoded with one page of each column in memory at a time.
struct ParquetUnit: SourceUnit {
    let job: ReadJob
    let rowGroup: Int
    /// In the row group.
    let rows: Range<Int>
    /// The row group's first row in the file.
    let firstRow: Int64
    let byteCount: Int
    /// A row of the file: `ParquetReadOptions.startRow` of a reader that goes on from here.
    let endPosition: Int64

    private var object: String { job.file.object }
    private var rowGroupRows: Int { Int(clamping: job.file.footer.rowGroups[rowGroup].rowCount) }

    func decode(batchRows: Int, _ emit: (SourceBatch) throws -> Void) throws {
        let cursors = try job.plans.leaves.map { leaf in
            try reporting(leaf.node) { try cursor(leaf) }
        }
        if cursors.isEmpty { try checkRowCount() }
        let fields = job.plans.columns.map { FieldReader($0, cursors) }
        let size = min(max(1, batchRows), job.maxBatchRows(rowGroup: rowGroup))
        var row = rows.lowerBound
        while row < rows.upperBound {
            let count = min(size, rows.upperBound - row)
            try emit(try batch(fields, from: row, count))
            row += count
        }
        guard rows.upperBound == rowGroupRows else { return }
        for (leaf, cursor) in zip(job.plans.leaves, cursors) {
            try reporting(leaf.node) { try cursor.finish() }
        }
    }

    private func reporting<R>(_ node: ParquetNode, _ body: () throws -> R) throws -> R {
        try reportingFailures(
            object, "row group \(rowGroup), column `\(node.path.joined(separator: "."))`", body)
    }

    // MARK: Cursors

    private func cursor(_ leaf: LeafRequest) throws -> any LeafReading {
        let chunk = try job.file.metaData(rowGroup: rowGroup, leaf: leaf.node)
        let pages = ChunkPages(
            source: job.file.bytes, codec: chunk.codec, range: try job.file.range(of: chunk))
        let cursor = try LeafSource(
            node: leaf.node, conversion: leaf.conversion, chunk: chunk, pages: pages
        ).makeCursor()
        if rows.lowerBound > 0 { try enter(cursor, leaf.node) }
        return cursor
    }

    /// Goes to the unit's first row, by the page index where there is one.
    private func enter(_ cursor: any LeafReading, _ node: ParquetNode) throws {
        let canSeek = node.maxRepetition == 0 && node.maxDefinition <= 1
        guard canSeek, let index = try job.file.offsetIndex(rowGroup: rowGroup, leaf: node),
            let page = index.pages.last(where: { $0.firstRow <= Int64(rows.lowerBound) })
        else { return try cursor.skip(rows.lowerBound) }
        try cursor.seek(to: page.offset, valuesLeft: Int64(rowGroupRows) - page.firstRow)
        try cursor.skip(rows.lowerBound - Int(page.firstRow))
    }

    // MARK: Batches

    private func batch(_ fields: [FieldReader], from row: Int, _ count: Int) throws -> SourceBatch {
        var columns: [Column] = []
        columns.reserveCapacity(fields.count)
        var reasons: [Int: (column: String, reason: InvalidValue.Reason)] = [:]
        for (member, field) in zip(job.plans.columns, fields) {
            let result = try reportingFailures(
                object, "row group \(rowGroup), column `\(member.field.name)`"
            ) { try field.read(count) }
            columns.append(result.column)
            for value in result.invalid where reasons[value.row] == nil {
                reasons[value.row] = (member.field.name, value.reason)
            }
        }
        let origin = ParquetOrigin(
            source: job.source, object: object, firstRow: firstRow + Int64(row))
        let batch = Batch(columns: columns, count: count, origin: Batch.Origin(origin))
        if reasons.isEmpty { return SourceBatch(batch: batch) }
        let kept = (0..<UInt32(count)).filter { reasons[Int($0)] == nil }
        let rejected = reasons.sorted { $0.key < $1.key }.map { row, why in
            rejectedRow(origin.offset(row), why.column, why.reason)
        }
        return SourceBatch(batch: batch.selecting(kept), rejected: rejected)
    }

    private func rejectedRow(
        _ row: Int64, _ column: String, _ reason: InvalidValue.Reason
    ) -> RejectedRow {
        let code: DiagnosticCode = reason == .null ? .nullInRequiredColumn : .parquetValue
        return RejectedRow(
            object: object, offset: row, rule: code.description, code: code,
            message: "`\(column)` of row \(row) \(reason.rawValue)", column: column)
    }

    /// Where no column is read, the footer's word is checked against the pages, as otherwise a
    /// damaged footer could make any number of rows.
    private func checkRowCount() throws {
        let leaves = job.file.tree.columns.flatMap(\.leaves)
        guard let leaf = leaves.min(by: { $0.maxRepetition < $1.maxRepetition }) else { return }
        try reporting(leaf) {
            let kind = (try? LeafKind(leaf.element)) ?? .bytes
            let conversion = LeafConversion(kind: kind, target: kind.dataType)
            let all = ParquetUnit(
                job: job, rowGroup: rowGroup, rows: 0..<rowGroupRows, firstRow: firstRow,
                byteCount: 0, endPosition: 0)
            let cursor = try all.cursor(LeafRequest(node: leaf, conversion: conversion))
            try cursor.skip(rowGroupRows)
            try cursor.finish()
        }
    }
}

extension ParquetNode {
    /// All leaves below, in the order of their chunks.
    var leaves: [ParquetNode] { leaf != nil ? [self] : children.flatMap(\.leaves) }
}

/// Rows of a Parquet file have a number and nothing else to be found by.
struct ParquetOrigin: RowOrigin {
    let source: String
    let object: String
    let firstRow: Int64

    func line(_ row: Int) -> Int64? { nil }
    /// 0-based row of the file.
    func offset(_ row: Int) -> Int64 { firstRow + Int64(row) }
    func raw(_ row: Int) -> [UInt8]? { nil }
}

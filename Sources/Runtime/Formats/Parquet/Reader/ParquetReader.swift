import PipelineDSL

/// What to read of a file.
package struct ParquetReadOptions: Sendable {
    /// The wanted columns by our names and types; `nil` is every column that can be read.
    package var columns: [Field]?
    /// Names in the file to ours.
    package var rename: [String: String]
    /// Our names to field identifiers in the file, which go before names where they are given.
    package var fieldIDs: [String: Int32]
    /// The source node, for dead letters.
    package var source: String
    /// Where the source is declared, for diagnostics.
    package var span: SourceSpan?
    /// Row of the file to start with: a unit's ``SourceUnit/endPosition``.
    package var startRow: Int64
    /// Whether any row with such statistics can be wanted. Asked of row groups and, where the file
    /// has a page index, of the rows of each page.
    package var keep: (@Sendable (ParquetRangeStatistics) -> Bool)?
    /// A row group of more rows than this is read as several units where its page index allows.
    package var unitRows: Int

    package init(
        columns: [Field]? = nil, rename: [String: String] = [:], fieldIDs: [String: Int32] = [:],
        source: String = "", span: SourceSpan? = nil, startRow: Int64 = 0, unitRows: Int = 262_144,
        keep: (@Sendable (ParquetRangeStatistics) -> Bool)? = nil
    ) {
        self.columns = columns
        self.rename = rename
        self.fieldIDs = fieldIDs
        self.source = source
        self.span = span
        self.startRow = startRow
        self.unitRows = max(1, unitRows)
        self.keep = keep
    }
}

/// Reads a file as units of rows: row groups, or parts of them.
package final class ParquetReader: SourceReader {
    private let job: ReadJob
    private let options: ParquetReadOptions
    private var rowGroup = 0
    private var firstRow: Int64 = 0
    private var pending: [ParquetUnit] = []

    /// Rows of row groups and pages that were passed over because of their statistics.
    package private(set) var prunedRows: Int64 = 0

    /// Throws ``RunError`` where a wanted column is missing, of another type or not readable.
    package init(_ file: ParquetFile, _ options: ParquetReadOptions = ParquetReadOptions()) throws {
        self.options = options
        job = try reportingFailures(file.object) {
            ReadJob(file: file, plans: try ReadPlans(file, options), source: options.source)
        }
    }

    package var schema: Schema { Schema(job.plans.columns.map(\.field)) }

    package func next() throws -> (any SourceUnit)? {
        while pending.isEmpty {
            guard rowGroup < job.file.footer.rowGroups.count else { return nil }
            try reportingFailures(job.file.object, "row group \(self.rowGroup)") {
                try plan(rowGroup)
            }
        }
        return pending.removeFirst()
    }

    private func plan(_ number: Int) throws {
        let rows = job.file.footer.rowGroups[number].rowCount
        let start = firstRow
        rowGroup += 1
        firstRow += rows
        guard rows > 0, firstRow > options.startRow, let rowCount = Int(exactly: rows) else {
            return
        }
        let skipped = Int(clamping: max(0, options.startRow - start))
        var ranges = [skipped..<rowCount]
        if let keep = options.keep {
            let pruning = RowGroupPruning(job, rowGroup: number)
            ranges = try pruning.ranges(within: skipped..<rowCount, keep)
        }
        let kept = ranges.reduce(0) { $0 + $1.count }
        prunedRows += Int64(rowCount - skipped - kept)
        guard kept > 0 else { return }
        ranges = try split(ranges, number)
        let bytes = job.encodedBytes(rowGroup: number)
        for (index, range) in ranges.enumerated() {
            // A unit's end is where the next one starts, so that pruned rows are not asked again.
            let end = index + 1 < ranges.count ? ranges[index + 1].lowerBound : rowCount
            pending.append(
                ParquetUnit(
                    job: job, rowGroup: number, rows: range, firstRow: start,
                    byteCount: max(1, Int(bytes * Double(range.count) / Double(rowCount))),
                    endPosition: start + Int64(end)))
        }
    }

    /// Parts of at most `unitRows` rows, if every leaf can be entered at any page.
    private func split(_ ranges: [Range<Int>], _ number: Int) throws -> [Range<Int>] {
        guard ranges.contains(where: { $0.count > options.unitRows + options.unitRows / 2 }),
            try job.canSeek(rowGroup: number)
        else { return ranges }
        return ranges.flatMap { range in
            // A footer can claim any number of rows; that many units would not fit in memory.
            let size = max(options.unitRows, range.count / 4096 + 1)
            return stride(from: range.lowerBound, to: range.upperBound, by: size).map { start in
                start..<start + min(size, range.upperBound - start)
            }
        }
    }
}

/// What all units of one file share.
struct ReadJob: Sendable {
    let file: ParquetFile
    let plans: ReadPlans
    let source: String

    /// Compressed bytes of the wanted leaves.
    func encodedBytes(rowGroup: Int) -> Double {
        let chunks = file.footer.rowGroups[rowGroup].columns
        let sizes = plans.leaves.compactMap { leaf in
            leaf.node.leaf.flatMap { chunks[$0].metaData?.totalCompressedSize }
        }
        // No chunk is larger than the file, whatever its metadata says.
        return sizes.reduce(0) { $0 + Double(min(max(0, $1), file.bytes.count)) }
    }

    /// So many rows that long lists make batches of fewer rows, not of more memory.
    func maxBatchRows(rowGroup: Int) -> Int {
        let group = file.footer.rowGroups[rowGroup]
        let elements =
            plans.leaves.compactMap { leaf in
                leaf.node.leaf.flatMap { group.columns[$0].metaData?.valueCount }
            }.max() ?? 0
        let perRow = elements / max(1, group.rowCount)
        return Int(clamping: max(1, (1 << 20) / max(1, perRow)))
    }

    func canSeek(rowGroup: Int) throws -> Bool {
        guard !plans.leaves.isEmpty else { return false }
        return try plans.leaves.allSatisfy { leaf in
            try leaf.node.maxRepetition == 0 && leaf.node.maxDefinition <= 1
                && file.offsetIndex(rowGroup: rowGroup, leaf: leaf.node) != nil
        }
    }
}

extension ParquetFile {
    /// The pages of a chunk as its index lists them; `nil` where there is none or it makes no sense,
    /// as nothing depends on having it.
    func offsetIndex(rowGroup: Int, leaf: ParquetNode) throws -> OffsetIndex? {
        guard let number = leaf.leaf else { return nil }
        let group = footer.rowGroups[rowGroup]
        let chunk = group.columns[number]
        guard
            let index = try index(
                chunk.offsetIndexOffset, chunk.offsetIndexLength, { try OffsetIndex(&$0) })
        else { return nil }
        var last: Int64 = -1
        for page in index.pages {
            guard page.firstRow > last, page.firstRow < group.rowCount else { return nil }
            last = page.firstRow
        }
        return index.pages.first?.firstRow == 0 ? index : nil
    }

    func columnIndex(rowGroup: Int, leaf: ParquetNode) throws -> ColumnIndex? {
        guard let number = leaf.leaf else { return nil }
        let chunk = footer.rowGroups[rowGroup].columns[number]
        return try index(
            chunk.columnIndexOffset, chunk.columnIndexLength, { try ColumnIndex(&$0) })
    }

    private func index<T>(
        _ offset: Int64?, _ length: Int32?, _ read: (inout ThriftReader) throws -> T
    ) throws -> T? {
        guard let offset, let length, offset >= 0, length > 0, offset <= bytes.count,
            Int64(length) <= bytes.count - offset
        else { return nil }
        var buffer = [UInt8](repeating: 0, count: Int(length))
        try buffer.withUnsafeMutableBytes { try bytes.read(at: offset, into: $0) }
        return try? buffer.withUnsafeBytes { bytes in
            var reader = ThriftReader(bytes)
            return try read(&reader)
        }
    }
}

import PipelineDSL

/// Some whole records of a CSV file, decoded by any thread.
struct CSVUnit: SourceUnit {
    let plan: CSVPlan
    let block: ByteBlock
    /// The records' bytes in `block`.
    let range: Range<Int>
    /// Offset in the object of `block`'s first byte.
    let blockOffset: Int64
    /// Line of the range's first byte.
    let firstLine: Int64
    /// Whether a quote was left open: then no field holds a line end. See ``CSVReader``.
    let byLine: Bool

    var byteCount: Int { range.count }
    var endPosition: Int64 { blockOffset + Int64(range.upperBound) }

    func decode(batchRows: Int, _ emit: (SourceBatch) throws -> Void) throws {
        let base = UnsafePointer(block.base.assumingMemoryBound(to: UInt8.self))
        // The matrix of field ends is never larger than a few times the block.
        let most = max(1, min(batchRows, (range.count + 1) * 2 / plan.width + 1))
        var scan = CSVFieldScan(width: plan.width, capacity: most)
        defer { scan.deallocate() }
        let isPlain = isPlainText(base)
        let lines = LineIndex(
            block, range, firstLine: firstLine, terminator: plan.options.syntax.terminator)
        var position = range.lowerBound
        while position < range.upperBound {
            position = scan.scan(
                base, position, range.upperBound, plan.options.syntax, byLine: byLine)
            let batch = decode(scan, isPlain: isPlain, lines)
            if batch.rowsRead > 0 { try emit(batch) }
        }
    }

    /// ASCII without NUL: nothing to check record by record.
    private func isPlainText(_ base: UnsafePointer<UInt8>) -> Bool {
        CSVSyntax.find(0, base, range.lowerBound, range.upperBound) == nil
            && (UTF8Text.isASCII(base + range.lowerBound, range.count)
                || UTF8Text.isValid(base + range.lowerBound, range.count))
    }

    private func decode(_ scan: CSVFieldScan, isPlain: Bool, _ lines: LineIndex) -> SourceBatch {
        var decoder = CSVColumnDecoder(plan, block, scan)
        let origin = TextOrigin(
            source: plan.source, object: plan.object, block, blockOffset: blockOffset, lines: lines,
            starts: Array(UnsafeBufferPointer(start: scan.starts, count: scan.rowCount)),
            ends: scan.recordEnds, redaction: plan.redaction)
        if !isPlain { rejectBadBytes(&decoder, origin) }
        let columns = plan.columns.indices.map { decoder.column($0) }
        var batch = Batch(columns: columns, count: scan.rowCount, origin: Batch.Origin(origin))
        if scan.bad.isEmpty, decoder.faults.isEmpty { return SourceBatch(batch: batch) }
        let reasons = CSVRejections(plan: plan, origin: origin, scan: scan)
        var rejected = scan.bad.map { reasons.rejection($0) }
        if !decoder.faults.isEmpty {
            let first = firstFaults(decoder.faults)
            rejected += first.map { reasons.rejection($0) }
            var keeps = Bitmap(repeating: true, count: scan.rowCount)
            for fault in first { keeps[Int(fault.row)] = false }
            batch = batch.selecting(keeps.ones)
        }
        return SourceBatch(batch: batch, rejected: rejected)
    }

    private func rejectBadBytes(_ decoder: inout CSVColumnDecoder, _ origin: TextOrigin) {
        for row in 0..<decoder.rows {
            let bytes = origin.bounds(row)
            if CSVSyntax.find(0, decoder.base, bytes.lowerBound, bytes.upperBound) != nil
                || !UTF8Text.isValid(decoder.base + bytes.lowerBound, bytes.count)
            {
                decoder.reject(row: row, .badBytes)
            }
        }
    }

    /// One fault a row: that of its first column.
    private func firstFaults(_ faults: [CSVValueFault]) -> [CSVValueFault] {
        let sorted = faults.sorted { ($0.row, $0.column) < ($1.row, $1.column) }
        var first: [CSVValueFault] = []
        for fault in sorted where first.last?.row != fault.row { first.append(fault) }
        return first
    }
}

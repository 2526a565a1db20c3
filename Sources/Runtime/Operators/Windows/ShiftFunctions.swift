import PipelineDSL

/// `lag` and `lead`: the value of a row so many rows away in the partition, or a default.
struct ShiftFunctions {
    private let call: WindowCall
    private let chunk: WindowChunk
    private let isLag: Bool

    init(_ call: WindowCall, _ chunk: WindowChunk) {
        self.call = call
        self.chunk = chunk
        isLag = call.function == "lag"
    }

    func evaluate() -> Column {
        let values = call.column(0, chunk)
        let offsets = call.arguments.count > 1 ? call.column(1, chunk) : nil
        let defaults = call.arguments.count > 2 ? call.column(2, chunk) : nil
        let eligible =
            call.ignoresNulls
            ? EligibleRows(values.presence, count: chunk.count) : nil
        let none = GroupTable.none
        var sources = [UInt32](repeating: none, count: chunk.count)
        for row in 0..<chunk.count {
            guard let offset = offset(offsets, row) else { continue }
            if let source = source(row, offset, eligible) {
                sources[row] = UInt32(truncatingIfNeeded: source)
            } else if defaults != nil {
                sources[row] = UInt32(truncatingIfNeeded: chunk.count + row)
            }
        }
        guard let defaults else { return values.gatherOptional(sources).withType(call.type) }
        return Column.concatenated([values, defaults], type: call.type).gatherOptional(sources)
    }

    /// How many rows before (negative) or after; `nil` where it is null.
    private func offset(_ column: Column?, _ row: Int) -> Int? {
        guard let column else { return isLag ? -1 : 1 }
        guard !column.isNull(row), case .int64(let values) = column.values else { return nil }
        // Far beyond any partition, and its sums do not overflow.
        let distance = Int(clamping: min(max(values[row], -(1 << 40)), 1 << 40))
        return isLag ? -distance : distance
    }

    private func source(_ row: Int, _ offset: Int, _ eligible: EligibleRows?) -> Int? {
        let partition = chunk.partition(ofRow: row)
        guard let eligible, offset != 0 else {
            return partition.contains(row + offset) ? row + offset : nil
        }
        let found =
            offset < 0
            ? eligible.row(offset, of: partition.lowerBound..<row)
            : eligible.row(offset - 1, of: (row + 1)..<partition.upperBound)
        return found.map { Int($0) }
    }
}

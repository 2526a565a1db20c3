import PipelineDSL

/// The value of the only row; more than one is an error, none is null.
final class SingleValueAccumulator: Accumulator {
    private let value: ChosenRowAccumulator
    private let counts = CountAccumulator()

    init(type: DataType) { value = ChosenRowAccumulator(.first, types: [type]) }

    func grow(to groupCount: Int) {
        value.grow(to: groupCount)
        counts.grow(to: groupCount)
    }

    func add(_ rows: RowGroups, _ columns: [Column]) {
        value.add(rows, columns)
        counts.add(rows, columns)
    }

    func finish(_ range: Range<Int>) -> KernelResult {
        var result = value.finish(range)
        guard case .int64(let rows) = counts.finish(range).values else { return result }
        for (row, count) in rows.enumerated() where count > 1 {
            result.faults.add(row, .moreThanOneRow)
        }
        return result
    }

    var byteCount: Int { value.byteCount + counts.byteCount }

    func encode(into out: inout [UInt8]) {
        value.encode(into: &out)
        counts.encode(into: &out)
    }

    func restore(_ reader: inout ByteReader) throws {
        try value.restore(&reader)
        counts.restore(&reader)
    }
}

import PipelineDSL

/// What a kernel that works row by row says of one row.
enum RowOutcome: Sendable {
    case value
    case null
    case fault(Fault)
}

/// Collects what a row-wise kernel yields beside values.
struct RowCollector {
    private var validity: Bitmap?
    private(set) var faults = Faults()
    private let count: Int

    init(count: Int) { self.count = count }

    mutating func setNull(_ row: Int) {
        if validity == nil { validity = Bitmap(repeating: true, count: count) }
        validity?[row] = false
    }

    mutating func note(_ outcome: RowOutcome, _ row: Int) {
        switch outcome {
        case .value: break
        case .null: setNull(row)
        case .fault(let fault): faults.add(row, fault)
        }
    }

    func result(_ values: Column.Values) -> KernelResult {
        KernelResult(values, validity: validity, faults: faults)
    }
}

extension KernelCall {
    /// A column of text, made row by row in a buffer that is emptied between rows. Null rows are
    /// skipped.
    @inline(__always)
    func texts(_ body: (_ row: Int, _ out: inout [UInt8]) -> RowOutcome) -> KernelResult {
        var builder = StringsBuilder(capacity: count)
        var collector = RowCollector(count: count)
        var buffer: [UInt8] = []
        for row in 0..<count {
            guard validity?[row] ?? true else {
                builder.appendEmpty()
                continue
            }
            buffer.removeAll(keepingCapacity: true)
            let outcome = body(row, &buffer)
            if case .value = outcome {
                buffer.withUnsafeBytes { builder.append($0) }
            } else {
                builder.appendEmpty()
                collector.note(outcome, row)
            }
        }
        return collector.result(.strings(builder.finish()))
    }

    /// A column of fixed width, made row by row. Null rows are skipped.
    @inline(__always)
    func values<T: ColumnElement>(
        of type: T.Type = T.self, _ body: (_ row: Int, _ out: inout T) -> RowOutcome
    ) -> KernelResult {
        var collector = RowCollector(count: count)
        var values = [T](repeating: .zero, count: count)
        values.withUnsafeMutableBufferPointer { values in
            forEachValid { row in
                let outcome = body(row, &values[row])
                if case .value = outcome { return }
                collector.note(outcome, row)
            }
        }
        return collector.result(T.wrap(values))
    }

    /// Booleans, made row by row. Null rows are skipped.
    @inline(__always)
    func bits(_ body: (_ row: Int, _ out: inout Bool) -> RowOutcome) -> KernelResult {
        var collector = RowCollector(count: count)
        var bits = Bitmap(repeating: false, count: count)
        forEachValid { row in
            var bit = false
            let outcome = body(row, &bit)
            if bit { bits[row] = true }
            if case .value = outcome { return }
            collector.note(outcome, row)
        }
        return collector.result(.boolean(bits))
    }

    /// The argument as a column and a function from row to row of it.
    func column(_ index: Int) -> (column: Column, isConstant: Bool) {
        (arguments[index].column, arguments[index].isConstant)
    }
}

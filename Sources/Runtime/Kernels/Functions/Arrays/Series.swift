import PipelineDSL

extension KernelTable {
    static let seriesKernels: [String: KernelResolver] = [
        "generate_series": { request in
            switch request.arguments.first {
            case .bigint?: numbers
            case .timestamp?: moments
            default: nil
            }
        }
    ]

    private static let longest = 1_000_000

    private static let numbers = BoundKernel { call in
        let (starts, stops) = (call.operand(0, Int64.self), call.operand(1, Int64.self))
        let steps = call.arguments.count > 2 ? call.operand(2, Int64.self) : .constant(1)
        return lists(call) { row, values in
            let (start, stop, step) = (Int128(starts[row]), Int128(stops[row]), Int128(steps[row]))
            if step == 0 { return .fault(.argument) }
            let count = (stop - start) / step + 1
            guard (stop - start).signum() == step.signum() || stop == start, count > 0 else {
                return .value
            }
            if count > Int128(longest) { return .fault(.tooLarge) }
            for k in 0..<count { values.append(Int64(truncatingIfNeeded: start + k * step)) }
            return .value
        }
    }

    private static let moments = BoundKernel { call in
        let (starts, stops) = (call.operand(0, Int64.self), call.operand(1, Int64.self))
        let steps = call.operand(2, Interval.self)
        return lists(call) { row, values in
            let (step, stop) = (steps[row], stops[row])
            // Months move by themselves: a step must go one way all along.
            let isForward = step.span > 0
            guard step.span != 0 else { return .fault(.argument) }
            var moment = starts[row]
            var count = 0
            while isForward ? moment <= stop : moment >= stop {
                if count == longest { return .fault(.tooLarge) }
                values.append(moment)
                count += 1
                let (next, fault) = TemporalMath.add((moment, .none), step)
                if fault != .none { break }
                guard isForward ? next > moment : next < moment else { return .fault(.argument) }
                moment = next
            }
            return .value
        }
    }

    private static func lists(
        _ call: KernelCall, _ body: (_ row: Int, _ values: inout [Int64]) -> RowOutcome
    ) -> KernelResult {
        var collector = RowCollector(count: call.count)
        var values: [Int64] = []
        var offsets: [Int32] = [0]
        for row in 0..<call.count {
            let start = values.count
            if call.validity?[row] ?? true {
                var outcome = body(row, &values)
                if values.count > Int(Int32.max) { outcome = .fault(.tooLarge) }
                if case .value = outcome {
                } else {
                    values.removeSubrange(start...)
                    collector.note(outcome, row)
                }
            }
            offsets.append(Int32(truncatingIfNeeded: values.count))
        }
        let child = Column(call.result.element, .int64(values))
        return collector.result(.list(offsets: offsets, ColumnBox(child)))
    }
}

import PipelineDSL

extension KernelTable {
    static let extremeKernels: [String: KernelResolver] = [
        "greatest": { _ in extreme { $0 > 0 } },
        "least": { _ in extreme { $0 < 0 } },
    ]

    /// Nulls are skipped. Rows choose among the arguments, then all are gathered at once.
    private static func extreme(_ wins: @escaping @Sendable (Int) -> Bool) -> BoundKernel {
        BoundKernel(isStrict: false) { call in
            var starts: [Int] = [0]
            for argument in call.arguments {
                starts.append(starts[starts.count - 1] + argument.column.count)
            }
            var rows = [UInt32](repeating: 0, count: call.count)
            var valid = Bitmap(repeating: false, count: call.count)
            for row in 0..<call.count {
                var best: (argument: Int, row: Int)?
                for (index, argument) in call.arguments.enumerated() {
                    let at = argument.isConstant ? 0 : row
                    if argument.column.isNull(at) { continue }
                    if let best,
                        !wins(
                            ValueOrder.compare(
                                argument.column, at, call.arguments[best.argument].column, best.row)
                        )
                    {
                        continue
                    }
                    best = (index, at)
                }
                guard let best else { continue }
                valid[row] = true
                rows[row] = UInt32(truncatingIfNeeded: starts[best.argument] + best.row)
            }
            guard starts[starts.count - 1] > 0 else {
                return KernelResult(.zeros(call.result, count: call.count), validity: valid)
            }
            let all = Column.concatenated(call.arguments.map(\.column), type: call.result)
            return KernelResult(all.values.gather(rows), validity: valid)
        }
    }
}

import PipelineDSL

extension CastTable {
    /// Element by element. An element that does not fit makes the whole value not fit.
    static func nested(_ from: DataType, _ to: DataType) -> BoundKernel? {
        switch (from, to) {
        case (.array(let a), .array(let b)): return list(a, b)
        case (.map(let keyA, let valueA), .map(let keyB, let valueB)):
            return list(.entry(keyA, valueA), .entry(keyB, valueB))
        case (.structure(let a), .structure(let b)): return structure(a, b)
        default: return nil
        }
    }

    private static func list(_ from: DataType, _ to: DataType) -> BoundKernel? {
        guard let inner = from == to ? relabelled : kernel(from: from, to: to) else { return nil }
        return BoundKernel { call in
            guard case .list(let offsets, let child) = call.arguments[0].column.values else {
                return KernelResult(.zeros(call.result, count: call.count))
            }
            let (column, faults) = elements(child.column, to, inner)
            return KernelResult(
                .list(offsets: offsets, ColumnBox(column)),
                faults: parents(of: faults, offsets: offsets))
        }
    }

    /// Fields one to one by position; names may differ.
    private static func structure(_ from: [Field], _ to: [Field]) -> BoundKernel? {
        guard from.count == to.count else { return nil }
        var kernels: [BoundKernel] = []
        for (a, b) in zip(from, to) {
            guard let kernel = a.type == b.type ? relabelled : kernel(from: a.type, to: b.type)
            else { return nil }
            kernels.append(kernel)
        }
        let bound = kernels
        return BoundKernel { call in
            guard case .structure(let columns, let count) = call.arguments[0].column.values,
                columns.count == to.count
            else { return KernelResult(.zeros(call.result, count: call.count)) }
            var converted: [Column] = []
            var found: [UInt32: Fault] = [:]
            for (i, column) in columns.enumerated() {
                let (result, faults) = elements(column, to[i].type, bound[i])
                converted.append(result)
                for (row, kind) in zip(faults.rows, faults.kinds) { found[row] = kind }
            }
            var faults = Faults()
            for (row, kind) in found.sorted(by: { $0.key < $1.key }) { faults.add(Int(row), kind) }
            return KernelResult(.structure(converted, count: count), faults: faults)
        }
    }

    private static func elements(
        _ column: Column, _ to: DataType, _ kernel: BoundKernel
    ) -> (Column, Faults) {
        let result = kernel.body(
            KernelCall(
                arguments: [Vector(column)], count: column.count, validity: column.validity,
                result: to))
        let validity = Bitmap.both(column.validity, result.validity)
        return (
            Column(to, result.values, validity: validity), result.faults.restricted(to: validity)
        )
    }

    /// The rows of the lists that the faulty elements are in.
    private static func parents(of faults: Faults, offsets: [Int32]) -> Faults {
        var result = Faults()
        var row = 0
        for (element, kind) in zip(faults.rows, faults.kinds) {
            while row + 1 < offsets.count, offsets[row + 1] <= Int32(bitPattern: element) {
                row += 1
            }
            if row + 1 < offsets.count, offsets[row] <= Int32(bitPattern: element),
                result.rows.last != UInt32(row)
            {
                result.add(row, kind)
            }
        }
        return result
    }
}

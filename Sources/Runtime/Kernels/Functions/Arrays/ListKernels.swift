import PipelineDSL

/// A list argument: offsets and elements, where one list may stand for all rows.
struct ListOperand {
    let offsets: [Int32]
    let child: Column
    let isConstant: Bool

    init(_ call: KernelCall, _ index: Int) {
        isConstant = call.arguments[index].isConstant
        if case .list(let offsets, let child) = call.arguments[index].column.values {
            self.offsets = offsets
            self.child = child.column
        } else {
            offsets = [Int32](repeating: 0, count: call.arguments[index].column.count + 1)
            child = .nulls(.null, count: 0)
        }
    }

    /// The places of a row's elements in `child`.
    @inline(__always)
    func range(_ row: Int) -> Range<Int> {
        let at = isConstant ? 0 : row
        return Int(offsets[at])..<Int(offsets[at + 1])
    }
}

/// Puts lists together from elements of other columns, named by their place in all of them joined.
struct ListBuilder {
    private var sources: [Column] = []
    private var starts: [Int] = [0]
    private var offsets: [Int32] = [0]
    private var rows: [UInt32] = []
    private let element: DataType

    /// - Parameter sources: columns of `element`'s layout.
    init(_ sources: [Column], element: DataType, capacity: Int) {
        self.sources = sources
        self.element = element
        for source in sources { starts.append(starts[starts.count - 1] + source.count) }
        offsets.reserveCapacity(capacity + 1)
    }

    @inline(__always)
    mutating func append(_ source: Int, _ row: Int) {
        rows.append(UInt32(truncatingIfNeeded: starts[source] + row))
    }

    mutating func append(_ source: Int, _ range: Range<Int>) {
        for row in range { append(source, row) }
    }

    mutating func endList() { offsets.append(Int32(clamping: rows.count)) }

    func finish() -> Column.Values {
        let all = Column.concatenated(sources, type: element)
        let child = all.count == 0 ? Column.nulls(element, count: 0) : all.gather(rows)
        return .list(offsets: offsets, ColumnBox(child))
    }
}

extension DataType {
    /// Of an array, or of a map as an array of entries.
    var element: DataType {
        switch self {
        case .array(let element): element
        case .map(let key, let value): .entry(key, value)
        default: .null
        }
    }
}

enum ListKernels {
    static let length = BoundKernel { call in
        let list = ListOperand(call, 0)
        return KernelResult(
            .int32((0..<call.count).map { Int32(truncatingIfNeeded: list.range($0).count) }))
    }

    static let concatenation = BoundKernel { call in
        let (a, b) = (ListOperand(call, 0), ListOperand(call, 1))
        var builder = ListBuilder(
            [a.child, b.child], element: call.result.element, capacity: call.count)
        for row in 0..<call.count {
            if call.validity?[row] ?? true {
                builder.append(0, a.range(row))
                builder.append(1, b.range(row))
            }
            builder.endList()
        }
        return KernelResult(builder.finish())
    }

    /// The rows of a column, null where there is none.
    static func gather(_ column: Column, _ rows: [Int?]) -> KernelResult {
        guard column.count > 0 else {
            let none = Column.nulls(column.type, count: rows.count)
            return KernelResult(none.values, validity: none.validity)
        }
        var present = Bitmap(repeating: true, count: rows.count)
        for (i, row) in rows.enumerated() where row == nil { present[i] = false }
        let gathered = column.gather(rows.map { UInt32(truncatingIfNeeded: $0 ?? 0) })
        return KernelResult(gathered.values, validity: .both(gathered.validity, present))
    }
}

extension KernelTable {
    static let arrayKernels: [String: KernelResolver] = [
        "element": { request in
            switch request.arguments.first {
            case .array?: arrayElement
            case .map?: mapElement
            default: nil
            }
        },
        "field": { request in
            guard case .structure(let fields)? = request.arguments.first,
                let column = request.constants.last ?? nil,
                case .integer(let position) = column.value(0), position >= 0,
                position < fields.count
            else { return nil }
            let index = Int(position)
            return BoundKernel { call in
                let (column, isConstant) = call.column(0)
                guard case .structure(let columns, _) = column.values, index < columns.count else {
                    return KernelResult(.zeros(call.result, count: call.count))
                }
                let field =
                    isConstant
                    ? columns[index].gather([UInt32](repeating: 0, count: call.count))
                    : columns[index]
                return KernelResult(field.values, validity: field.validity)
            }
        },
        "array": { _ in construction },
        "row": { _ in
            BoundKernel(isStrict: false) { call in
                KernelResult(
                    .structure(
                        call.arguments.map { $0.materialised(call.count) }, count: call.count))
            }
        },
        "named_struct": { _ in
            BoundKernel(isStrict: false) { call in
                let values = stride(from: 1, to: call.arguments.count, by: 2).map {
                    call.arguments[$0].materialised(call.count)
                }
                return KernelResult(.structure(values, count: call.count))
            }
        },
        "array_length": { _ in ListKernels.length },
        "map_keys": { _ in mapPart(0) },
        "map_values": { _ in mapPart(1) },
        "array_append": { _ in appending },
        "array_slice": { _ in slicing },
        "array_distinct": { _ in distinct },
        "array_sort": { _ in sorting },
        "array_contains": { request in
            BoundKernel { call in
                let list = ListOperand(call, 0)
                let (value, isConstant) = call.column(1)
                return call.bits { row, out in
                    out = position(in: list, row, value, isConstant ? 0 : row) != nil
                    return .value
                }
            }
        },
        "array_position": { _ in
            BoundKernel { call in
                let list = ListOperand(call, 0)
                let (value, isConstant) = call.column(1)
                return call.values(of: Int32.self) { row, out in
                    guard let at = position(in: list, row, value, isConstant ? 0 : row) else {
                        return .null
                    }
                    out = Int32(truncatingIfNeeded: at + 1)
                    return .value
                }
            }
        },
        "array_to_string": { _ in joining },
    ]

    private static func position(
        in list: ListOperand, _ row: Int, _ value: Column, _ at: Int
    ) -> Int? {
        let range = list.range(row)
        for place in range where !list.child.isNull(place) {
            if ValueOrder.compare(list.child, place, value, at) == 0 {
                return place - range.lowerBound
            }
        }
        return nil
    }

    private static let arrayElement = BoundKernel { call in
        let list = ListOperand(call, 0)
        let indices = call.operand(1, Int64.self)
        let rows = (0..<call.count).map { row -> Int? in
            let range = list.range(row)
            let index = indices[row]
            guard call.validity?[row] ?? true, index >= 1, index <= Int64(range.count) else {
                return nil
            }
            return range.lowerBound + Int(index) - 1
        }
        return ListKernels.gather(list.child, rows)
    }

    /// Of a repeated key the last counts.
    private static let mapElement = BoundKernel { call in
        let map = ListOperand(call, 0)
        let (key, isConstant) = call.column(1)
        guard case .structure(let parts, _) = map.child.values, parts.count == 2 else {
            let none = Column.nulls(call.result, count: call.count)
            return KernelResult(none.values, validity: none.validity)
        }
        let rows = (0..<call.count).map { row -> Int? in
            guard call.validity?[row] ?? true else { return nil }
            return map.range(row).last {
                ValueOrder.compare(parts[0], $0, key, isConstant ? 0 : row) == 0
            }
        }
        return ListKernels.gather(parts[1], rows)
    }

    private static func mapPart(_ part: Int) -> BoundKernel {
        BoundKernel { call in
            let (column, isConstant) = call.column(0)
            let whole =
                isConstant ? Vector(column, isConstant: true).materialised(call.count) : column
            guard case .list(let offsets, let child) = whole.values,
                case .structure(let parts, _) = child.column.values, part < parts.count
            else { return KernelResult(.zeros(call.result, count: call.count)) }
            return KernelResult(.list(offsets: offsets, ColumnBox(parts[part])))
        }
    }

    private static let construction = BoundKernel(isStrict: false) { call in
        var builder = ListBuilder(
            call.arguments.map(\.column), element: call.result.element, capacity: call.count)
        for row in 0..<call.count {
            for (index, argument) in call.arguments.enumerated() {
                builder.append(index, argument.isConstant ? 0 : row)
            }
            builder.endList()
        }
        return KernelResult(builder.finish())
    }

    /// A null array gives null; a null value is appended.
    private static let appending = BoundKernel(isStrict: false) { call in
        let list = ListOperand(call, 0)
        let (value, isConstant) = call.column(1)
        var builder = ListBuilder(
            [list.child, value], element: call.result.element, capacity: call.count)
        let valid = call.arguments[0].validity(call.count)
        for row in 0..<call.count {
            if valid?[row] ?? true {
                builder.append(0, list.range(row))
                builder.append(1, isConstant ? 0 : row)
            }
            builder.endList()
        }
        return KernelResult(builder.finish(), validity: valid)
    }

    private static let slicing = BoundKernel { call in
        let list = ListOperand(call, 0)
        let (froms, tos) = (call.operand(1, Int64.self), call.operand(2, Int64.self))
        var builder = ListBuilder([list.child], element: call.result.element, capacity: call.count)
        for row in 0..<call.count {
            let range = list.range(row)
            let from = max(froms[row], 1)
            let to = min(tos[row], Int64(range.count))
            if call.validity?[row] ?? true, from <= to {
                builder.append(
                    0, (range.lowerBound + Int(from) - 1)..<(range.lowerBound + Int(to)))
            }
            builder.endList()
        }
        return KernelResult(builder.finish())
    }

    private static let distinct = BoundKernel { call in
        let list = ListOperand(call, 0)
        let hashes = hashRows([list.child], count: list.child.count)
        var builder = ListBuilder([list.child], element: call.result.element, capacity: call.count)
        for row in 0..<call.count {
            var seen: [UInt64: [Int]] = [:]
            if call.validity?[row] ?? true {
                for place in list.range(row) where !list.child.isNull(place) {
                    let known = seen[hashes[place], default: []]
                    if known.contains(where: {
                        ValueOrder.compare(list.child, $0, list.child, place) == 0
                    }) {
                        continue
                    }
                    seen[hashes[place], default: []].append(place)
                    builder.append(0, place)
                }
            }
            builder.endList()
        }
        return KernelResult(builder.finish())
    }

    private static let sorting = BoundKernel { call in
        let list = ListOperand(call, 0)
        let order = RowComparator([list.child], keys: [.init(descending: false, nullsFirst: false)])
        var builder = ListBuilder([list.child], element: call.result.element, capacity: call.count)
        for row in 0..<call.count {
            if call.validity?[row] ?? true {
                let places = list.range(row).map { UInt32(truncatingIfNeeded: $0) }
                for place in order.sorted(places) { builder.append(0, Int(place)) }
            }
            builder.endList()
        }
        return KernelResult(builder.finish())
    }

    private static let joining = BoundKernel { call in
        let list = ListOperand(call, 0)
        let hasNullText = call.arguments.count > 2
        return call.withStrings(1, hasNullText ? 2 : 1) { separators, nulls in
            call.texts { row, out in
                var isFirst = true
                for place in list.range(row) {
                    let isNull = list.child.isNull(place)
                    if isNull, !hasNullText { continue }
                    if !isFirst { out.append(contentsOf: separators[row]) }
                    isFirst = false
                    if isNull {
                        out.append(contentsOf: nulls[row])
                    } else {
                        ValueText.append(list.child, place, to: &out)
                    }
                    if out.count > TextLimits.callBytes { return .fault(.tooLarge) }
                }
                return .value
            }
        }
    }
}

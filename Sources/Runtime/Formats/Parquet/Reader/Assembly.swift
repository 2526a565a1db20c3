import PipelineDSL

/// Puts nested columns together from the levels and values of their leaves.
///
/// Every node looks at the levels of one leaf below it. An entry of those is a *slot* of the node
/// where its repetition level is at most that of the lists around the node and its definition level
/// says that the innermost of them has an element there.
///
/// The levels are those of Dremel: https://research.google/pubs/pub36632/
struct Assembly {
    let levels: [LeafLevels]
    let values: [LeafValues]

    struct Scope {
        /// Level of the innermost list around the node, and the one at which it has an element.
        var repetition = 0
        var definition = 0
    }

    struct Result {
        var column: Column
        /// Rows of `column`.
        var invalid: [InvalidValue]
    }

    func column(_ member: ReadMember, _ scope: Scope) throws -> Result {
        switch member.plan {
        case .leaf(let slot): return leaf(slot, scope)
        case .structure(let members, let slot, let present):
            return try structure(member.field.type, members, slot, present, scope)
        case .list(let element, let slot, let present, let repeated):
            let (validity, offsets) = try lengths(slot, present, repeated, scope)
            let inner = Scope(repetition: repeated.repetition, definition: repeated.definition)
            let elements = try column(element, inner)
            return try list(member.field.type, validity, offsets, elements)
        case .map(let key, let value, let slot, let present, let repeated):
            let (validity, offsets) = try lengths(slot, present, repeated, scope)
            let inner = Scope(repetition: repeated.repetition, definition: repeated.definition)
            let count = Int(offsets.last ?? 0)
            let entries = try members([key, value], count: count, validity: nil, inner)
            let entryType = DataType.entry(key.field.type, value.field.type)
            let pairs = Result(
                column: Column(entryType, .structure(entries.columns, count: count)),
                invalid: entries.invalid)
            return try list(member.field.type, validity, offsets, pairs)
        case .nulls(let type):
            throw ParquetFailure.unsupported("a missing `\(type)` column has no levels")
        }
    }

    // MARK: Leaves

    private func leaf(_ slot: Int, _ scope: Scope) -> Result {
        let definition = levels[slot].definition
        let dense = values[slot].column
        let slots = definition.reduce(0) { $0 + (Int($1) >= scope.definition ? 1 : 0) }
        if slots == dense.count { return Result(column: dense, invalid: values[slot].invalid) }
        if dense.count == 0 {
            return Result(column: .nulls(dense.type, count: slots), invalid: [])
        }
        let highest = definition.max() ?? 0
        var rows: [UInt32] = []
        rows.reserveCapacity(slots)
        var places: [Int] = []
        places.reserveCapacity(dense.count)
        for level in definition where Int(level) >= scope.definition {
            if level == highest {
                places.append(rows.count)
                rows.append(UInt32(truncatingIfNeeded: places.count - 1))
            } else {
                rows.append(0)
            }
        }
        var validity = Bitmap(repeating: false, count: slots)
        for place in places { validity[place] = true }
        let invalid = values[slot].invalid.map {
            InvalidValue(row: places[$0.row], reason: $0.reason)
        }
        return Result(column: dense.gather(rows).withValidity(validity), invalid: invalid)
    }

    // MARK: Structures

    private func structure(
        _ type: DataType, _ members: [ReadMember], _ slot: Int, _ present: Int, _ scope: Scope
    ) throws -> Result {
        let here = levels[slot]
        var isPresent: [Bool] = []
        for i in here.definition.indices where isSlot(i, here, scope) {
            isPresent.append(Int(here.definition[i]) >= present)
        }
        let validity =
            isPresent.contains(false) ? Bitmap(count: isPresent.count) { isPresent[$0] } : nil
        let count = isPresent.count
        let built = try self.members(members, count: count, validity: validity, scope)
        return Result(
            column: Column(type, .structure(built.columns, count: count), validity: validity),
            invalid: built.invalid)
    }

    private func members(
        _ members: [ReadMember], count: Int, validity: Bitmap?, _ scope: Scope
    ) throws -> (columns: [Column], invalid: [InvalidValue]) {
        var columns: [Column] = []
        var invalid: [InvalidValue] = []
        for member in members {
            if case .nulls(let type) = member.plan {
                columns.append(.nulls(type, count: count))
                continue
            }
            let result = try column(member, scope)
            guard result.column.count == count else { throw inconsistent }
            invalid += result.invalid
            if !member.field.nullable, let valid = result.column.validity {
                for row in 0..<count where !valid[row] && (validity?[row] ?? true) {
                    invalid.append(InvalidValue(row: row, reason: .null))
                }
            }
            columns.append(result.column)
        }
        return (columns, invalid)
    }

    // MARK: Lists

    private func lengths(
        _ slot: Int, _ present: Int, _ repeated: RepeatedLevels, _ scope: Scope
    ) throws -> (Bitmap?, [Int32]) {
        let here = levels[slot]
        var offsets: [Int32] = [0]
        var isPresent: [Bool] = []
        var elements: Int32 = 0
        for i in here.definition.indices {
            if isSlot(i, here, scope) {
                if !isPresent.isEmpty { offsets.append(elements) }
                isPresent.append(Int(here.definition[i]) >= present)
            }
            let isElement =
                Int(here.definition[i]) >= repeated.definition
                && repetition(i, here) <= repeated.repetition
            if isElement {
                // An element before the first slot has no list to be in.
                guard !isPresent.isEmpty else { throw inconsistent }
                elements += 1
            }
        }
        if !isPresent.isEmpty { offsets.append(elements) }
        let validity =
            isPresent.contains(false) ? Bitmap(count: isPresent.count) { isPresent[$0] } : nil
        return (validity, offsets)
    }

    private func list(
        _ type: DataType, _ validity: Bitmap?, _ offsets: [Int32], _ elements: Result
    ) throws -> Result {
        guard elements.column.count == Int(offsets.last ?? 0) else { throw inconsistent }
        let invalid = elements.invalid.map { value in
            InvalidValue(row: Self.list(of: value.row, offsets), reason: value.reason)
        }
        return Result(
            column: Column(
                type, .list(offsets: offsets, ColumnBox(elements.column)), validity: validity),
            invalid: invalid)
    }

    /// The list that an element is in: the last one that starts at or before it.
    private static func list(of element: Int, _ offsets: [Int32]) -> Int {
        var (low, high) = (0, offsets.count - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if Int(offsets[middle]) <= element { low = middle } else { high = middle }
        }
        return low
    }

    // MARK: Levels

    private func repetition(_ i: Int, _ levels: LeafLevels) -> Int {
        levels.repetition.isEmpty ? 0 : Int(levels.repetition[i])
    }

    private func isSlot(_ i: Int, _ levels: LeafLevels, _ scope: Scope) -> Bool {
        repetition(i, levels) <= scope.repetition && Int(levels.definition[i]) >= scope.definition
    }

    private var inconsistent: ParquetFailure {
        .damaged("the leaves of a nested column disagree about its lists")
    }
}

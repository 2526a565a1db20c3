import PipelineDSL

/// Reads one wanted column of one row group, a batch of rows at a time.
struct FieldReader {
    private let member: ReadMember
    private let cursors: [any LeafReading]
    /// Index of each cursor's leaf in the file's list.
    private let slots: [Int]
    private let leafCount: Int

    /// `cursors` are those of all leaves that the plans need.
    init(_ member: ReadMember, _ cursors: [any LeafReading]) {
        self.member = member
        slots = member.plan.slots
        self.cursors = slots.map { cursors[$0] }
        leafCount = cursors.count
    }

    func read(_ rows: Int) throws -> Assembly.Result {
        switch member.plan {
        case .nulls(let type):
            return Assembly.Result(column: .nulls(type, count: rows), invalid: [])
        case .leaf:
            let values = try cursors[0].readFlat(rows)
            return withNullCheck(Assembly.Result(column: values.column, invalid: values.invalid))
        default:
            var levels = [LeafLevels](repeating: LeafLevels(), count: leafCount)
            let none = LeafValues(column: .nulls(.null, count: 0), invalid: [])
            var values = [LeafValues](repeating: none, count: leafCount)
            for (slot, cursor) in zip(slots, cursors) {
                (levels[slot], values[slot]) = try cursor.readNested(rows)
            }
            let assembly = Assembly(levels: levels, values: values)
            let result = try assembly.column(member, Assembly.Scope())
            guard result.column.count == rows else {
                throw ParquetFailure.damaged("a nested column has fewer rows than its row group")
            }
            return withNullCheck(result)
        }
    }

    private func withNullCheck(_ result: Assembly.Result) -> Assembly.Result {
        guard !member.field.nullable, result.column.nullCount > 0 else { return result }
        var result = result
        for row in 0..<result.column.count where result.column.isNull(row) {
            result.invalid.append(InvalidValue(row: row, reason: .null))
        }
        return result
    }
}

extension ReadPlan {
    /// Every leaf that is read for this column; each once.
    var slots: [Int] {
        switch self {
        case .leaf(let slot): [slot]
        case .structure(let members, let slot, _): unique(members, slot)
        case .list(let element, let slot, _, _): unique([element], slot)
        case .map(let key, let value, let slot, _, _): unique([key, value], slot)
        case .nulls: []
        }
    }

    private func unique(_ members: [ReadMember], _ slot: Int) -> [Int] {
        let slots = members.flatMap(\.plan.slots)
        return slots.contains(slot) ? slots : slots + [slot]
    }
}

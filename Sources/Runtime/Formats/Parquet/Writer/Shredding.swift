import PipelineDSL

/// Levels and values of one leaf in one row group.
struct ShreddedLeaf {
    /// Levels, nulls included.
    var entryCount = 0
    /// `nil` while every entry has the highest level.
    var definition: [UInt8]?
    /// Empty for a leaf that is not repeated.
    var repetition: [UInt8] = []
    var data: LeafData

    init(_ leaf: WriteLeaf, rows: Int) { data = LeafData(leaf, capacity: rows) }

    /// Appends levels; `nil` are as many of the highest.
    mutating func append(definition new: [UInt8]?, count: Int, highest: Int) {
        let full = UInt8(truncatingIfNeeded: highest)
        if new != nil && definition == nil {
            definition = [UInt8](repeating: full, count: entryCount)
        }
        if let new {
            definition?.append(contentsOf: new)
        } else {
            definition?.append(contentsOf: repeatElement(full, count: count))
        }
        entryCount += count
    }
}

/// Takes batches apart into leaves, as Dremel does: https://research.google/pubs/pub36632/
struct Shredding {
    private(set) var leaves: [ShreddedLeaf]
    private let schema: WriteSchema

    init(_ schema: WriteSchema, rows: Int) {
        self.schema = schema
        leaves = schema.leaves.map { ShreddedLeaf($0, rows: rows) }
    }

    /// The leaves, which then are nobody else's to copy.
    mutating func takeLeaves() -> [ShreddedLeaf] {
        defer { leaves = [] }
        return leaves
    }

    mutating func append(_ batch: Batch) throws {
        guard batch.columns.count == schema.columns.count else {
            throw RunError(
                .parquetNotWritable,
                "\(batch.columns.count) columns arrive where \(schema.columns.count) are written")
        }
        var nested: Entries?
        for (node, column) in zip(schema.columns, batch.columns) {
            if case .leaf(let index) = node.kind {
                try appendFlat(index, column, batch.selection, node)
            } else {
                let entries = nested ?? Entries(rows: batch.rows)
                nested = entries
                try append(node, column, entries)
            }
        }
    }

    // MARK: Flat columns

    private mutating func appendFlat(
        _ index: Int, _ column: Column, _ selection: [UInt32]?, _ node: WriteNode
    ) throws {
        let count = selection?.count ?? column.count
        let leaf = schema.leaves[index]
        let nulls = column.nullCount
        if nulls == 0 {
            leaves[index].append(definition: nil, count: count, highest: leaf.maxDefinition)
            return try leaves[index].data.append(column, rows: selection, leaf)
        }
        let (levels, rows) = Self.present(column, selection)
        if rows.count < count && !node.isOptional { throw Self.nullNotAllowed(node) }
        leaves[index].append(
            definition: rows.count < count ? levels : nil, count: count,
            highest: leaf.maxDefinition)
        try leaves[index].data.append(column, rows: rows, leaf)
    }

    /// A level per row, and the rows that are not null.
    private static func present(
        _ column: Column, _ selection: [UInt32]?
    ) -> (levels: [UInt8], rows: [UInt32]) {
        let count = selection?.count ?? column.count
        guard let validity = column.validity else {
            // A column of the type `null`.
            return ([UInt8](repeating: 0, count: count), [])
        }
        var rows: [UInt32] = []
        rows.reserveCapacity(count)
        let levels = [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
            for i in 0..<count {
                let row = selection.map { $0[i] } ?? UInt32(truncatingIfNeeded: i)
                let isPresent = validity[Int(row)]
                target.initializeElement(at: i, to: isPresent ? 1 : 0)
                if isPresent { rows.append(row) }
            }
            initialized = count
        }
        return (levels, rows)
    }

    private static func nullNotAllowed(_ node: WriteNode) -> RunError {
        RunError(
            .parquetNullNotAllowed,
            "`\(node.name)` is `not null`, and a row to be written has a null",
            notes: [
                "filter such rows before the sink, use `coalesce`, or declare the column nullable"
            ])
    }

    // MARK: Nested columns

    /// Entries on the way down: where each stands in the column at hand, and its levels so far.
    private struct Entries {
        /// `-1` once an ancestor was null or empty.
        var rows: [Int32]
        var definition: [UInt8]
        var repetition: [UInt8]

        init(rows: [UInt32]) {
            self.rows = rows.map { Int32(bitPattern: $0) }
            definition = [UInt8](repeating: 0, count: rows.count)
            repetition = [UInt8](repeating: 0, count: rows.count)
        }
    }

    private mutating func append(_ node: WriteNode, _ column: Column, _ outer: Entries) throws {
        var entries = outer
        for i in entries.rows.indices where entries.rows[i] >= 0 {
            if column.isNull(Int(entries.rows[i])) {
                guard node.isOptional else { throw Self.nullNotAllowed(node) }
                entries.rows[i] = -1
            } else if node.isOptional {
                entries.definition[i] += 1
            }
        }
        switch (node.kind, column.values) {
        case (.leaf(let index), _): try appendLeaf(index, column, entries)
        case (.structure(let members), .structure(let columns, _)):
            guard members.count == columns.count else { throw mismatch(node, column) }
            for (member, column) in zip(members, columns) { try append(member, column, entries) }
        case (.list(let element, let level), .list(let offsets, let child)):
            try append(element, child.column, unfolded(entries, offsets, level))
        default: throw mismatch(node, column)
        }
    }

    /// One entry per element, and one per list without any.
    private func unfolded(_ outer: Entries, _ offsets: [Int32], _ level: UInt8) -> Entries {
        var inner = Entries(rows: [])
        for i in outer.rows.indices {
            let row = Int(outer.rows[i])
            let range = row < 0 ? 0..<0 : offsets[row]..<max(offsets[row], offsets[row + 1])
            if range.isEmpty {
                inner.rows.append(-1)
                inner.definition.append(outer.definition[i])
                inner.repetition.append(outer.repetition[i])
            }
            for element in range {
                inner.rows.append(element)
                inner.definition.append(outer.definition[i] + 1)
                inner.repetition.append(element == range.lowerBound ? outer.repetition[i] : level)
            }
        }
        return inner
    }

    private mutating func appendLeaf(_ index: Int, _ column: Column, _ entries: Entries) throws {
        let leaf = schema.leaves[index]
        leaves[index].append(
            definition: entries.definition, count: entries.rows.count, highest: leaf.maxDefinition)
        if leaf.maxRepetition > 0 {
            leaves[index].repetition.append(contentsOf: entries.repetition)
        }
        let rows = entries.rows.filter { $0 >= 0 }.map { UInt32(bitPattern: $0) }
        try leaves[index].data.append(column, rows: rows, leaf)
    }

    private func mismatch(_ node: WriteNode, _ column: Column) -> RunError {
        RunError(
            .parquetNotWritable, "`\(node.name)` arrives as `\(column.type)`, which is not its type"
        )
    }
}

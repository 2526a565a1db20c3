import PipelineDSL

/// Some rows of a relation: columns of equal length and, after a filter, which of their rows count.
///
/// Immutable and `Sendable`. Kernels compute over all physical rows; only those in `selection`
/// are rows of the relation, and only their errors count.
package struct Batch: Sendable {
    package var columns: [Column]
    /// Length of every column.
    package let physicalCount: Int
    /// Ascending indices of the rows that count; `nil` is all of them.
    package var selection: [UInt32]?
    /// Where the rows were read, for dead letters; `nil` after an operator that mixes origins.
    package var origin: Origin?

    /// The rows' place in the ``RowOrigin`` they came from.
    package struct Origin: Sendable {
        package var source: any RowOrigin
        /// Physical row to row of `source`; `nil` where they are the same.
        package var rows: [UInt32]?

        package init(_ source: any RowOrigin, rows: [UInt32]? = nil) {
            self.source = source
            self.rows = rows
        }

        package func row(_ physical: Int) -> Int { rows.map { Int($0[physical]) } ?? physical }
    }

    package init(
        columns: [Column], count: Int, selection: [UInt32]? = nil, origin: Origin? = nil
    ) {
        assert(columns.allSatisfy { $0.count == count })
        self.columns = columns
        self.physicalCount = count
        self.selection = selection
        self.origin = origin
    }

    /// Rows of the relation.
    package var count: Int { selection?.count ?? physicalCount }

    /// Physical indices of the rows that count.
    package var rows: [UInt32] {
        selection ?? (0..<UInt32(truncatingIfNeeded: physicalCount)).map { $0 }
    }

    /// The same rows with other columns, of the same physical length.
    package func replacing(columns: [Column]) -> Batch {
        Batch(columns: columns, count: physicalCount, selection: selection, origin: origin)
    }

    /// Only the physical rows in `rows`, which must be a subset of the current selection.
    package func selecting(_ rows: [UInt32]) -> Batch {
        Batch(
            columns: columns, count: physicalCount,
            selection: rows.count == physicalCount ? nil : rows, origin: origin)
    }

    /// Without a selection: filtered rows are dropped from memory.
    package func compacted() -> Batch {
        guard let selection else { return self }
        return gathered(selection)
    }

    /// `rows` are physical indices; any order, repeats allowed.
    package func gathered(_ rows: [UInt32]) -> Batch {
        Batch(
            columns: columns.map { $0.gather(rows) }, count: rows.count,
            origin: origin.map { origin in
                Origin(origin.source, rows: origin.rows.map { gatherValues($0, rows) } ?? rows)
            })
    }

    package func project(_ indices: [Int]) -> Batch {
        replacing(columns: indices.map { columns[$0] })
    }
}

/// Where the rows of one read unit stood, so that a rejected row can be shown as it was.
package protocol RowOrigin: Sendable {
    /// The source node.
    var source: String { get }
    /// The file, object or partition.
    var object: String { get }
    /// 1-based line of the row's first byte, or `nil` where the format has no lines.
    func line(_ row: Int) -> Int64?
    /// Byte offset in the object (uncompressed), or the record's number where it has no bytes.
    func offset(_ row: Int) -> Int64
    /// The row's original bytes without its line end; `nil` where the format has none.
    func raw(_ row: Int) -> [UInt8]?
}

import PipelineDSL

/// Rows that go into one encoded piece of one file.
package struct RowGroup: Sendable {
    /// Which file: the partition's folder relative to the table, empty for none.
    package var partition: String
    package var batches: [Batch]

    package init(partition: String, batches: [Batch]) {
        self.partition = partition
        self.batches = batches
    }

    package var rowCount: Int { batches.reduce(0) { $0 + $1.count } }
}

/// An encoded piece of a file, still to be appended to it in its turn.
package struct EncodedGroup: Sendable {
    package var partition: String
    package var rowCount: Int
    package var content: any Sendable
    /// Of the columns of the table's key, where the writer keeps them.
    var ranges = KeyRanges(columnCount: 0)

    init(partition: String, rowCount: Int, content: any Sendable, ranges: KeyRanges) {
        self.init(partition: partition, rowCount: rowCount, content: content)
        self.ranges = ranges
    }

    package init(partition: String, rowCount: Int, content: any Sendable) {
        self.partition = partition
        self.rowCount = rowCount
        self.content = content
    }
}

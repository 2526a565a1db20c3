/// A source that goes on: new files, a log, a queue. A streaming run reads it in slices, one an epoch;
/// what is in a slice is fixed before it is read, so an epoch that is repeated after a crash reads the
/// same rows.
package protocol StreamingSource: AnyObject {
    /// What there is beyond `position` now, at most about `limit`; `nil` where there is nothing new.
    /// Never waits.
    ///
    /// - Parameter position: where the last committed slice ended; `nil` before the first one.
    /// - Throws: ``RunError`` where the source cannot be read, or no longer has what follows
    ///   `position`.
    func slice(after position: SourcePosition?, limit: SliceLimit) throws -> SourceSlice?

    /// Whether a slice that is not read after all costs nothing: the next one has the same rows.
    var mayBeAskedAgain: Bool { get }

    /// Whether no row can come any more, whatever happens outside.
    var hasEnded: Bool { get }

    /// Whether rows will come by themselves, without anybody writing any: a run that ends when nothing
    /// is left waits for those.
    var isPending: Bool { get }

    /// Names of its partitions, also of those without rows, as the rows' origins call them: event
    /// time waits for each. Empty where it has none.
    var partitions: [String] { get }
}

extension StreamingSource {
    package var hasEnded: Bool { false }
    package var isPending: Bool { false }
    package var mayBeAskedAgain: Bool { true }
    package var partitions: [String] { [] }
}

/// How much one epoch reads of a source, at most about.
package struct SliceLimit: Sendable {
    package var rows: Int
    package var bytes: Int

    package init(rows: Int, bytes: Int) {
        self.rows = rows
        self.bytes = bytes
    }
}

/// A bounded part of a source.
package struct SourceSlice {
    /// Yields the rows of the slice, then `nil`.
    package var reader: any SourceReader
    /// Where the next slice begins.
    package var end: SourcePosition
    /// Whether rows come from partitions that each have an event time of their own.
    package var isPartitioned: Bool
    /// How many rows it has, where that is known before it is read.
    package var rows: Int?

    package init(
        reader: any SourceReader, end: SourcePosition, isPartitioned: Bool = false,
        rows: Int? = nil
    ) {
        self.reader = reader
        self.end = end
        self.isPartitioned = isPartitioned
        self.rows = rows
    }
}

/// What was read of a source, as a checkpoint keeps it.
package struct SourcePosition: Hashable, Sendable, Codable {
    /// Of partitions and shards, by their id: the sequence number of the next record.
    package var next: [String: Int64] = [:]
    /// Of files and objects that were read whole, by name: what they were then.
    package var objects: [String: ObjectStamp] = [:]

    package init(next: [String: Int64] = [:], objects: [String: ObjectStamp] = [:]) {
        self.next = next
        self.objects = objects
    }
}

/// Tells a file from another of the same name.
package struct ObjectStamp: Hashable, Sendable, Codable {
    package var bytes: Int64
    /// Microseconds since 1970.
    package var modified: Int64

    package init(bytes: Int64, modified: Int64) {
        self.bytes = bytes
        self.modified = modified
    }
}

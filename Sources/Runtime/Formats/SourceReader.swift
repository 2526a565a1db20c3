import PipelineDSL

/// Reads one object (a file) of a format, in two halves, so that decoding runs on every core.
///
/// `next` is called by one thread at a time and should do as little as it can: read bytes, find
/// the record boundaries, decompress. The unit it returns is decoded by any thread, in parallel
/// with the next ones. Units are numbered by the caller in the order of `next`; every row of a
/// unit comes before every row of the following one.
package protocol SourceReader: AnyObject {
    /// The next unit, or `nil` at the end. Throws ``RunError`` for what makes the rest unreadable.
    func next() throws -> (any SourceUnit)?
    /// What is to be done, once, when the epoch that read it commits: messages are deleted then.
    var acknowledgement: (any CommittableSink, Commit.Step)? { get }
}

extension SourceReader {
    package var acknowledgement: (any CommittableSink, Commit.Step)? { nil }
}

/// A piece of an object that decodes by itself: some lines of CSV, a row group of Parquet.
package protocol SourceUnit: Sendable {
    /// Encoded bytes, for progress and the memory bound.
    var byteCount: Int { get }
    /// Where the next unit starts in the object: what a checkpoint stores as the position.
    var endPosition: Int64 { get }
    /// Decodes into batches of at most `batchRows` rows, in order. Never throws for a bad row: that
    /// is rejected; throws ``RunError`` where the unit itself is broken.
    func decode(batchRows: Int, _ emit: (SourceBatch) throws -> Void) throws
}

/// Rows that were decoded and rows that could not be.
package struct SourceBatch: Sendable {
    package var batch: Batch
    package var rejected: [RejectedRow]
    /// Rows seen in the input: `batch.count + rejected.count`.
    package var rowsRead: Int { batch.count + rejected.count }

    package init(batch: Batch, rejected: [RejectedRow] = []) {
        self.batch = batch
        self.rejected = rejected
    }
}

/// A row that did not become one, as the dead letters keep it.
package struct RejectedRow: Sendable {
    /// File, object or partition.
    package var object: String
    package var line: Int64?
    package var offset: Int64?
    /// The rule's name, or the code of what went wrong.
    package var rule: String
    package var code: DiagnosticCode
    /// For people: which column, what was there, what was expected.
    package var message: String
    package var column: String?
    /// The expression or declaration in the spec that refused it.
    package var span: SourceSpan?
    /// The original bytes; `nil` where the format has none.
    package var raw: [UInt8]?
    /// How often a stage has tried it; `nil` where nothing is tried again.
    package var attempt: Int?
    /// The stage whose batch it was in.
    package var stage: String?

    package init(
        object: String, line: Int64? = nil, offset: Int64? = nil, rule: String,
        code: DiagnosticCode, message: String, column: String? = nil, span: SourceSpan? = nil,
        raw: [UInt8]? = nil
    ) {
        self.object = object
        self.line = line
        self.offset = offset
        self.rule = rule
        self.code = code
        self.message = message
        self.column = column
        self.span = span
        self.raw = raw
    }
}

/// What ends a run: never a bad row, always something about the machine, a file or a limit.
package struct RunError: Error, Sendable {
    package var diagnostic: Diagnostic

    package init(_ diagnostic: Diagnostic) { self.diagnostic = diagnostic }

    package init(
        _ code: DiagnosticCode, _ message: String, at span: SourceSpan? = nil, notes: [String] = []
    ) {
        diagnostic = Diagnostic(code, message, at: span, notes: notes)
    }
}

/// A test in the spec. Its rows are kept as written until they are checked against the columns of
/// the nodes they are for.
public struct TestDeclaration: Hashable, Sendable {
    public var name: Spanned<String>
    public var description: String?
    /// What the clock shows at the start: a timestamp as written.
    public var now: Spanned<String>?
    public var given: [GivenDeclaration]
    /// `nil` where the test is a batch run; with steps, even none, it is a streaming run.
    public var then: [TestStepDeclaration]?
    public var expect: ExpectDeclaration
    public var span: SourceSpan

    public init(
        name: Spanned<String>, description: String? = nil, now: Spanned<String>? = nil,
        given: [GivenDeclaration], then: [TestStepDeclaration]?, expect: ExpectDeclaration,
        span: SourceSpan
    ) {
        self.name = name
        self.description = description
        self.now = now
        self.given = given
        self.then = then
        self.expect = expect
        self.span = span
    }
}

/// What a test puts in the place of a node.
public struct GivenDeclaration: Hashable, Sendable {
    public enum Content: Hashable, Sendable {
        /// Mappings of columns to values.
        case rows([YAMLNode])
        /// Relative to the spec; read in the format of the source.
        case file(Spanned<String>)
        /// The text of a file, read in the format of the source.
        case lines(SourceText)
    }

    public var node: Spanned<String>
    public var content: Content
    /// Of a stream: where the rows come from, each with an event time of its own.
    public var partition: String?
    public var span: SourceSpan

    public init(
        node: Spanned<String>, content: Content, partition: String? = nil, span: SourceSpan
    ) {
        self.node = node
        self.content = content
        self.partition = partition
        self.span = span
    }
}

/// One thing that happens to a streaming run.
public struct TestStepDeclaration: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// The clock moves by so many microseconds.
        case advance(Int64)
        /// More rows arrive.
        case rows([GivenDeclaration])
        case crash(CrashPoint)
        case restart
        /// No row will come any more.
        case end
    }

    /// Where a run dies.
    public enum CrashPoint: Hashable, Sendable {
        /// Within an epoch, once this many of its rows are on their way.
        case afterRow(Int)
        /// At the end of an epoch, before it is decided.
        case beforeCommit
        /// Once an epoch is committed.
        case afterEpoch
    }

    public var kind: Kind
    public var span: SourceSpan

    public init(_ kind: Kind, span: SourceSpan) {
        self.kind = kind
        self.span = span
    }
}

/// What must be there in the end.
public struct ExpectDeclaration: Hashable, Sendable {
    public var nodes: [RowsExpectation]
    /// Of rejected rows.
    public var deadLetters: RowsExpectation?
    /// How many rows came too late.
    public var late: Spanned<Int64>?
    /// The code that the run must fail with.
    public var fails: Spanned<String>?
    public var span: SourceSpan

    public init(
        nodes: [RowsExpectation] = [], deadLetters: RowsExpectation? = nil,
        late: Spanned<Int64>? = nil, fails: Spanned<String>? = nil, span: SourceSpan
    ) {
        self.nodes = nodes
        self.deadLetters = deadLetters
        self.late = late
        self.fails = fails
        self.span = span
    }
}

/// Rows that are expected of a node.
public struct RowsExpectation: Hashable, Sendable {
    public enum Matching: String, Hashable, Sendable, CaseIterable {
        /// Only the columns that are named are compared.
        case partial
        /// Columns that are not named must be null.
        case exact
    }

    public var node: Spanned<String>
    /// Mappings of columns to values; `nil` where only the count matters.
    public var rows: [YAMLNode]?
    /// Whether there may be more rows than these.
    public var allowsMore: Bool
    public var matching: Matching
    public var isOrdered: Bool
    public var count: Spanned<Int64>?
    public var span: SourceSpan

    public init(
        node: Spanned<String>, rows: [YAMLNode]?, allowsMore: Bool = false,
        matching: Matching = .partial, isOrdered: Bool = false, count: Spanned<Int64>? = nil,
        span: SourceSpan
    ) {
        self.node = node
        self.rows = rows
        self.allowsMore = allowsMore
        self.matching = matching
        self.isOrdered = isOrdered
        self.count = count
        self.span = span
    }
}

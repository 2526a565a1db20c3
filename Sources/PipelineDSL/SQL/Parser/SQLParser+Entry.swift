/// A type in a column declaration: `string not null`.
public struct ColumnType: Hashable, Sendable {
    /// `nil` where it could not be understood.
    public var type: DataType?
    public var isNotNull: Bool

    public init(type: DataType?, isNotNull: Bool = false) {
        self.type = type
        self.isNotNull = isNotNull
    }
}

extension SQLParser {
    /// An expression that is the whole text, such as a `where:` or a rule.
    public static func expression(_ source: SourceText) -> (Expression, [Diagnostic]) {
        let invalid = Expression(.invalid, span: source.span)
        return parse(source, otherwise: invalid, expecting: "an expression") {
            (parser) throws(SyntaxError) in
            parser.allowsDurations = true
            return try parser.expression()
        }
    }

    /// A query that is the whole text, such as a `sql:`; `nil` where not even its kind is clear.
    /// A semicolon at its end is accepted.
    public static func query(_ source: SourceText) -> (Query?, [Diagnostic]) {
        parse(source, otherwise: nil, expecting: "a query") {
            (parser) throws(SyntaxError) -> Query? in
            try parser.statement()
        }
    }

    /// A type with an optional `not null`, as in a column declaration.
    public static func type(_ source: SourceText) -> (ColumnType, [Diagnostic]) {
        parse(
            source, otherwise: ColumnType(type: nil), expecting: "a type",
            behind: "`not null` or the end of the text"
        ) {
            (parser) throws(SyntaxError) in
            try parser.columnType()
        }
    }

    /// A list as after `ORDER BY`: `recorded_at DESC NULLS LAST, vehicle_id`.
    public static func orderItems(_ source: SourceText) -> ([OrderItem], [Diagnostic]) {
        parse(source, otherwise: [], expecting: "an expression") { (parser) in parser.orderItems() }
    }

    /// A list as after `SELECT`: `vehicle_id, count(*) AS pings`.
    public static func selectItems(_ source: SourceText) -> ([SelectItem], [Diagnostic]) {
        parse(source, otherwise: [], expecting: "an expression") { (parser) in
            parser.selectItems()
        }
    }

    /// Used for the text form of a type, in which the type of a bare `NULL` has a name as well.
    static func typeText(_ source: SourceText) -> (ColumnType, [Diagnostic]) {
        parse(
            source, otherwise: ColumnType(type: nil), expecting: "a type",
            behind: "`not null` or the end of the text"
        ) {
            (parser) throws(SyntaxError) in
            parser.allowsNullType = true
            return try parser.columnType()
        }
    }

    /// `name: type [not null]`, the text form of a field.
    static func fieldText(_ source: SourceText) -> (Field?, [Diagnostic]) {
        parse(source, otherwise: nil, expecting: "a field") {
            (parser) throws(SyntaxError) -> Field? in
            parser.allowsNullType = true
            return try parser.structureField()
        }
    }

    private static func parse<T>(
        _ source: SourceText, otherwise: T, expecting what: String,
        behind: String = "an operator or the end of the text",
        _ body: (inout SQLParser) throws(SyntaxError) -> T
    ) -> (T, [Diagnostic]) {
        guard var parser = SQLParser(source) else { return (otherwise, [tooLong(source)]) }
        if parser.current.kind == .endOfText {
            parser.report(
                Diagnostic(.emptyText, "\(what) is missing: the text is empty", at: source.span))
            return (otherwise, parser.finished())
        }
        var result = otherwise
        do {
            result = try body(&parser)
            parser.expectEnd(orElse: behind)
        } catch {
            parser.skipToEnd()
        }
        return (result, parser.finished())
    }

    /// Nothing but a semicolon may be left.
    private mutating func expectEnd(orElse expected: String) {
        var hasSemicolon = false
        while accept(.semicolon) { hasSemicolon = true }
        guard current.kind != .endOfText else { return }
        if hasSemicolon {
            _ = fail(
                .moreThanOneStatement, "only one statement is allowed here",
                label: "a second one starts here")
        } else if isCloser(current.kind) {
            _ = fail(
                .unclosedBracket, "nothing is open that this \(found) could close",
                fix: Diagnostic.Fix("remove it", span: span(at: index), replacement: ""))
        } else {
            _ = unexpected(expected)
        }
    }

    private mutating func skipToEnd() { index = tokens.count - 1 }
}

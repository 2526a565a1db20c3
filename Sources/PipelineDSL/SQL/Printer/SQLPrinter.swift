/// Writes a syntax tree as canonical text: one line, keywords in capitals, names quoted only where
/// they must be, parentheses only where precedence needs them.
///
/// Two texts have the same canonical text exactly if they differ in nothing but layout, comments,
/// letter case of keywords and functions, needless quotes and parentheses, and spellings of one
/// thing (`!=` and `<>`, `x::t` and `CAST(x AS t)`). Parsing it yields the same tree again.
public struct SQLPrinter {
    var output = ""

    public static func text(_ expression: Expression) -> String { text(expression, in: .or) }

    public static func text(_ query: Query) -> String {
        var printer = SQLPrinter()
        printer.write(query)
        return printer.output
    }

    public static func text(_ item: OrderItem) -> String {
        var printer = SQLPrinter()
        printer.write(item)
        return printer.output
    }

    public static func text(_ item: SelectItem) -> String {
        var printer = SQLPrinter()
        printer.write(item)
        return printer.output
    }

    /// The expression as an operand of an operator of that precedence, in parentheses if need be.
    static func text(_ expression: Expression, in context: Precedence) -> String {
        var printer = SQLPrinter()
        printer.write(expression, in: context)
        return printer.output
    }

    /// A name as it can stand in a query: in double quotes where it is reserved or has other
    /// characters than letters, digits and underscores.
    public static func identifier(_ name: String) -> String {
        isBare(name) ? name : quoted(name)
    }

    static func quoted(_ name: String) -> String {
        let parts = name.split(separator: "\"", omittingEmptySubsequences: false)
        return "\"\(parts.joined(separator: "\"\""))\""
    }

    /// Whether a name needs no quotes: it is a word, and not one the grammar could take for
    /// something else.
    private static func isBare(_ name: String) -> Bool {
        guard isWord(name) else { return false }
        guard name.utf8.count <= Keyword.longest, let keyword = Keyword.named(name.lowercased())
        else { return true }
        return !keyword.isReserved && !keyword.continuesExpression && !special.contains(keyword)
    }

    static func isWord(_ name: String) -> Bool {
        guard let first = name.unicodeScalars.first, first == "_" || first.properties.isXIDStart
        else { return false }
        return name.unicodeScalars.allSatisfy {
            $0.isASCII ? UInt8(ascii: $0).isWordByte : $0.properties.isXIDContinue
        }
    }

    private static let special: Set<Keyword> = [
        .array, .interval, .currentDate, .currentTime, .currentTimestamp, .localtimestamp,
        .partition, .rows, .range, .groups, .exclude, .replace, .unnest, .table, .values,
        .nulls, .rollup, .cube, .grouping,
    ]

    // MARK: Pieces

    mutating func write(_ text: String) { output += text }

    mutating func write(name: Identifier) { output += Self.identifier(name.text) }

    mutating func write(path: [Identifier]) {
        list(path, separator: ".") { $0.write(name: $1) }
    }

    mutating func write(names: [Identifier]) {
        write("(")
        list(names) { $0.write(name: $1) }
        write(")")
    }

    mutating func list<T>(
        _ items: [T], separator: String = ", ", _ body: (inout SQLPrinter, T) -> Void
    ) {
        for (index, item) in items.enumerated() {
            if index > 0 { output += separator }
            body(&self, item)
        }
    }

    mutating func write(_ items: [Expression]) {
        list(items) { $0.write($1, in: .or) }
    }
}

extension Expression {
    /// Whether both differ in nothing that matters: see ``SQLPrinter``.
    public func isSameAsWritten(_ other: Expression) -> Bool {
        SQLPrinter.text(self) == SQLPrinter.text(other)
    }
}

extension Query {
    /// Whether both differ in nothing that matters: see ``SQLPrinter``.
    public func isSameAsWritten(_ other: Query) -> Bool {
        SQLPrinter.text(self) == SQLPrinter.text(other)
    }
}

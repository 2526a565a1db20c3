extension SQLParser {
    /// `type [not null]`
    mutating func columnType() throws(SyntaxError) -> ColumnType {
        let type = try typeName()
        return ColumnType(type: type.type, isNotNull: try nullability())
    }

    /// `NOT NULL`, `NULL` or nothing.
    private mutating func nullability() throws(SyntaxError) -> Bool {
        if accept(.not) {
            _ = repairMisspelling(among: [.null])
            try expect(.null)
            return true
        }
        _ = accept(.null)
        return false
    }

    /// A type as in a cast or a column.
    mutating func typeName() throws(SyntaxError) -> TypeName {
        let start = index
        var type = try nested { (parser) throws(SyntaxError) in
            let outer = parser.openTypes
            defer { parser.openTypes = outer }
            return try parser.elementType()
        }
        while at(.leftBracket) {
            advance()
            _ = accept(.integer)
            try expect(.rightBracket, "]")
            type = type.map { .array($0) }
            try grow()
        }
        return TypeName(type, span: span(from: start))
    }

    private mutating func elementType() throws(SyntaxError) -> DataType? {
        guard at(.word) || at(.quotedName) else { throw unexpected("a type") }
        let word = text.name(current).lowercased()
        switch word {
        case "decimal", "numeric", "dec": return try decimalType()
        case "array", "list": return try arrayType(word)
        case "map": return try mapType()
        case "struct", "row": return try structureType(word)
        case "null" where allowsNullType:
            advance()
            return .null
        default: return try simpleType(word)
        }
    }

    private mutating func simpleType(_ word: String) throws(SyntaxError) -> DataType? {
        let nameIndex = index
        advance()
        if word == "double" { _ = accept(.precision) }
        if word == "char" || word == "character" { _ = accept(.varying) }
        let type = word == "character" || word == "bpchar" ? .string : DataType.named(word)
        guard let type else { return unknownType(word, at: nameIndex) }
        let parameters = try typeParameters()
        if word == "timestamp" || word == "time" { try timeZoneSuffix() }
        if word == "float", let bits = parameters.first { return bits <= 24 ? .real : .double }
        return type
    }

    private mutating func unknownType(_ word: String, at nameIndex: Int) -> DataType? {
        let near = nearName(word, among: DataType.allNames)
        let written = text.raw(tokens[nameIndex])
        report(
            Diagnostic(
                .unknownType, "`\(written)` is not a type", at: span(at: nameIndex),
                label: near.map { "did you mean `\($0)`?" } ?? "",
                notes: [
                    "types: boolean, integer, bigint, real, double, decimal(p,s), string, bytes, "
                        + "date, time, timestamp, interval, uuid, json, array<T>, map<K, V>, "
                        + "struct<name: T, …>"
                ],
                fix: near.map {
                    Diagnostic.Fix("write `\($0)`", span: span(at: nameIndex), replacement: $0)
                }))
        if at(.leftParenthesis), Int(closers[index]) > index {
            index = Int(closers[index])
            advance()
        }
        return nil
    }

    /// `WITH TIME ZONE`, `WITHOUT TIME ZONE`: a timestamp is a UTC instant either way.
    private mutating func timeZoneSuffix() throws(SyntaxError) {
        guard at(.with) || at(.without), peek().keyword == .time else { return }
        advance()
        advance()
        try expect(.zone)
    }

    /// `(20)`, `(12, 2)`, or nothing.
    private mutating func typeParameters() throws(SyntaxError) -> [Int] {
        guard at(.leftParenthesis) else { return [] }
        let opener = index
        advance()
        let numbers = list(of: "parameters of a type") { (parser) throws(SyntaxError) -> Int in
            guard parser.at(.integer), let value = Int(parser.text.number(parser.current)) else {
                throw parser.unexpected("a number")
            }
            parser.advance()
            return value
        }
        try close(.rightParenthesis, ")", opener: opener)
        return numbers
    }

    /// `decimal(p, s)`; without a scale it has none, without both it is `decimal(18,3)`, as in
    /// DuckDB.
    private mutating func decimalType() throws(SyntaxError) -> DataType? {
        let start = index
        advance()
        let parameters = try typeParameters()
        let precision = parameters.first ?? 18
        let scale = parameters.count > 1 ? parameters[1] : parameters.isEmpty ? 3 : 0
        let fits = (1...38).contains(precision) && (0...precision).contains(scale)
        if fits, parameters.count <= 2 { return .decimal(precision: precision, scale: scale) }
        report(
            Diagnostic(
                .malformedType, "there is no such decimal type", at: span(from: start),
                notes: [
                    "`decimal(precision, scale)` has 1 to 38 digits, of which `scale` stand after "
                        + "the point"
                ]))
        return nil
    }

    /// The opening bracket of a nested type: `<`, or `(` as DuckDB writes it.
    private mutating func openType(_ word: String, _ example: String) throws(SyntaxError) -> Int {
        advance()
        guard at(.less) || at(.leftParenthesis) else {
            throw unexpected("`<`", notes: ["it is written `\(example)`"])
        }
        let opener = index
        if at(.less) { openTypes += 1 }
        advance()
        return opener
    }

    private mutating func closeType(_ opener: Int) throws(SyntaxError) {
        if tokens[opener].kind == .leftParenthesis {
            return try close(.rightParenthesis, ")", opener: opener)
        }
        switch current.kind {
        case .greater: advance()
        case .shiftRight:
            // `array<array<string>>`: one half of it for each of the two.
            tokens[index].kind = .greater
            tokens[index].start += 1
        default:
            throw unexpected(
                "`>`", secondary: [Diagnostic.Label(span(at: opener), "to close this")])
        }
    }

    private mutating func arrayType(_ word: String) throws(SyntaxError) -> DataType? {
        let opener = try openType(word, "array<string>")
        let element = try typeName()
        if at(.not) {
            throw fail(
                .malformedType, "the elements of an array may always be null",
                notes: ["`not null` belongs to columns and to fields of a struct"])
        }
        try closeType(opener)
        return element.type.map { .array($0) }
    }

    private mutating func mapType() throws(SyntaxError) -> DataType? {
        let opener = try openType("map", "map<string, double>")
        let key = try typeName()
        try expect(.comma, ",")
        let value = try typeName()
        try closeType(opener)
        guard let key = key.type, let value = value.type else { return nil }
        return .map(key, value)
    }

    private mutating func structureType(_ word: String) throws(SyntaxError) -> DataType? {
        if peek().kind == .notEqual {
            // `struct<>`, which the lexer takes for an operator.
            advance()
            advance()
            return .structure([])
        }
        let opener = try openType(word, "struct<id: bigint, name: string>")
        var isComplete = true
        var fields: [Field] = []
        if !at(.greater), !at(.rightParenthesis) {
            let parsed = list(of: "fields", startsWithName: true) { (parser) throws(SyntaxError) in
                try parser.structureField()
            } placeholder: { _ in
                .some(nil)
            }
            isComplete = parsed.allSatisfy { $0 != nil }
            fields = parsed.compactMap(\.self)
        }
        try closeType(opener)
        return isComplete ? .structure(fields) : nil
    }

    /// `name: type [not null]`; the colon may be missing, as in SQL.
    mutating func structureField() throws(SyntaxError) -> Field? {
        let name = try label("the name of a field")
        _ = accept(.colon)
        let type = try columnType()
        return type.type.map { Field(name.text, $0, nullable: !type.isNotNull) }
    }

    /// `DATE '2026-01-01'`, `timestamp with time zone '…'`; `nil` where it is none.
    mutating func typedLiteral() throws(SyntaxError) -> Expression? {
        guard at(.word), let length = typedLiteralLength() else { return nil }
        let start = index
        let type = try typeName()
        guard index == start + length else { return nil }
        let literalIndex = index
        let isQuotedName = at(.quotedName)
        if isQuotedName { reportQuotedLiteral("a literal") }
        let value = isQuotedName ? text.name(current) : stringValue(current)
        advance()
        let literal = Expression(.literal(.string(value)), span: span(at: literalIndex))
        return Expression(.cast(literal, type, isTry: false), span: span(from: start))
    }

    /// How many words of a type stand before a text literal here.
    private func typedLiteralLength() -> Int? {
        func isText(_ distance: Int) -> Bool {
            switch peek(distance).kind {
            case .string, .escapeString, .dollarString: true
            default: false
            }
        }
        let isZoned = peek(1).keyword == .with || peek(1).keyword == .without
        let length =
            isZoned && peek(2).keyword == .time && peek(3).keyword == .zone
            ? 4 : peek(1).keyword == .precision ? 2 : 1
        let word = text.raw(current).lowercased()
        guard word != "null", word != "char" else { return nil }
        guard DataType.named(word) != nil else { return nil }
        let isQuotedMoment =
            peek(length).kind == .quotedName
            && ["date", "time", "timestamp", "timestamptz"].contains(word)
            && text.name(peek(length)).utf8.first?.isASCIIDigit ?? false
        return isText(length) || isQuotedMoment ? length : nil
    }
}

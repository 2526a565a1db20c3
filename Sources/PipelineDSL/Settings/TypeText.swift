/// A column type with an optional `not null`.
func parseType(_ source: SourceText) -> (DataType?, notNull: Bool, [Diagnostic]) {
    let words = source.text.split(whereSeparator: \.isWhitespace).map { $0.lowercased() }
    let notNull = words.suffix(2) == ["not", "null"]
    let name = (notNull ? words.dropLast(2) : words[...]).joined(separator: " ")
    if let type = DataType.named(name) { return (type, notNull, []) }
    let near = nearName(name, among: DataType.allNames)
    return (
        nil, notNull,
        [
            Diagnostic(
                .badType, "`\(name)` is not a type", at: source.span,
                label: near.map { "did you mean `\($0)`?" } ?? "",
                notes: ["types: \(quotedList(DataType.allNames))"])
        ]
    )
}

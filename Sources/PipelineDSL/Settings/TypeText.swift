/// A column type with an optional `not null`.
func parseType(_ source: SourceText) -> (DataType?, notNull: Bool, [Diagnostic]) {
    let (column, problems) = SQLParser.type(source)
    return (column.type, column.isNotNull, problems)
}

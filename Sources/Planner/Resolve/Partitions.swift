import PipelineDSL

extension Checker {
    /// The folders a table is split into; `nil` where something is wrong with one of them.
    mutating func partitions(
        _ written: [SourceText], _ schema: Schema, of table: String
    ) -> [NamedExpression]? {
        let scope = Scope(schema, name: table)
        var result: [NamedExpression] = []
        var isRight = true
        for source in written {
            guard let expression = expression(source, scope),
                isUsable(expression, source, schema, table)
            else {
                isRight = false
                continue
            }
            let name = PartitionName.of(source) ?? "partition_\(result.count + 1)"
            if let problem = collision(name, expression, result, schema, source) {
                bag.add(problem)
                isRight = false
                continue
            }
            result.append(
                NamedExpression(name, expression, pii: expression.pii(over: schema)))
        }
        return isRight ? result : nil
    }

    private mutating func isUsable(
        _ expression: TypedExpression, _ source: SourceText, _ schema: Schema, _ table: String
    ) -> Bool {
        switch expression.type {
        case .boolean, .integer, .bigint, .string, .date, .timestamp, .decimal, .uuid: break
        default:
            bag.add(
                Diagnostic(
                    .partitionExpression, "`\(table)` cannot be partitioned by a \(expression.type)",
                    at: source.span,
                    notes: ["a date, a whole number or a text has an exact name: `date(…)`"]))
            return false
        }
        guard !expression.columns.isEmpty else {
            bag.add(
                Diagnostic(
                    .partitionExpression, "this is the same for every row", at: source.span,
                    notes: ["partition by a column or a function of one"]))
            return false
        }
        return true
    }

    private func collision(
        _ name: String, _ expression: TypedExpression, _ earlier: [NamedExpression],
        _ schema: Schema, _ source: SourceText
    ) -> Diagnostic? {
        let isColumn = schema.index(of: name).map { expression.columnIndex == $0 } ?? true
        guard isColumn, !earlier.contains(where: { $0.name == name }) else {
            return Diagnostic(
                .partitionExpression, "the partition would be called `\(name)`, which is taken",
                at: source.span, notes: ["derive a column for it and partition by that"])
        }
        return nil
    }
}

/// `date(recorded_at)` → `date_recorded_at`, `date_trunc('hour', t)` → `date_trunc_hour_t`; a column
/// has its own name.
enum PartitionName {
    static func of(_ source: SourceText) -> String? {
        let (expression, problems) = SQLParser.expression(source)
        guard problems.isEmpty else { return nil }
        let words = words(expression)
        guard !words.isEmpty, words.count <= 8 else { return nil }
        return words.joined(separator: "_")
    }

    private static func words(_ expression: Expression) -> [String] {
        switch expression.kind {
        case .name(let path): return path.last.map { [clean($0.text)] } ?? []
        case .call(let call): return [clean(call.name.text)] + call.arguments.flatMap(words)
        case .extract(let field, let operand):
            return [clean(field.text.lowercased())] + words(operand)
        case .cast(let operand, let type, _):
            return words(operand) + (type.type.map { [clean($0.description)] } ?? [])
        case .literal(.string(let text)): return [clean(text)]
        case .literal(.integer(let digits)): return [digits]
        default:
            var found: [String] = []
            expression.forEachChild { found += words($0) }
            return found
        }
    }

    /// Only what stands in a folder's name without quotes.
    private static func clean(_ text: String) -> String {
        let scalars = text.lowercased().unicodeScalars.map { scalar -> Character in
            scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
                ? Character(scalar) : "_"
        }
        return String(scalars)
    }
}

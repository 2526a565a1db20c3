import PipelineDSL
import Planner

/// Columns that depend on other columns.
extension GenerateBuilder {
    /// Finds the columns whose values walk by themselves.
    mutating func resolveWalks(
        _ columns: inout [MadeColumn], _ entries: [SettingValue.MappingEntry]
    ) {
        for c in columns.indices {
            guard case .walk(var walk) = columns[c].maker else { continue }
            let name = schema.fields[columns[c].index].name
            let entry = entries.first { schema[$0.key.value]?.name == name }
            guard case .object(let own)? = entry?.value.kind,
                let by = own.object("walk")?.spannedName("by")
            else { continue }
            guard let position = walkable(by, columns, besides: name) else { continue }
            walk.by = position
            columns[c].maker = .walk(walk)
        }
    }

    private mutating func walkable(
        _ by: Spanned<String>, _ columns: [MadeColumn], besides own: String
    ) -> Int? {
        let fitting = columns.filter { column in
            let type = schema.fields[column.index].type
            return !column.maker.isWalk && (type.isInteger || type == .string)
        }
        if let position = schema.index(of: by.value),
            fitting.contains(where: { $0.index == position })
        {
            return position
        }
        let names = fitting.map { schema.fields[$0.index].name }
        let near = nearName(by.value, among: names)
        report(
            .generateColumn, "`\(own)` cannot walk by `\(by.value)`", at: by.span,
            label: near.map { "did you mean `\($0)`?" } ?? "",
            notes: [
                names.isEmpty
                    ? "declare a column of text or whole numbers, such as an id"
                    : "columns of text or whole numbers: \(names.joined(separator: ", "))"
            ],
            fix: near.map { .init("use `\($0)`", span: by.span, replacement: $0) })
        return nil
    }

    /// In the order of the schema; each sees what is made and what is computed above it.
    mutating func computed(_ formulas: [(Int, SourceText)]) -> [GeneratedTable.Computed] {
        let open = Set(formulas.map(\.0))
        var visible = schema.fields.indices.filter { !open.contains($0) }
        var computed: [GeneratedTable.Computed] = []
        for (index, text) in formulas {
            let field = schema.fields[index]
            let input = Schema(visible.map { schema.fields[$0] })
            if let expression = expression(text, field, input) {
                computed.append(.init(index: index, input: visible, expression: expression))
            }
            visible.append(index)
        }
        return computed
    }

    private mutating func expression(
        _ text: SourceText, _ field: Field, _ input: Schema
    ) -> CompiledExpression? {
        var bag = DiagnosticBag()
        let scope = Scope(input, name: "the generated columns")
        let typed = ExpressionChecker().check(
            text, as: field.type, in: scope, diagnostics: &bag)
        diagnostics += bag.all
        guard let typed else { return nil }
        if typed.isNullable, !field.nullable {
            report(
                .generateType, "`\(field.name)` is `not null`, and this may be null",
                at: text.span,
                notes: ["use `coalesce(…)`, or declare the column without `not null`"])
        }
        do {
            return try CompiledExpression(typed, input: input, run: RunConstants(now: now))
        } catch let error as RunError {
            diagnostics.append(error.diagnostic)
        } catch {
            report(.generateType, "\(error)", at: text.span)
        }
        return nil
    }
}

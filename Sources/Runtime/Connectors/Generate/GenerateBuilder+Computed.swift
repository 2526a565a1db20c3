import PipelineDSL
import Planner

/// Columns that depend on other columns.
extension GenerateBuilder {
    /// An expression, of the kinds of the mix that have it.
    struct Formula {
        var index: Int
        /// `nil` where all do.
        var kinds: [Bool]?
        var text: SourceText
    }

    /// Finds the columns whose values walk by themselves.
    mutating func resolveWalks(_ columns: inout [MadeColumn]) {
        let keys = columns.filter { column in
            let type = schema.fields[column.index].type
            return !column.needsOthers && (type.isInteger || type == .string)
        }.map(\.index)
        for c in columns.indices { resolveWalk(&columns[c], keys) }
    }

    private mutating func resolveWalk(_ column: inout MadeColumn, _ keys: [Int]) {
        for b in column.branches.indices { resolveWalk(&column.branches[b].column, keys) }
        switch column.maker {
        case .walk(var walk):
            guard let by = walk.name else { return }
            walk.by = walkable(by, keys, besides: schema.fields[column.index].name)
            column.maker = .walk(walk)
        case .object(var members):
            for m in members.indices { resolveWalk(&members[m].column, keys) }
            column.maker = .object(members)
        default: return
        }
    }

    private mutating func walkable(
        _ by: Spanned<String>, _ keys: [Int], besides own: String
    ) -> Int? {
        if let position = schema.index(of: by.value), keys.contains(position) { return position }
        let names = keys.map { schema.fields[$0].name }
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
    mutating func computed(_ formulas: [Formula]) -> [GeneratedTable.Computed] {
        let open = Set(formulas.map(\.index))
        var visible = schema.fields.indices.filter { !open.contains($0) }
        var computed: [GeneratedTable.Computed] = []
        for (place, formula) in formulas.enumerated() {
            let field = schema.fields[formula.index]
            let input = Schema(visible.map { schema.fields[$0] })
            if let expression = expression(formula.text, field, input) {
                computed.append(
                    .init(
                        index: formula.index, input: visible, expression: expression,
                        kinds: formula.kinds))
            }
            // Of several kinds, none sees another.
            let isLast = place + 1 == formulas.count || formulas[place + 1].index != formula.index
            if isLast { visible.append(formula.index) }
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

import PipelineDSL

extension ExpressionTyper {
    /// `a`, `t.a`, `zone.table.a`, and fields of structs behind each of them.
    mutating func name(_ path: [Identifier], _ span: SourceSpan) -> TypedExpression? {
        switch lookup(path, span) {
        case .found(let column): return column
        case .failed: return nil
        case .absent: break
        }
        if let window = eventWindowBound(path) { return window }
        switch alias(path) {
        case .found(let expression): return expression
        case .failed: return nil
        case .absent: break
        }
        guard let first = path.first, !reportForbidden(path, span) else { return nil }
        path.count > 1
            ? reportQualifier(path) : reportColumn(first, in: scope.unqualified, scope.title)
        return nil
    }

    /// A column of this query or the one around it.
    private func lookup(_ path: [Identifier], _ span: SourceSpan) -> Resolution {
        guard let first = path.first else { return .failed }
        let found = qualified(path, span)
        guard case .absent = found else { return found }
        switch scope.match(first.text, in: scope.unqualified) {
        case .found(let column):
            return Resolution(fields(path.dropFirst(), of: typed(column, first.span), span))
        case .ambiguous(let columns):
            reportAmbiguous(first, columns)
            return .failed
        case .none: return outerColumn(path, span)
        }
    }

    private enum Resolution {
        case found(TypedExpression)
        /// A diagnostic says what is wrong with it.
        case failed
        case absent

        init(_ result: TypedExpression?) { self = result.map { .found($0) } ?? .failed }
    }

    private func typed(_ column: Scope.Column, _ span: SourceSpan) -> TypedExpression {
        TypedExpression(
            .column(column.index), type: column.field.type, nullable: column.field.nullable,
            fallible: false, span: span)
    }

    /// The longest qualifier that names a table wins.
    private func qualified(_ path: [Identifier], _ span: SourceSpan) -> Resolution {
        guard path.count > 1 else { return .absent }
        for length in (1..<path.count).reversed() {
            let qualifier = path[..<length].map(\.text)
            let tables = scope.tables(answeringTo: qualifier)
            guard !tables.isEmpty else { continue }
            let candidates = tables.flatMap { scope.columns(of: $0) }
            switch scope.match(path[length].text, in: candidates) {
            case .found(let column):
                let end = path[0].span.through(path[length].span)
                return Resolution(fields(path[(length + 1)...], of: typed(column, end), span))
            case .ambiguous(let columns):
                reportAmbiguous(path[length], columns)
                return .failed
            case .none:
                // A struct column may have the name of its table.
                if case .found = scope.match(path[0].text, in: scope.unqualified) { return .absent }
                reportColumn(path[length], in: candidates, qualifier.joined(separator: "."))
                return .failed
            }
        }
        return .absent
    }

    private func fields(
        _ names: ArraySlice<Identifier>, of operand: TypedExpression, _ span: SourceSpan
    ) -> TypedExpression? {
        var result = operand
        for name in names {
            guard let next = field(result, name, span) else { return nil }
            result = next
        }
        return result
    }

    // MARK: Structs

    func field(
        _ operand: TypedExpression, _ name: Identifier, _ span: SourceSpan
    ) -> TypedExpression? {
        guard case .structure(let members) = operand.type else {
            reportNoFields(operand, name)
            return nil
        }
        guard let position = Schema(members).index(of: name.text) else {
            let near = nearName(name.text, among: members.map(\.name))
            report(
                .unknownField, "`\(name.text)` is not a field of this struct", at: name.span,
                label: near.map { "did you mean `\($0)`?" } ?? "",
                notes: ["fields: \(members.map(\.name).joined(separator: ", "))"],
                fix: near.map { Self.renaming(name, to: $0) })
            return nil
        }
        let member = members[position]
        return TypedExpression(
            .call("field", [operand, .literal(.integer(Int64(position)), .integer)]),
            type: member.type, nullable: operand.isNullable || member.nullable,
            fallible: operand.isFallible, span: span)
    }

    private func reportNoFields(_ operand: TypedExpression, _ name: Identifier) {
        let notes =
            operand.type == .json
            ? ["members of json are read with `->` and `->>`: `… ->> '\(name.text)'`"]
            : ["only structs have fields"]
        report(
            .unknownField, "\(operand.type) has no field `\(name.text)`", at: name.span,
            notes: notes)
    }

    // MARK: Outside

    /// A column of the query around this one, as a virtual column.
    private func outerColumn(_ path: [Identifier], _ span: SourceSpan) -> Resolution {
        guard let outer = scope.outer.first else { return .absent }
        let quiet = ExpressionTyper(
            catalogue: catalogue, parameters: parameters, state: CheckState(), scope: outer)
        guard case .found(let found) = quiet.lookup(path, span) else { return .absent }
        guard found.columns.allSatisfy({ VirtualColumn.isReal($0) }) else {
            report(
                .outerColumn,
                "`\(path.map(\.text).joined(separator: "."))` belongs to a query two levels further out",
                at: span,
                notes: ["join the tables, or hand the column on through the query between"])
            return .failed
        }
        return .found(found.mapColumns { VirtualColumn.outer($0) })
    }

    /// A name of the select list, where there is no such column.
    private mutating func alias(_ path: [Identifier]) -> Resolution {
        guard let query, path.count == 1, let name = path.first?.text.lowercased(),
            let position = query.aliases[..<query.visibleAliases].firstIndex(where: {
                $0.name.text.lowercased() == name
            })
        else { return .absent }
        // Only names before it: none can refer to itself.
        let visible = query.visibleAliases
        query.visibleAliases = position
        defer { query.visibleAliases = visible }
        return Resolution(type(query.aliases[position].expression))
    }

    /// A column that is near, but out of reach for a query here.
    private func reportForbidden(_ path: [Identifier], _ span: SourceSpan) -> Bool {
        for (forbidden, reason) in scope.forbidden {
            let quiet = ExpressionTyper(
                catalogue: catalogue, parameters: parameters, state: CheckState(), scope: forbidden)
            guard case .found = quiet.lookup(path, span) else { continue }
            let name = path.map(\.text).joined(separator: ".")
            let (message, note): (String, String) =
                switch reason {
                case .lateralQuery:
                    (
                        "`\(name)` belongs to another table of the same `FROM`",
                        "a query in `FROM` stands alone; put the condition into the join"
                    )
                case .unsupportedCorrelation:
                    (
                        "`\(name)` belongs to the query around this set operation",
                        "write one subquery for each of its operands"
                    )
                default:
                    (
                        "`\(name)` belongs to the query around this one",
                        "a query in `FROM` or `WITH` stands alone; use it in the subquery's `WHERE`"
                    )
                }
            report(reason, message, at: span, notes: [note])
            return true
        }
        return false
    }

    /// `window_start` and `window_end` of an event-time window.
    private func eventWindowBound(_ path: [Identifier]) -> TypedExpression? {
        guard let name = path.first, path.count == 1, query?.eventWindow != nil,
            let index = ["window_start", "window_end"].firstIndex(of: name.text.lowercased())
        else { return nil }
        return TypedExpression(
            .column(VirtualColumn.Family.grouping.column(index)), type: .timestamp, nullable: false,
            fallible: false, span: name.span)
    }

    // MARK: Diagnostics

    static func renaming(_ name: Identifier, to other: String) -> Diagnostic.Fix {
        Diagnostic.Fix(
            "write `\(other)`", span: name.span, replacement: SQLPrinter.identifier(other))
    }

    func reportColumn(_ name: Identifier, in columns: [Scope.Column], _ owner: String) {
        let outer = scope.outer.first?.unqualified ?? []
        let near = nearName(name.text, among: (columns + outer).map(\.field.name))
        var notes = [columns.isEmpty ? "there are no columns here" : Self.listing(columns)]
        if near == nil {
            let isQuoted = name.quoted
            notes.append(
                isQuoted
                    ? "double quotes are for names; text stands in single quotes"
                    : "text stands in single quotes: `'\(name.text)'`")
        }
        report(
            .unknownColumn, "`\(name.text)` is not a column of \(owner)", at: name.span,
            label: near.map { "did you mean `\($0)`?" } ?? "", notes: notes,
            fix: near.map { Self.renaming(name, to: $0) })
    }

    private static func listing(_ columns: [Scope.Column]) -> String {
        let names = columns.prefix(24).map(\.field.name).joined(separator: ", ")
        let rest = columns.count > 24 ? " and \(columns.count - 24) more" : ""
        return "columns here: \(names)\(rest)"
    }

    private func reportAmbiguous(_ name: Identifier, _ columns: [Scope.Column]) {
        let choices = columns.map { "`\(scope.name(of: $0))`" }
        if Set(choices).count == 1 {
            return report(
                .ambiguousColumn, "two columns are called `\(name.text)`", at: name.span,
                notes: ["give one of them another name with `AS` where they are selected"])
        }
        report(
            .ambiguousColumn, "`\(name.text)` is a column of more than one table", at: name.span,
            notes: ["write \(choices.joined(separator: " or "))"])
    }

    private func reportQualifier(_ path: [Identifier]) {
        let written = path.dropLast().map(\.text).joined(separator: ".")
        let names = scope.tables.filter { !$0.path.isEmpty }.map(\.name)
        let near = nearName(written, among: names)
        let span = path[0].span.through(path[path.count - 2].span)
        let notes =
            names.isEmpty
            ? [scope.note] : ["tables here: \(names.joined(separator: ", "))", scope.note]
        report(
            .unknownQualifier, "`\(written)` is neither a table of this query nor a struct column",
            at: span, label: near.map { "did you mean `\($0)`?" } ?? "", notes: notes,
            fix: near.map { Diagnostic.Fix("write `\($0)`", span: span, replacement: $0) })
    }
}

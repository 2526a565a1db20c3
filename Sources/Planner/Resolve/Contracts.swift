import PipelineDSL

/// A contract whose own parts fit together.
struct CheckedContract {
    var declaration: ContractDeclaration
    /// The columns, as a source that has them.
    var schema: Schema
    /// Over ``schema``; rules that are wrong are left out.
    var rules: [Validate.Rule]
}

extension Checker {
    mutating func checkContract(_ contract: ContractDeclaration) {
        let schema = Schema(contract.columns.map(\.field))
        let scope = Scope(schema, name: "contract \(contract.name.value)")
        for key in contract.key where schema.index(of: key.value) == nil {
            unknownColumn(key, schema, of: "contract `\(contract.name.value)`")
        }
        let rules = contract.rules.compactMap { rule -> Validate.Rule? in
            typed(rule, scope)
        }
        contracts[contract.name.value] = CheckedContract(
            declaration: contract, schema: schema, rules: rules)
    }

    private mutating func typed(_ rule: RuleDeclaration, _ scope: Scope) -> Validate.Rule? {
        condition(rule.check, scope).map { check in
            Validate.Rule(
                name: rule.name.value, check: check, severity: rule.severity,
                text: SQLPrinter.text(SQLParser.expression(rule.check).0))
        }
    }

    /// The contract of that name; a diagnostic where there is none.
    mutating func contract(_ name: Spanned<String>?) -> CheckedContract? {
        guard let name else { return nil }
        if let contract = contracts[name.value] { return contract }
        let known = spec.contracts.map(\.name.value)
        let near = nearName(name.value, among: known)
        bag.add(
            Diagnostic(
                .unknownContract, "there is no contract `\(name.value)`", at: name.span,
                label: near.map { "did you mean `\($0)`?" } ?? "",
                notes: known.isEmpty
                    ? ["declare it under `contracts:`"] : ["contracts: \(quotedNames(known))"],
                fix: near.map { .init("use `\($0)`", span: name.span, replacement: $0) }))
        return nil
    }

    /// The relation with the contract's rules checked on every row, if its columns satisfy it.
    ///
    /// - Parameter rejectsNulls: whether a null where the contract has none is a broken rule of the
    ///   row, rather than a mistake of the pipeline.
    mutating func satisfying(
        _ contract: CheckedContract, _ node: LogicalNode, at span: SourceSpan, of subject: String,
        rejectsNulls: Bool = false
    ) -> LogicalNode? {
        let nulls = rejectsNulls ? nullRules(contract, node.schema) : []
        var problems = contract.declaration.columns.compactMap { column in
            misfit(column, node.schema, at: span, of: subject, mayBeNull: rejectsNulls)
        }
        if contract.declaration.unknownColumns == .reject {
            problems += extraColumns(contract, node.schema, at: span, of: subject)
        }
        bag.add(contentsOf: problems)
        guard problems.isEmpty else { return nil }
        let scope = Scope(node.schema, name: subject)
        // Typed again: the columns may stand in other places than in the contract.
        let rules = nulls + contract.declaration.rules.compactMap { typed($0, scope) }
        guard !rules.isEmpty else { return node }
        let validate = Validate(contract: contract.declaration.name.value, rules: rules)
        return LogicalNode(
            .validate(validate), inputs: [node], schema: validate.schema(node.schema), span: span,
            step: "validate")
    }

    /// One for each column that may be null and, by the contract, is not.
    private func nullRules(_ contract: CheckedContract, _ schema: Schema) -> [Validate.Rule] {
        contract.declaration.columns.compactMap { column in
            guard !column.isNullable, let index = schema.index(of: column.name.value),
                schema.fields[index].nullable, schema.fields[index].type == column.type.value
            else { return nil }
            let value = TypedExpression.column(index, of: schema, span: column.name.span)
            let isNull = TypedExpression(
                .isNull(value), type: .boolean, nullable: false, fallible: false,
                span: column.name.span)
            let check = TypedExpression(
                .not(isNull), type: .boolean, nullable: false, fallible: false,
                span: column.name.span)
            let name = SQLPrinter.identifier(column.name.value)
            return Validate.Rule(
                name: "\(column.name.value)_not_null", check: check, severity: .reject,
                text: "\(name) IS NOT NULL")
        }
    }

    private func misfit(
        _ column: ColumnDeclaration, _ schema: Schema, at span: SourceSpan, of subject: String,
        mayBeNull: Bool
    ) -> Diagnostic? {
        let name = column.name.value
        let declared = [Diagnostic.Label(column.name.span, "declared here")]
        guard let field = schema[name] else {
            let near = nearName(name, among: schema.names)
            return Diagnostic(
                .contractNotMet, "\(subject) has no column `\(name)`, which the contract demands",
                at: span, label: near.map { "is it `\($0)`?" } ?? "", secondary: declared,
                notes: ["columns here: \(schema.names.prefix(24).joined(separator: ", "))"])
        }
        guard field.type == column.type.value else {
            return Diagnostic(
                .contractNotMet,
                "column `\(name)` of \(subject) is \(field.type); the contract says "
                    + "\(column.type.value)",
                at: span, secondary: [.init(column.type.span, "declared here")],
                notes: ["cast it: `- cast: { \(name): \"\(column.type.value)\" }`"])
        }
        guard column.isNullable || !field.nullable || mayBeNull else {
            return Diagnostic(
                .contractNotMet,
                "column `\(name)` of \(subject) may be null; the contract says `not null`",
                at: span, secondary: declared,
                notes: [
                    "reject such rows: `- validate: …` with this contract",
                    "drop them: `- where: \(name) IS NOT NULL`",
                    "or replace nulls: `- derive: { \(name): coalesce(\(name), …) }`",
                ])
        }
        return nil
    }

    private func extraColumns(
        _ contract: CheckedContract, _ schema: Schema, at span: SourceSpan, of subject: String
    ) -> [Diagnostic] {
        let extra = schema.names.filter { contract.schema[$0] == nil }
        guard !extra.isEmpty else { return [] }
        return [
            Diagnostic(
                .contractNotMet,
                "\(subject) has columns that the contract does not know: \(quotedNames(extra))",
                at: span,
                secondary: [
                    .init(contract.declaration.name.span, "`unknown_columns: reject` here")
                ],
                notes: ["drop them: `- drop: [\(extra.joined(separator: ", "))]`"])
        ]
    }

    mutating func unknownColumn(_ name: Spanned<String>, _ schema: Schema, of subject: String) {
        bag.add(.unknownColumn(name, schema, of: subject))
    }
}

extension Diagnostic {
    static func unknownColumn(
        _ name: Spanned<String>, _ schema: Schema, of subject: String
    ) -> Diagnostic {
        let near = nearName(name.value, among: schema.names)
        let names = schema.names.prefix(24).joined(separator: ", ")
        let rest = schema.fields.count > 24 ? " and \(schema.fields.count - 24) more" : ""
        return Diagnostic(
            .unknownColumn, "`\(name.value)` is not a column of \(subject)", at: name.span,
            label: near.map { "did you mean `\($0)`?" } ?? "",
            notes: [names.isEmpty ? "there are no columns here" : "columns here: \(names)\(rest)"],
            fix: near.map { .init("use `\($0)`", span: name.span, replacement: $0) })
    }
}

extension ColumnDeclaration {
    var field: Field { Field(name.value, type.value, nullable: isNullable, pii: pii?.value) }
}

extension Checker {
    /// The expression over the columns of `scope`; `nil`, with diagnostics, where it is wrong.
    mutating func expression(
        _ source: SourceText, _ scope: Scope, as type: DataType? = nil
    ) -> TypedExpression? {
        expressions.expression(source, as: type, in: scope, &bag)
    }

    mutating func condition(_ source: SourceText, _ scope: Scope) -> TypedExpression? {
        expressions.condition(source, in: scope, &bag)
    }
}

extension ExpressionChecker {
    /// An expression that a plan can hold.
    func expression(
        _ source: SourceText, as type: DataType? = nil, in scope: Scope, _ bag: inout DiagnosticBag
    ) -> TypedExpression? {
        let typed =
            type.map { check(source, as: $0, in: scope, diagnostics: &bag) }
            ?? check(source, in: scope, diagnostics: &bag)
        return typed.flatMap { bounded($0, source, &bag) }
    }

    func condition(
        _ source: SourceText, in scope: Scope, _ bag: inout DiagnosticBag
    ) -> TypedExpression? {
        checkBoolean(source, in: scope, diagnostics: &bag).flatMap { bounded($0, source, &bag) }
    }

    private func bounded(
        _ expression: TypedExpression, _ source: SourceText, _ bag: inout DiagnosticBag
    ) -> TypedExpression? {
        if expression.depth <= TypedExpression.maximumDepth { return expression }
        bag.add(.tooDeep(at: source.span))
        return nil
    }
}

extension Diagnostic {
    static func tooDeep(at span: SourceSpan?) -> Diagnostic {
        Diagnostic(
            .expressionTooLarge, "this expression is nested too deeply", at: span,
            notes: ["compute a part of it in an earlier step, or in another transform"])
    }
}

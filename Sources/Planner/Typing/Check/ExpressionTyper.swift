import PipelineDSL

/// Gives an expression its types: names become positions, overloads are chosen, conversions made
/// explicit. `nil` means that a diagnostic has been added, and callers stay quiet about it.
struct ExpressionTyper {
    let catalogue: FunctionCatalogue
    let parameters: ExpressionParameters
    let state: CheckState
    var scope: Scope
    /// The query the expression is part of; `nil` in a step, a rule or a setting.
    var query: QueryContext?

    init(
        catalogue: FunctionCatalogue, parameters: ExpressionParameters, state: CheckState,
        scope: Scope, query: QueryContext? = nil
    ) {
        self.catalogue = catalogue
        self.parameters = parameters
        self.state = state
        self.scope = scope
        self.query = query
    }

    func report(
        _ code: DiagnosticCode, _ message: String, at span: SourceSpan, label: String = "",
        secondary: [Diagnostic.Label] = [], notes: [String] = [], fix: Diagnostic.Fix? = nil
    ) {
        state.diagnostics.add(
            Diagnostic(
                code, message, at: span, label: label, secondary: secondary, notes: notes, fix: fix)
        )
    }

    mutating func type(_ expression: Expression) -> TypedExpression? {
        guard state.spend(1, at: expression.span) else { return nil }
        guard state.depth < CheckState.maximumDepth else {
            report(
                .tooDeep, "this is nested too deeply", at: expression.span,
                notes: ["compute parts of it in earlier steps or common table expressions"])
            return nil
        }
        state.depth += 1
        defer { state.depth -= 1 }
        var typed = dispatch(expression)
        if typed?.span == nil || isNamed(expression) { typed?.span = expression.span }
        return typed
    }

    /// The expression as a whole, which must also stay within the depth that every later walk relies
    /// on.
    mutating func whole(_ expression: Expression) -> TypedExpression? {
        type(expression).flatMap { isShallow($0, expression.span) ? $0 : nil }
    }

    func isShallow(_ typed: TypedExpression, _ span: SourceSpan) -> Bool {
        guard typed.depth > TypedExpression.maximumDepth else { return true }
        report(
            .tooDeep, "this is nested too deeply", at: span,
            notes: ["compute parts of it in earlier steps or common table expressions"])
        return false
    }

    private func isNamed(_ expression: Expression) -> Bool {
        if case .name = expression.kind { true } else { false }
    }

    private mutating func dispatch(_ expression: Expression) -> TypedExpression? {
        let span = expression.span
        switch expression.kind {
        case .literal(let token): return literal(token, span)
        case .parameter(let reference): return parameter(reference, span)
        case .name(let path): return name(path, span)
        case .star: return star(span)
        case .unary(let op, let operand): return unary(op, operand, span)
        case .binary(let op, let left, let right): return binary(op, left, right, span)
        case .and(let operands): return junction(operands, "AND", span)
        case .or(let operands): return junction(operands, "OR", span)
        case .not(let operand): return condition(operand, of: "NOT").map { Self.not($0, span) }
        case .caseWhen(let operand, let branches, let otherwise):
            return caseWhen(operand, branches, otherwise, span)
        case .cast(let operand, let name, let isTry): return cast(operand, name, isTry, span)
        case .call(let call): return self.call(call, span)
        case .extract(let field, let operand): return extract(field, operand, span)
        case .array(let items): return array(items, span)
        case .element(let operand, let index): return element(operand, index, span)
        case .field(let operand, let name):
            guard let operand = type(operand) else { return nil }
            return field(operand, name, span)
        case .invalid: return nil
        default: return test(expression.kind, span)
        }
    }

    /// The predicates that are no operators.
    private mutating func test(_ kind: Expression.Kind, _ span: SourceSpan) -> TypedExpression? {
        switch kind {
        case .between(let operand, let low, let high, let negated):
            return between(operand, low, high, negated, span)
        case .inList(let operand, let items, let negated):
            return inList(operand, items, negated, span)
        case .like(let operand, let pattern, let escape, let caseInsensitive, let negated):
            let operands = [operand, pattern] + (escape.map { [$0] } ?? [])
            return typed(operands).flatMap { resolve(caseInsensitive ? "ilike" : "like", $0, span) }
                .map { negated ? Self.not($0, span) : $0 }
        case .matches(let operand, let pattern, let caseInsensitive, let negated):
            return matches(operand, pattern, caseInsensitive, negated, span)
        case .isNull(let operand, let negated):
            return type(operand).map {
                let test = Self.isNull($0, span)
                return negated ? Self.not(test, span) : test
            }
        case .isTruth(let operand, let value, let negated):
            return isTruth(operand, value, negated, span)
        case .isDistinct(let operand, let other, let negated):
            return isDistinct(operand, other, negated, span)
        case .subquery(let query): return subquery(.scalar, query, span)
        case .exists(let query): return subquery(.exists, query, span)
        case .inQuery(let operand, let query, let negated):
            guard let operand = type(operand) else { return nil }
            return subquery(.member(operand, negated: negated), query, span)
        default: return nil
        }
    }

    /// All of them, each checked even where another is wrong.
    mutating func typed(_ expressions: [Expression]) -> [TypedExpression]? {
        var result: [TypedExpression] = []
        var isComplete = true
        for expression in expressions {
            if let typed = type(expression) {
                result.append(typed)
            } else {
                isComplete = false
            }
        }
        return isComplete ? result : nil
    }

    private func star(_ span: SourceSpan) -> TypedExpression? {
        report(
            .misplacedStar, "`*` stands only in a select list and in `count(*)`", at: span)
        return nil
    }

    private mutating func subquery(
        _ use: SubqueryUse, _ inner: Query, _ span: SourceSpan
    ) -> TypedExpression? {
        guard let query, query.place.subqueries else {
            report(
                .misplacedSubquery,
                "a subquery cannot stand in \(query?.place.name ?? "this expression")", at: span,
                notes: [
                    query == nil
                        ? "look values up with a `lookup` or `join` step, or use a `sql` step"
                        : "join it, or move the condition to `WHERE`"
                ])
            return nil
        }
        return query.subquery(use, inner, span, &self)
    }

    // MARK: Building blocks

    static func not(_ operand: TypedExpression, _ span: SourceSpan? = nil) -> TypedExpression {
        if case .not(let inner) = operand.kind { return inner }
        if case .literal(.boolean(let value)) = operand.kind {
            return .literal(.boolean(!value), .boolean, span: span)
        }
        return TypedExpression(
            .not(operand), type: .boolean, nullable: operand.isNullable,
            fallible: operand.isFallible, span: span ?? operand.span)
    }

    static func isNull(_ operand: TypedExpression, _ span: SourceSpan? = nil) -> TypedExpression {
        TypedExpression(
            .isNull(operand), type: .boolean, nullable: false, fallible: operand.isFallible,
            span: span ?? operand.span)
    }

    /// Flat, and without a node for a single operand.
    static func and(_ operands: [TypedExpression], _ span: SourceSpan? = nil) -> TypedExpression {
        junction(operands, isAnd: true, span)
    }

    static func or(_ operands: [TypedExpression], _ span: SourceSpan? = nil) -> TypedExpression {
        junction(operands, isAnd: false, span)
    }

    private static func junction(
        _ operands: [TypedExpression], isAnd: Bool, _ span: SourceSpan?
    ) -> TypedExpression {
        let flat = operands.flatMap { operand -> [TypedExpression] in
            switch operand.kind {
            case .and(let inner) where isAnd: inner
            case .or(let inner) where !isAnd: inner
            default: [operand]
            }
        }
        if flat.count == 1 { return flat[0] }
        if flat.isEmpty { return .literal(.boolean(isAnd), .boolean, span: span) }
        return TypedExpression(
            isAnd ? .and(flat) : .or(flat), type: .boolean,
            nullable: flat.contains { $0.isNullable }, fallible: flat.contains { $0.isFallible },
            span: span)
    }

    static func coalesce(
        _ operands: [TypedExpression], type: DataType, _ span: SourceSpan? = nil
    ) -> TypedExpression {
        if operands.count == 1 { return operands[0] }
        return TypedExpression(
            .coalesce(operands), type: type, nullable: operands.allSatisfy(\.isNullable),
            fallible: operands.contains { $0.isFallible }, span: span)
    }

    static func caseWhen(
        _ branches: [TypedExpression.Branch], otherwise: TypedExpression, _ span: SourceSpan? = nil
    ) -> TypedExpression {
        let results = branches.map(\.then) + [otherwise]
        return TypedExpression(
            .caseWhen(branches, otherwise: otherwise), type: otherwise.type,
            nullable: results.contains { $0.isNullable },
            fallible: (branches.map(\.when) + results).contains { $0.isFallible }, span: span)
    }
}

import PipelineDSL

/// Checks expressions: names against a scope, types against the catalogue. All mistakes are collected,
/// and one that only follows from another stays silent.
public struct ExpressionChecker: Sendable {
    public var catalogue: FunctionCatalogue
    public var parameters: ExpressionParameters

    public init(
        catalogue: FunctionCatalogue = .standard, parameters: ExpressionParameters = .none
    ) {
        self.catalogue = catalogue
        self.parameters = parameters
    }

    /// `nil` where something is wrong with it; `diagnostics` then say what.
    public func check(
        _ text: SourceText, in scope: Scope, diagnostics: inout DiagnosticBag
    ) -> TypedExpression? {
        parse(text, &diagnostics).flatMap { check($0, in: scope, diagnostics: &diagnostics) }
    }

    public func check(
        _ expression: Expression, in scope: Scope, diagnostics: inout DiagnosticBag
    ) -> TypedExpression? {
        typing(scope, &diagnostics) { $0.whole(expression) }
    }

    /// For a `where`, a rule, a join condition: the result is boolean. `place` is how messages call it.
    public func checkBoolean(
        _ text: SourceText, in scope: Scope, of place: String = "this",
        diagnostics: inout DiagnosticBag
    ) -> TypedExpression? {
        parse(text, &diagnostics).flatMap {
            checkBoolean($0, in: scope, of: place, diagnostics: &diagnostics)
        }
    }

    public func checkBoolean(
        _ expression: Expression, in scope: Scope, of place: String = "this",
        diagnostics: inout DiagnosticBag
    ) -> TypedExpression? {
        typing(scope, &diagnostics) { $0.wholeCondition(expression, of: place) }
    }

    /// For a place of a known type: the result has exactly it, converted where that happens by itself.
    public func check(
        _ text: SourceText, as type: DataType, in scope: Scope, diagnostics: inout DiagnosticBag
    ) -> TypedExpression? {
        parse(text, &diagnostics).flatMap {
            check($0, as: type, in: scope, diagnostics: &diagnostics)
        }
    }

    public func check(
        _ expression: Expression, as type: DataType, in scope: Scope,
        diagnostics: inout DiagnosticBag
    ) -> TypedExpression? {
        typing(scope, &diagnostics) { typer in
            guard let typed = typer.whole(expression) else { return nil }
            if typed.implicitCost(to: type) != nil { return typed.converted(to: type) }
            if typer.reportMalformedText(typed, as: type) { return nil }
            let isPossible = TypeRules.cast(from: typed.type, to: type) != .impossible
            typer.report(
                .resultType, "this is \(typed.type), and \(type) is needed", at: expression.span,
                notes: isPossible ? ["convert it: `CAST(… AS \(type))`"] : [])
            return nil
        }
    }

    /// Columns of `ORDER BY`, a step's `order:` for instance.
    public func checkOrder(
        _ text: SourceText, in scope: Scope, diagnostics: inout DiagnosticBag
    ) -> [SortKey]? {
        let (items, found) = SQLParser.orderItems(text)
        diagnostics.add(contentsOf: found)
        guard !found.contains(where: { $0.severity == .error }) else { return nil }
        return typing(scope, &diagnostics) { $0.sortKeys(items) }
    }

    // MARK: Inside

    private func parse(_ text: SourceText, _ diagnostics: inout DiagnosticBag) -> Expression? {
        let (expression, found) = SQLParser.expression(text)
        diagnostics.add(contentsOf: found)
        return expression
    }

    private func typing<T>(
        _ scope: Scope, _ diagnostics: inout DiagnosticBag,
        _ body: (inout ExpressionTyper) -> T?
    ) -> T? {
        let state = CheckState()
        var typer = ExpressionTyper(
            catalogue: catalogue, parameters: parameters, state: state, scope: scope)
        let result = body(&typer)
        diagnostics.add(contentsOf: state.diagnostics.all)
        return result
    }
}

import PipelineDSL

extension ExpressionTyper {
    /// A call of a scalar function or operator of the catalogue, with its arguments converted to the
    /// types of the overload that fits them best.
    func resolve(
        _ name: String, _ arguments: [TypedExpression], _ span: SourceSpan
    ) -> TypedExpression? {
        guard let function = catalogue[name] else { return nil }
        guard let (overload, converted) = overload(of: function, arguments, span) else {
            return nil
        }
        guard hasConstants(function, overload, converted, span),
            hasSoundPattern(function, converted), hasDistinctNames(function, converted, span)
        else { return nil }
        return TypedExpression(
            .call(function.name, converted), type: overload.resultType(converted),
            nullable: overload.isNullable(converted),
            fallible: converted.contains { $0.isFallible } || overload.isFallible(converted),
            span: span)
    }

    /// The best overload and the arguments as it takes them; a diagnostic where there is none.
    func overload(
        of function: FunctionSignature, _ arguments: [TypedExpression], _ span: SourceSpan
    ) -> (Overload, [TypedExpression])? {
        let candidates = function.overloads.filter { $0.accepts(count: arguments.count) }
        guard !candidates.isEmpty else {
            reportCount(function, arguments.count, span)
            return nil
        }
        var best: (overload: Overload, fit: OverloadFit)?
        for overload in candidates {
            guard case .success(let fit) = overload.fit(arguments) else { continue }
            if best.map({ fit.cost < $0.fit.cost }) ?? true { best = (overload, fit) }
        }
        guard let best else {
            reportMismatch(function, candidates, arguments, span)
            return nil
        }
        return (best.overload, best.fit.arguments)
    }
}

// MARK: Conditions on chosen arguments

extension ExpressionTyper {
    private func hasConstants(
        _ function: FunctionSignature, _ overload: Overload, _ arguments: [TypedExpression],
        _ span: SourceSpan
    ) -> Bool {
        for (index, argument) in arguments.enumerated() {
            guard let parameter = overload.parameter(index), parameter.isConstant else { continue }
            if case .literal(let value) = argument.kind, value != .null { continue }
            report(
                .constantExpected, "the \(parameter.name) of `\(function.spelling)` is a constant",
                at: argument.span ?? span, notes: ["write a literal or a parameter: `${name}`"])
            return false
        }
        return true
    }

    /// Of a struct's fields, as names are compared: without regard to letter case.
    private func hasDistinctNames(
        _ function: FunctionSignature, _ arguments: [TypedExpression], _ span: SourceSpan
    ) -> Bool {
        guard function.name == "named_struct" else { return true }
        var seen: Set<String> = []
        for index in stride(from: 0, to: arguments.count, by: 2) {
            guard case .literal(.string(let name)) = arguments[index].kind else { continue }
            guard name.isEmpty || !seen.insert(name.lowercased()).inserted else { continue }
            report(
                .duplicateColumnName,
                name.isEmpty
                    ? "a field of a struct has a name"
                    : "the struct has more than one field `\(name)`",
                at: arguments[index].span ?? span)
            return false
        }
        return true
    }

    private func hasSoundPattern(
        _ function: FunctionSignature, _ arguments: [TypedExpression]
    ) -> Bool {
        guard arguments.count > 1, case .literal(.string(let pattern)) = arguments[1].kind,
            let span = arguments[1].span
        else { return true }
        if function.name.hasPrefix("regexp_"), let problem = catalogue.patternProblem(pattern) {
            report(
                .malformedPattern, "this is no regular expression: \(problem)", at: span)
            return false
        }
        guard function.name == "like" || function.name == "ilike" else { return true }
        return hasSoundLikePattern(pattern, arguments, span)
    }

    private func hasSoundLikePattern(
        _ pattern: String, _ arguments: [TypedExpression], _ span: SourceSpan
    ) -> Bool {
        var escape: Unicode.Scalar? = "\\"
        if arguments.count > 2, case .literal(.string(let text)) = arguments[2].kind {
            guard text.unicodeScalars.count <= 1 else {
                report(
                    .malformedPattern, "`ESCAPE` takes one character", at: arguments[2].span ?? span
                )
                return false
            }
            escape = text.unicodeScalars.first
        }
        let escapes = pattern.unicodeScalars.reversed().prefix { $0 == escape }.count
        guard escapes % 2 == 1 else { return true }
        report(
            .malformedPattern, "the pattern ends with its escape character", at: span,
            notes: ["to match the character itself, write it twice"])
        return false
    }
}

/// How arguments fit an overload.
package struct OverloadFit {
    /// 0 where they have exactly its types.
    package var cost: Int
    /// Converted.
    package var arguments: [TypedExpression]
}

/// Why they do not.
package enum OverloadMisfit: Error {
    /// The arguments of other types, by position; none where a type variable has no type.
    case types([Int])
    case keyword(Int, [String])
}

extension Overload {
    func fixedType(_ index: Int) -> DataType? {
        if case .type(let type)? = parameter(index)?.kind { type } else { nil }
    }

    package func fit(_ arguments: [TypedExpression]) -> Result<OverloadFit, OverloadMisfit> {
        var fit = OverloadFit(cost: 0, arguments: arguments)
        let variable = typeVariable(arguments)
        var misfits: [Int] = []
        for (index, argument) in arguments.enumerated() {
            guard let parameter = parameter(index) else { return .failure(.types([])) }
            if case .keyword(let words) = parameter.kind {
                guard let word = argument.keyword(among: words) else {
                    return .failure(.keyword(index, words))
                }
                fit.arguments[index] = word
                continue
            }
            guard
                let (cost, converted) = fit.arguments[index].fitting(
                    parameter.kind, variable, arguments)
            else {
                misfits.append(index)
                continue
            }
            fit.cost += cost
            fit.arguments[index] = converted
        }
        return misfits.isEmpty ? .success(fit) : .failure(.types(misfits))
    }

    /// Whether all but the keywords fit.
    func fitsBesideKeywords(_ arguments: [TypedExpression]) -> Bool {
        let variable = typeVariable(arguments)
        return arguments.enumerated().allSatisfy { index, argument in
            guard let kind = parameter(index)?.kind else { return false }
            if case .keyword = kind { return true }
            return argument.fitting(kind, variable, arguments) != nil
        }
    }

    /// What T stands for; `nil` where the overload has none, or nothing fits it.
    func typeVariable(
        _ arguments: [TypedExpression], ignoringText: Bool = false
    ) -> DataType? {
        var operands: [TypedExpression] = []
        var typeClass = TypeClass.any
        for (index, argument) in arguments.enumerated() {
            switch parameter(index)?.kind {
            case .common(let required):
                if !ignoringText || !argument.isTextLiteral { operands.append(argument) }
                if required != .any { typeClass = required }
            case .array:
                guard case .array(let element) = argument.type else { continue }
                operands.append(
                    TypedExpression(.column(0), type: element, nullable: true, fallible: false))
            default: break
            }
        }
        if operands.isEmpty { return repeated.isEmpty ? nil : .null }
        guard let type = TypeRules.common(operands), TypeRules.belongs(type, to: typeClass) else {
            return nil
        }
        return type
    }

    package func resultType(_ arguments: [TypedExpression]) -> DataType {
        switch result {
        case .type(let type): type
        case .common: typeVariable(arguments) ?? .null
        case .arrayOfCommon: .array(typeVariable(arguments) ?? .null)
        case .argument(let index): arguments.indices.contains(index) ? arguments[index].type : .null
        case .computed(_, let rule): rule(arguments)
        }
    }

    /// Of scalars; aggregates have their own rule, as they depend on the group.
    func isNullable(_ arguments: [TypedExpression]) -> Bool {
        switch nulls {
        case .strict: arguments.contains { $0.isNullable }
        case .strictNullable, .nullable, .nullIfNoRow: true
        case .never: false
        case .nullIfAllNull: arguments.allSatisfy(\.isNullable)
        case .nullIfFirstNull: arguments.first?.isNullable ?? false
        }
    }

    func isFallible(_ arguments: [TypedExpression]) -> Bool {
        switch fallibility {
        case .never: false
        case .always: true
        case .computed(let rule): rule(arguments)
        }
    }
}

extension TypedExpression {
    /// The word as the plan has it, where this is constant text and one of them.
    fileprivate func keyword(among words: [String]) -> TypedExpression? {
        guard case .literal(.string(let text)) = kind, isTextLiteral else { return nil }
        let lowered = text.lowercased()
        let word =
            words.contains(lowered) ? lowered : FunctionCatalogue.DateField.canonical(lowered)
        return words.contains(word) ? .literal(.string(word), .string, span: span) : nil
    }

    fileprivate func fitting(
        _ kind: Parameter.Kind, _ variable: DataType?, _ all: [TypedExpression]
    ) -> (cost: Int, TypedExpression)? {
        switch kind {
        case .any: return (0, self)
        case .type(let type): return fitting(type)
        case .decimal: return fittingDecimal()
        case .common: return variable.flatMap { fitting($0) }
        case .array:
            guard let variable else { return nil }
            if isNullLiteral { return fitting(.array(variable)) }
            guard case .array = type else { return nil }
            return fitting(.array(variable))
        case .map: if case .map = type { return (0, self) }
        case .mapKey:
            guard case .map(let key, _)? = all.first?.type else { return nil }
            return fitting(key)
        case .structure: if case .structure = type { return (0, self) }
        case .keyword: return nil
        }
        return nil
    }

    private func fitting(_ target: DataType) -> (cost: Int, TypedExpression)? {
        implicitCost(to: target).map { ($0, converted(to: target)) }
    }

    private func fittingDecimal() -> (cost: Int, TypedExpression)? {
        if type.isDecimal { return (0, self) }
        if isNullLiteral { return (1, converted(to: .decimal(precision: 18, scale: 3))) }
        guard type.isInteger else { return nil }
        return asDecimal.map { (2, $0) }
    }
}

import PipelineDSL

/// Why no overload takes the arguments, in the words that help most.
extension ExpressionTyper {
    func reportCount(_ function: FunctionSignature, _ count: Int, _ span: SourceSpan) {
        let message =
            switch count {
            case 0: "`\(function.spelling)` needs arguments"
            case 1: "`\(function.spelling)` does not take 1 argument"
            default: "`\(function.spelling)` does not take \(count) arguments"
            }
        report(.argumentCount, message, at: span, notes: Self.usage(function.usage))
    }

    private static func usage(_ lines: [String]) -> [String] {
        lines.prefix(5).map { "it is \($0)" }
            + (lines.count > 5 ? ["and \(lines.count - 5) more: see the reference"] : [])
    }

    func reportMismatch(
        _ function: FunctionSignature, _ candidates: [Overload], _ arguments: [TypedExpression],
        _ span: SourceSpan
    ) {
        let misfits = candidates.map { overload -> OverloadMisfit in
            if case .failure(let misfit) = overload.fit(arguments) { misfit } else { .types([]) }
        }
        if reportKeyword(function, candidates, misfits, arguments, span) { return }
        for (overload, misfit) in zip(candidates, misfits)
        where reportText(overload, misfit, arguments) {
            return
        }
        reportTypes(function, candidates, misfits, arguments, span)
    }

    // MARK: Keywords

    private func reportKeyword(
        _ function: FunctionSignature, _ candidates: [Overload], _ misfits: [OverloadMisfit],
        _ arguments: [TypedExpression], _ span: SourceSpan
    ) -> Bool {
        var words: [String] = []
        var position: Int?
        for (overload, misfit) in zip(candidates, misfits) {
            guard case .keyword(let index, let known) = misfit,
                overload.fitsBesideKeywords(arguments)
            else { continue }
            position = index
            for word in known where !words.contains(word) { words.append(word) }
        }
        guard let position else { return false }
        let argument = arguments[position]
        let notes = ["it is one of \(words.joined(separator: ", "))"]
        guard case .literal(.string(let word)) = argument.kind, argument.isTextLiteral else {
            report(
                .constantExpected,
                "`\(function.spelling)` takes one of a few words here, as a constant",
                at: argument.span ?? span, notes: notes)
            return true
        }
        let near = nearName(word, among: words)
        report(
            .unknownKeyword, "`\(function.spelling)` does not know `\(word)`",
            at: argument.span ?? span, label: near.map { "did you mean `\($0)`?" } ?? "",
            notes: notes)
        return true
    }

    // MARK: Text that is no value

    /// Where only text in quotes is in the way.
    private func reportText(
        _ overload: Overload, _ misfit: OverloadMisfit, _ arguments: [TypedExpression]
    ) -> Bool {
        guard case .types(let indices) = misfit, !indices.isEmpty else { return false }
        let typed = arguments.filter { !$0.isTextLiteral }
        let variable = typed.isEmpty ? nil : overload.typeVariable(arguments, ignoringText: true)
        func wanted(_ index: Int) -> DataType? {
            if case .common? = overload.parameter(index)?.kind { return variable }
            return overload.fixedType(index)
        }
        let culprits = indices.filter { arguments[$0].isTextLiteral }
        let others = indices.filter { !arguments[$0].isTextLiteral }
        let areOthersFine = others.allSatisfy { index in
            guard variable != nil else { return false }
            switch overload.parameter(index)?.kind {
            case .common, .array: return true
            default: return false
            }
        }
        guard areOthersFine, let culprit = culprits.first, let type = wanted(culprit) else {
            return false
        }
        return reportMalformedText(arguments[culprit], as: type)
    }

    // MARK: Types

    private func reportTypes(
        _ function: FunctionSignature, _ candidates: [Overload], _ misfits: [OverloadMisfit],
        _ arguments: [TypedExpression], _ span: SourceSpan
    ) {
        let operands = arguments.enumerated().filter { index, _ in
            if case .keyword? = candidates[0].parameter(index)?.kind { false } else { true }
        }.map(\.element)
        let types = operands.map(\.type.description)
        let list =
            types.count < 2
            ? types.joined()
            : "\(types.dropLast().joined(separator: ", ")) and \(types[types.count - 1])"
        let labels = operands.compactMap { operand in
            operand.span.map { Diagnostic.Label($0, "this is \(operand.type)") }
        }
        let relevant = relevance(candidates, misfits, arguments)
        let shown = relevant.isEmpty ? candidates : relevant
        var notes = Self.usage(shown.map { function.usage(of: $0) })
        if let advice = advice(function, candidates, misfits, arguments) { notes.append(advice) }
        report(
            .argumentTypes,
            "`\(function.operatorSymbol ?? function.spelling)` does not take \(list)", at: span,
            secondary: labels.count > 4 || labels.count == 1 ? [] : labels, notes: notes)
    }

    /// The overloads that all operands fit but literals and one other.
    private func relevance(
        _ candidates: [Overload], _ misfits: [OverloadMisfit], _ arguments: [TypedExpression]
    ) -> [Overload] {
        let columns = arguments.indices.filter {
            if case .literal = arguments[$0].kind { false } else { true }
        }
        return zip(candidates, misfits).compactMap { overload, misfit in
            guard case .types(let indices) = misfit else { return nil }
            let wrong = columns.filter { indices.contains($0) }
            return wrong.isEmpty || (wrong.count == 1 && columns.count > 1) ? overload : nil
        }
    }

    /// What would make the arguments fit.
    private func advice(
        _ function: FunctionSignature, _ candidates: [Overload], _ misfits: [OverloadMisfit],
        _ arguments: [TypedExpression]
    ) -> String? {
        let types = arguments.map(\.type)
        if ["add", "subtract"].contains(function.name), types.contains(.timestamp),
            types.contains(where: \.isNumeric)
        {
            return "a time span is an interval: `INTERVAL '1 day'`"
        }
        for (overload, misfit) in zip(candidates, misfits) {
            guard case .types(let indices) = misfit, indices.count == 1,
                let target = overload.fixedType(indices[0])
            else { continue }
            let type = types[indices[0]]
            guard TypeRules.cast(from: type, to: target) != .impossible else { continue }
            return "convert it: `CAST(… AS \(target))`"
        }
        return nil
    }
}

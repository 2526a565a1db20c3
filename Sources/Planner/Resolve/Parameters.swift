import PipelineDSL

extension Checker {
    /// Settles the value of every parameter; the texts of all.
    mutating func checkParameters(_ given: [String: String]) -> [String: String] {
        reportUnknown(given)
        values = InterpolationValues(parameters: [:], environment: environment)
        var typed: [String: (value: Value, type: DataType)] = [:]
        var failed: Set<String> = []
        for parameter in spec.parameters {
            let name = parameter.name.value
            guard let (text, span) = text(of: parameter, given[name]) else {
                failed.insert(name)
                continue
            }
            // Settings are filled even with a text that is no value of the type: one error is enough.
            values.parameters[name] = text
            guard let value = Value.parse(text, as: parameter.type.value) else {
                failed.insert(name)
                misfit(parameter, text, span)
                continue
            }
            typed[name] = (value, parameter.type.value)
        }
        expressions.parameters = expressionParameters(typed, failed)
        return values.parameters
    }

    private mutating func reportUnknown(_ given: [String: String]) {
        let names = spec.parameters.map(\.name.value)
        for name in given.keys.sorted() where !names.contains(name) {
            let near = nearName(name, among: names).map { "did you mean `\($0)`?" }
            bag.add(
                Diagnostic(
                    .unknownGivenParameter, "`--param \(name)`: there is no such parameter", at: nil,
                    notes: [
                        near,
                        names.isEmpty ? "the spec has no parameters" : "parameters: \(quotedNames(names))",
                    ].compactMap(\.self)))
        }
    }

    /// What it is set to, and where that was written.
    private mutating func text(
        of parameter: ParameterDeclaration, _ given: String?
    ) -> (String, SourceSpan?)? {
        if let given { return (given, nil) }
        guard let source = parameter.defaultValue else {
            let name = parameter.name.value
            bag.add(
                Diagnostic(
                    .parameterValue, "the parameter `\(name)` has no value", at: parameter.name.span,
                    label: "no default",
                    notes: ["give it: `--param \(name)=…`, or add a `default`"]))
            return nil
        }
        let (text, problems) = Interpolation.fill(source, values)
        bag.add(contentsOf: problems)
        return problems.isEmpty ? (text, source.span) : nil
    }

    private mutating func misfit(
        _ parameter: ParameterDeclaration, _ text: String, _ span: SourceSpan?
    ) {
        let type = parameter.type.value
        bag.add(
            Diagnostic(
                .parameterValue,
                "`\(text)` is not a \(type), which the parameter `\(parameter.name.value)` is",
                at: span ?? parameter.name.span,
                label: span == nil ? "given with `--param`" : "",
                secondary: [.init(parameter.type.span, "its type")]))
    }

    private func expressionParameters(
        _ typed: [String: (value: Value, type: DataType)], _ failed: Set<String>
    ) -> ExpressionParameters {
        let environment = environment
        return ExpressionParameters { reference in
            switch reference {
            case .parameter(let name):
                if let known = typed[name] { return .value(known.value, known.type) }
                return failed.contains(name) ? .invalid : .unknown(among: typed.keys.sorted())
            case .environment(let name, let fallback):
                return (environment(name) ?? fallback).map { .value(.string($0), .string) }
                    ?? .unknown(among: [])
            case .secret: return .unknown(among: [])
            }
        }
    }
}

import PipelineDSL

extension ExpressionTyper {
    func literal(_ token: LiteralToken, _ span: SourceSpan) -> TypedExpression? {
        switch token {
        case .null: return .literal(.null, .null, span: span)
        case .boolean(let value): return .literal(.boolean(value), .boolean, span: span)
        case .string(let text): return .literal(.string(text), .string, span: span)
        case .bytes(let bytes): return .literal(.bytes(bytes), .bytes, span: span)
        case .interval(let interval): return .literal(.interval(interval), .interval, span: span)
        case .integer(let digits): return number(digits, isNegative: false, span)
        case .decimal(let digits): return number(digits, isNegative: false, span)
        case .double(let text):
            guard let value = Double(text), value.isFinite else {
                return outOfRange(text, span, "a double reaches up to 1.8e308")
            }
            return .literal(.double(value), .double, span: span)
        }
    }

    /// The smallest type that holds the digits: `integer`, `bigint`, then decimals.
    func number(_ digits: String, isNegative: Bool, _ span: SourceSpan) -> TypedExpression? {
        let text = isNegative ? "-\(digits)" : digits
        guard var exact = DecimalText(text) else {
            return outOfRange(
                text, span,
                "a number has at most 38 digits; with an exponent, \(digits.prefix(1))e…, it is a double"
            )
        }
        guard !digits.contains(".") else {
            return .literal(.wide(exact.unscaled), exact.type, span: span)
        }
        exact.scale = 0
        if let small = Int32(exactly: exact.unscaled) {
            return .literal(.integer(Int64(small)), .integer, span: span)
        }
        if let large = Int64(exactly: exact.unscaled) {
            return .literal(.integer(large), .bigint, span: span)
        }
        return .literal(.wide(exact.unscaled), exact.type, span: span)
    }

    private func outOfRange(_ text: String, _ span: SourceSpan, _ note: String) -> TypedExpression?
    {
        let shown = text.utf8.count > 40 ? "\(text.prefix(40))…" : text
        report(.numberTooLarge, "`\(shown)` is too large a number", at: span, notes: [note])
        return nil
    }

    // MARK: Parameters

    func parameter(_ reference: ParameterReference, _ span: SourceSpan) -> TypedExpression? {
        if case .secret(let name) = reference {
            report(
                .secretInExpression, "the secret `\(name)` cannot stand in an expression", at: span,
                label: "its value would become data",
                notes: ["secrets belong into the settings of a connector"])
            return nil
        }
        switch parameters.lookup(reference) {
        case .value(let value, let type): return .literal(value, type, span: span)
        case .invalid: return nil
        case .unknown(let names):
            unknown(reference, names, span)
            return nil
        }
    }

    private func unknown(_ reference: ParameterReference, _ names: [String], _ span: SourceSpan) {
        if case .environment(let name, _) = reference {
            return report(
                .missingVariable, "the environment variable `\(name)` is not set", at: span,
                notes: ["set it, or write a default: `${env:\(name):-default}`"])
        }
        guard case .parameter(let name) = reference else { return }
        let near = nearName(name, among: names)
        report(
            .unknownParameter, "`\(name)` is not a parameter of the pipeline", at: span,
            label: near.map { "did you mean `\($0)`?" } ?? "",
            notes: [
                names.isEmpty
                    ? "the pipeline has no parameters; declare it under `parameters:`"
                    : "parameters: \(names.prefix(24).joined(separator: ", "))"
            ],
            fix: near.map { Diagnostic.Fix("write `\($0)`", span: span, replacement: "${\($0)}") })
    }
}

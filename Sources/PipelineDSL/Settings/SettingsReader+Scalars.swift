extension SettingsReader {
    mutating func scalar(_ node: YAMLNode, _ kind: SettingKind, name: String) -> SettingValue? {
        guard let scalar = node.scalar else {
            wrongType(node, kind, name)
            return nil
        }
        switch kind {
        case .string, .expression, .query: return text(node, scalar, kind, name: name)
        default: break
        }
        guard let written = filled(node, scalar) else { return nil }
        // `missing: null` is a choice like others.
        if case .choice(let choices) = kind, choices.contains(written.text) {
            return choice(node, written, choices, name)
        }
        guard written.plain != .null, !written.text.isEmpty || written.plain != .text else {
            nothing(node, kind, name)
            return nil
        }
        switch kind {
        case .boolean: return boolean(node, written, name)
        case .integer(let range): return integer(node, written, range, name)
        case .number(let range): return number(node, written, range, name)
        case .choice(let choices): return choice(node, written, choices, name)
        case .name: return SettingValue(.symbol(written.text), span: node.span)
        case .type: return type(node, scalar, name)
        default: return quantity(node, written, kind, name)
        }
    }

    /// A scalar's text with parameters filled in, and what it means as a plain scalar.
    struct Written {
        var text: String
        var plain: PlainValue
        var wasFilled: Bool
    }

    private mutating func filled(_ node: YAMLNode, _ scalar: YAMLNode.Scalar) -> Written? {
        guard Interpolation.isNeeded(scalar.text) else {
            return Written(
                text: scalar.text, plain: PlainValue(scalar, tag: node.tag), wasFilled: false)
        }
        let (text, problems) = Interpolation.fill(scalar.source, values)
        diagnostics.add(contentsOf: problems)
        guard problems.isEmpty else { return nil }
        return Written(text: text, plain: PlainValue(plain: text), wasFilled: true)
    }

    private mutating func text(
        _ node: YAMLNode, _ scalar: YAMLNode.Scalar, _ kind: SettingKind, name: String
    ) -> SettingValue? {
        let isBlank = scalar.text.allSatisfy(\.isWhitespace)
        let isString = if case .string = kind { true } else { false }
        guard !node.isNull, isString || !isBlank else {
            nothing(node, kind, name)
            return nil
        }
        return SettingValue(
            isString ? .string(scalar.source) : .expression(scalar.source), span: node.span)
    }

    private mutating func boolean(
        _ node: YAMLNode, _ written: Written, _ name: String
    ) -> SettingValue? {
        let meant: Bool
        switch written.plain {
        case .boolean(let value): return SettingValue(.boolean(value), span: node.span)
        case .formerBoolean(let value): meant = value
        default:
            guard case let plain = PlainValue(plain: written.text.lowercased()),
                let value = plain.anyBoolean
            else {
                wrongType(node, .boolean, name)
                return nil
            }
            meant = value
        }
        diagnostics.add(
            Diagnostic(
                .notABoolean, "`\(name)` must be `true` or `false`, not \(node.described)",
                at: node.span, label: "write `\(meant)`",
                notes: [
                    "`yes`, `no`, `on` and `off` are texts in YAML 1.2, as is anything in quotes"
                ],
                fix: .init("write `\(meant)`", span: node.span, replacement: "\(meant)")))
        return nil
    }

    private mutating func integer(
        _ node: YAMLNode, _ written: Written, _ range: ClosedRange<Int64>, _ name: String
    ) -> SettingValue? {
        switch written.plain {
        case .integer(let value):
            guard range.contains(value) else {
                outOfRange(node, .integer(range), name)
                return nil
            }
            return SettingValue(.integer(value), span: node.span)
        case .number(let value) where value.magnitude >= 0x1p63:
            outOfRange(node, .integer(range), name)
            return nil
        default:
            numberLike(node, written, .integer(range), name)
            return nil
        }
    }

    private mutating func number(
        _ node: YAMLNode, _ written: Written, _ range: ClosedRange<Double>, _ name: String
    ) -> SettingValue? {
        let value: Double
        switch written.plain {
        case .integer(let integer): value = Double(integer)
        case .number(let number): value = number
        default:
            numberLike(node, written, .number(range), name)
            return nil
        }
        guard value.isFinite, range.contains(value) else {
            outOfRange(node, .number(range), name)
            return nil
        }
        return SettingValue(.number(value), span: node.span)
    }

    private mutating func choice(
        _ node: YAMLNode, _ written: Written, _ choices: [String], _ name: String
    ) -> SettingValue? {
        if choices.contains(written.text) {
            return SettingValue(.symbol(written.text), span: node.span)
        }
        let near = synonym(written.text, choices) ?? suggestion(written.text, among: choices)
        diagnostics.add(
            Diagnostic(
                .badChoice, "`\(name)` cannot be `\(written.text)`", at: node.span,
                label: near.map { "did you mean `\($0)`?" } ?? "",
                notes: ["one of: \(quotedList(choices))"],
                fix: near.map { .init("use `\($0)`", span: node.span, replacement: $0) }))
        return nil
    }

    /// Words that other tools have for the same.
    private func synonym(_ word: String, _ choices: [String]) -> String? {
        let known = [
            "upsert": "merge", "replace": "overwrite", "truncate": "overwrite", "insert": "append",
            "snapshot": "scd2", "error": "reject", "quarantine": "reject", "abort": "fail",
            "warning": "warn", "stream": "streaming", "ignore": "drop",
        ]
        return known[word.lowercased()].flatMap { choices.contains($0) ? $0 : nil }
    }

    private mutating func type(
        _ node: YAMLNode, _ scalar: YAMLNode.Scalar, _ name: String
    ) -> SettingValue? {
        let (type, notNull, problems) = parseType(scalar.source)
        diagnostics.add(contentsOf: problems)
        return type.map { SettingValue(.type($0, notNull: notNull), span: node.span) }
    }

    private mutating func quantity(
        _ node: YAMLNode, _ written: Written, _ kind: SettingKind, _ name: String
    ) -> SettingValue? {
        let read: Result<SettingValue.Kind, Quantity.Problem> =
            switch kind {
            case .size: Quantity.size(written.text).map { .size($0) }
            case .rate: Quantity.rate(written.text).map { .rate($0) }
            case .fraction: Quantity.fraction(written.text).map { .fraction($0) }
            default: Quantity.duration(written.text).map { .duration($0) }
            }
        switch read {
        case .success(let value): return SettingValue(value, span: node.span)
        case .failure(let problem):
            badQuantity(node, written, kind, name, problem)
            return nil
        }
    }
}

extension PlainValue {
    var anyBoolean: Bool? {
        switch self {
        case .boolean(let value), .formerBoolean(let value): value
        default: nil
        }
    }
}

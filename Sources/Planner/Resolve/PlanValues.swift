import PipelineDSL

/// Settings as a plan stores them: texts filled in, quantities in their base units, secrets as
/// references.
struct PlanValues {
    let values: InterpolationValues
    private(set) var diagnostics: [Diagnostic] = []

    init(_ values: InterpolationValues) { self.values = values }

    /// Every setting there is a value for: what is written, else the default.
    mutating func settings(
        _ settings: Settings, _ signatures: [SettingSignature]
    ) -> [String: PlanValue] {
        var result: [String: PlanValue] = [:]
        for signature in signatures {
            if let written = settings[signature.name] {
                result[signature.name] = value(written)
            } else if let text = signature.defaultText {
                result[signature.name] = defaultValue(text, signature)
            }
        }
        return result
    }

    private mutating func defaultValue(
        _ text: String, _ signature: SettingSignature
    ) -> PlanValue? {
        let source = SourceText(text: text, file: "")
        let node = YAMLNode(.scalar(.init(source: source, style: .plain)), span: source.span)
        var reader = SettingsReader()
        return reader.value(node, signature.kind, name: signature.name).map { value($0) }
    }

    mutating func value(_ setting: SettingValue) -> PlanValue {
        switch setting.kind {
        case .string(let source): return text(source)
        case .boolean(let value): return .boolean(value)
        case .integer(let value), .duration(let value), .size(let value): return .integer(value)
        case .number(let value), .rate(let value), .fraction(let value): return .number(value)
        case .symbol(let text): return .string(text)
        case .names(let names): return .list(names.map { .string($0.value) })
        case .expression(let source): return .string(source.text)
        case .type(let type, let notNull):
            return .string(type.description + (notNull ? " not null" : ""))
        case .list(let items): return .list(items.map { value($0) })
        case .mapping(let entries):
            return .object(object(entries.map { ($0.key.value, $0.value) }))
        case .object(let settings):
            return .object(object(settings.entries.map { ($0.key.value, $0.value) }))
        case .variant(let key, let settings):
            let inner = object(settings.entries.map { ($0.key.value, $0.value) })
            return .object([key.value: .object(inner)])
        case .node(let node): return value(node)
        }
    }

    private mutating func object(_ entries: [(String, SettingValue)]) -> [String: PlanValue] {
        var result: [String: PlanValue] = [:]
        for (name, setting) in entries { result[name] = value(setting) }
        return result
    }

    private mutating func value(_ node: YAMLNode) -> PlanValue {
        switch node.kind {
        case .sequence(let items): return .list(items.map { value($0) })
        case .mapping(let entries):
            var result: [String: PlanValue] = [:]
            for entry in entries { result[entry.key.scalar?.text ?? ""] = value(entry.value) }
            return .object(result)
        case .scalar(let scalar):
            switch PlainValue(scalar, tag: node.tag) {
            case .null: return .null
            case .boolean(let value): return .boolean(value)
            case .integer(let value): return .integer(value)
            case .number(let value): return .number(value)
            case .formerBoolean, .text: return text(scalar.source)
            }
        }
    }

    private mutating func text(_ source: SourceText) -> PlanValue {
        guard Interpolation.isNeeded(source.text) else { return .string(source.text) }
        let (text, problems) = Interpolation.resolve(source, values)
        diagnostics += problems
        if let plain = text.text { return .string(plain) }
        let parts = text.parts.map { part -> PlanValue in
            switch part {
            case .text(let text): .string(text)
            case .secret(let secret): .secret(secret.name)
            }
        }
        return parts.count == 1 ? parts[0] : .template(parts)
    }
}

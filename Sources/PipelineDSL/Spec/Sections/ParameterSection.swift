public enum ParameterGrammar {
    static let declaration = SettingKind.either([.type, .object(signatures)])

    static let signatures = [
        SettingSignature("type", .type, required: true, "The parameter's type."),
        SettingSignature("default", .string, "What it is where nothing is given."),
        SpecGrammar.description,
    ]
}

extension SpecBuilder {
    mutating func readParameters(_ section: YAMLNode.Entry) {
        for entry in declarations(section, example: "limit: { type: double, default: 180 }") {
            guard declare(entry.name, "parameter") else { continue }
            guard let parameter = parameter(entry) else { continue }
            spec.parameters.append(parameter)
            if let text = parameter.defaultValue { fillDefault(parameter.name.value, text) }
        }
    }

    private mutating func parameter(_ entry: YAMLNode.Entry) -> ParameterDeclaration? {
        let value = reader.value(
            entry.value, ParameterGrammar.declaration, name: entry.name.value,
            place: entry.name.span)
        switch value?.kind {
        case .type(let type, _):
            return ParameterDeclaration(name: entry.name, type: Spanned(type, entry.value.span))
        case .object(let settings):
            guard case .type(let type, _)? = settings["type"]?.kind,
                let span = settings.span("type")
            else { return nil }
            return ParameterDeclaration(
                name: entry.name, type: Spanned(type, span),
                defaultValue: settings.expression("default"),
                description: settings.text("description"))
        default: return nil
        }
    }

    /// A default may use the environment and the parameters above it.
    private mutating func fillDefault(_ name: String, _ source: SourceText) {
        let (text, problems) = Interpolation.fill(source, reader.values)
        reader.diagnostics.add(contentsOf: problems)
        if reader.values.parameters[name] == nil { reader.values.parameters[name] = text }
    }
}

/// Reads a mapping against what its owner says may stand there.
///
/// It never fails: what fits is in the result, everything that does not is a diagnostic, all of
/// them in one go. Owners are the sections of a spec, steps, connectors, formats and stages.
public struct SettingsReader {
    public internal(set) var diagnostics = DiagnosticBag()
    /// What `${…}` is filled with in settings that are no plain text (durations, numbers, names).
    /// Texts and expressions keep theirs: they are filled in where they are used.
    public var values: InterpolationValues

    public init(values: InterpolationValues = InterpolationValues()) {
        self.values = values
    }

    /// - Parameters:
    ///   - subject: whose settings these are, in a sentence: "source `vehicles`".
    ///   - place: what to underline where something is missing; the mapping itself if `nil`.
    public static func read(
        _ node: YAMLNode, _ signatures: [SettingSignature], subject: String,
        place: SourceSpan? = nil, values: InterpolationValues = InterpolationValues()
    ) -> (Settings, [Diagnostic]) {
        var reader = SettingsReader(values: values)
        let settings = reader.settings(node, signatures, subject: subject, place: place)
        return (settings, reader.diagnostics.all)
    }

    /// A mapping as settings. Nothing written (`files:`) counts as an empty mapping.
    public mutating func settings(
        _ node: YAMLNode, _ signatures: [SettingSignature], subject: String,
        place: SourceSpan? = nil
    ) -> Settings {
        guard let entries = node.entries ?? (node.isNull ? [] : nil) else {
            let keys = signatures.map { "`\($0.name)`" }.joined(separator: ", ")
            wrongType(
                node, "\(subject) must be a mapping, not \(node.described)",
                notes: ["keys: \(keys)"])
            return Settings(span: node.span)
        }
        var result = Settings(span: node.span)
        for entry in entries {
            let key = entry.name
            guard let signature = signatures.first(where: { $0.name == key.value }) else {
                unknownKey(key, among: signatures.map(\.name), written: entries, subject)
                continue
            }
            if let value = value(entry.value, signature.kind, name: key.value, place: key.span) {
                result.entries.append(.init(key: key, value: value))
            }
        }
        let names = Set(entries.map(\.name.value))
        for signature in signatures where signature.isRequired && !names.contains(signature.name) {
            missing(signature, subject, at: place ?? node.span)
        }
        return result
    }

    /// One value; `nil`, with a diagnostic added, where it does not fit.
    ///
    /// - Parameters:
    ///   - name: the setting, for messages.
    ///   - place: its key.
    public mutating func value(
        _ node: YAMLNode, _ kind: SettingKind, name: String, place: SourceSpan? = nil
    ) -> SettingValue? {
        switch kind {
        case .object(let signatures):
            return object(node, signatures, name: name, place: place)
        case .variant(let variants):
            return variant(node, variants, name: name, place: place)
        case .list(let element): return list(node, element, name: name)
        case .oneOrMany(let element):
            guard node.items == nil else { return list(node, element, name: name) }
            return value(node, element, name: name, place: place).map {
                SettingValue(.list([$0]), span: node.span)
            }
        case .mapping(let element): return mapping(node, element, name: name)
        case .names: return names(node, name: name)
        case .either(let kinds): return either(node, kinds, name: name, place: place)
        case .node: return SettingValue(.node(node), span: node.span)
        default: return scalar(node, kind, name: name)
        }
    }
}

import PipelineDSL

extension Settings {
    /// Where each setting stands, by name.
    var places: [String: SourceSpan] {
        Dictionary(entries.map { ($0.key.value, $0.key.span) }, uniquingKeysWith: { $1 })
    }
}

extension SettingValue {
    /// The entries of a mapping.
    var mapping: [MappingEntry]? { if case .mapping(let entries) = kind { entries } else { nil } }
}

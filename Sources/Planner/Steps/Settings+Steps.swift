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

extension TypedExpression {
    /// The class of personal data in its value: those of all columns it is computed from. What a
    /// condition of a `CASE` reads decides about the value, so it counts.
    public func piiClass(over schema: Schema) -> String? {
        columns.reduce(nil) { found, index in
            schema.fields.indices.contains(index)
                ? mergedPII(found, schema.fields[index].pii) : found
        }
    }
}

/// A setting that was read and fits its signature.
public struct SettingValue: Hashable, Sendable {
    public var kind: Kind
    public var span: SourceSpan

    public init(_ kind: Kind, span: SourceSpan) {
        self.kind = kind
        self.span = span
    }

    public indirect enum Kind: Hashable, Sendable {
        case string(SourceText)
        case boolean(Bool)
        case integer(Int64)
        case number(Double)
        /// Microseconds.
        case duration(Int64)
        /// Bytes.
        case size(Int64)
        /// Per second.
        case rate(Double)
        /// 0…1
        case fraction(Double)
        /// `choice` and `name`
        case symbol(String)
        case names([Spanned<String>])
        case expression(SourceText)
        case type(DataType, notNull: Bool)
        case list([SettingValue])
        case mapping([MappingEntry])
        case object(Settings)
        case variant(Spanned<String>, Settings)
        case node(YAMLNode)
    }

    public struct MappingEntry: Hashable, Sendable {
        public var key: Spanned<String>
        public var value: SettingValue

        public init(key: Spanned<String>, value: SettingValue) {
            self.key = key
            self.value = value
        }
    }
}

/// The settings of one thing, read against their signatures.
public struct Settings: Hashable, Sendable {
    public struct Entry: Hashable, Sendable {
        public var key: Spanned<String>
        public var value: SettingValue

        public init(key: Spanned<String>, value: SettingValue) {
            self.key = key
            self.value = value
        }
    }

    /// In the order written.
    public var entries: [Entry]
    public var span: SourceSpan

    public init(_ entries: [Entry] = [], span: SourceSpan) {
        self.entries = entries
        self.span = span
    }

    public subscript(name: String) -> SettingValue? {
        entries.first { $0.key.value == name }?.value
    }

    public func string(_ name: String) -> String? {
        switch self[name]?.kind {
        case .string(let source), .expression(let source): source.text
        case .symbol(let text): text
        default: nil
        }
    }

    public func boolean(_ name: String) -> Bool? {
        if case .boolean(let value) = self[name]?.kind { value } else { nil }
    }

    public func integer(_ name: String) -> Int64? {
        if case .integer(let value) = self[name]?.kind { value } else { nil }
    }

    public func number(_ name: String) -> Double? {
        switch self[name]?.kind {
        case .number(let value), .fraction(let value), .rate(let value): value
        case .integer(let value): Double(value)
        default: nil
        }
    }

    /// Microseconds.
    public func duration(_ name: String) -> Int64? {
        if case .duration(let value) = self[name]?.kind { value } else { nil }
    }

    /// Bytes.
    public func size(_ name: String) -> Int64? {
        if case .size(let value) = self[name]?.kind { value } else { nil }
    }

    public func names(_ name: String) -> [Spanned<String>]? {
        guard let value = self[name] else { return nil }
        switch value.kind {
        case .names(let names): return names
        case .symbol(let text): return [Spanned(text, value.span)]
        default: return nil
        }
    }

    public func expression(_ name: String) -> SourceText? {
        switch self[name]?.kind {
        case .expression(let source), .string(let source): source
        default: nil
        }
    }

    public func mapping(_ name: String) -> [SettingValue.MappingEntry]? {
        if case .mapping(let entries) = self[name]?.kind { entries } else { nil }
    }

    public func object(_ name: String) -> Settings? {
        if case .object(let settings) = self[name]?.kind { settings } else { nil }
    }
}

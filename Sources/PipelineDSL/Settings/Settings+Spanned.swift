/// Values with their places, as declarations want them.
extension Settings {
    public func span(_ name: String) -> SourceSpan? { self[name]?.span }

    public func keySpan(_ name: String) -> SourceSpan? {
        entries.first { $0.key.value == name }?.key.span
    }

    public func spannedName(_ name: String) -> Spanned<String>? {
        self[name].flatMap { value in
            switch value.kind {
            case .symbol(let text): Spanned(text, value.span)
            case .string(let source): Spanned(source.text, value.span)
            default: nil
            }
        }
    }

    public func spannedDuration(_ name: String) -> Spanned<Int64>? {
        guard let microseconds = duration(name), let span = span(name) else { return nil }
        return Spanned(microseconds, span)
    }

    /// A text for readers, without its trailing line end.
    public func text(_ name: String) -> String? {
        string(name).map { text in
            var text = text[...]
            while text.last?.isNewline == true { text.removeLast() }
            return String(text)
        }
    }

    public func list(_ name: String) -> [SettingValue]? {
        if case .list(let values) = self[name]?.kind { values } else { nil }
    }

    public func node(_ name: String) -> YAMLNode? {
        if case .node(let node) = self[name]?.kind { node } else { nil }
    }

    /// Texts of a setting that is an expression or a list of them.
    func expressions(_ name: String) -> [SourceText]? {
        list(name)?.compactMap { value in
            switch value.kind {
            case .expression(let source), .string(let source): source
            default: nil
            }
        }
    }
}

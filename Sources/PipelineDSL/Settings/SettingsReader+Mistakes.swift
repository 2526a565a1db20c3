/// The words for what does not fit.
extension SettingsReader {
    /// The near name for what was written. After a thousand mistakes nobody reads suggestions, and
    /// looking for them could take long.
    func suggestion(_ written: String, among known: some Sequence<String>) -> String? {
        diagnostics.all.count < 1000 ? nearName(written, among: known) : nil
    }

    /// - Parameter taken: keys that are written beside it, which it cannot be meant for.
    mutating func unknownKey(
        _ key: Spanned<String>, among known: [String], written taken: Set<String>,
        _ subject: String
    ) {
        let near = suggestion(key.value, among: known.filter { !taken.contains($0) })
        diagnostics.add(
            Diagnostic(
                .unknownKey, "unknown key `\(key.value)` in \(subject)", at: key.span,
                label: near.map { "did you mean `\($0)`?" } ?? "not known here",
                notes: known.isEmpty
                    ? ["nothing can be set here"] : ["keys here: \(quotedList(known))"],
                fix: near.map { .init("use `\($0)`", span: key.span, replacement: $0) }))
    }

    mutating func missing(_ signature: SettingSignature, _ subject: String, at span: SourceSpan) {
        diagnostics.add(
            Diagnostic(
                .missingSetting, "\(subject) needs `\(signature.name)`", at: span,
                label: "`\(signature.name)` is missing",
                notes: ["`\(signature.name)`: \(signature.summary)"]))
    }

    mutating func wrongType(_ node: YAMLNode, _ message: String, notes: [String] = []) {
        diagnostics.add(Diagnostic(.wrongType, message, at: node.span, notes: notes))
    }

    mutating func wrongType(_ node: YAMLNode, _ kind: SettingKind, _ name: String) {
        guard !node.isNull else { return nothing(node, kind, name) }
        wrongType(node, "`\(name)` must be \(kind.expected), not \(node.described)")
    }

    mutating func nothing(_ node: YAMLNode, _ kind: SettingKind, _ name: String) {
        diagnostics.add(
            Diagnostic(
                .emptySetting, "`\(name)` has no value", at: node.span,
                label: "\(kind.brief) expected",
                notes: ["leave the key out if nothing is meant"]))
    }

    mutating func outOfRange(_ node: YAMLNode, _ kind: SettingKind, _ name: String) {
        diagnostics.add(
            Diagnostic(
                .outOfRange,
                "`\(name)` must be \(kind.expected), not `\(node.scalar?.text ?? "")`",
                at: node.span, label: "out of range"))
    }

    /// A number in quotes or with separators is nearly one; anything else is of another type.
    mutating func numberLike(
        _ node: YAMLNode, _ written: Written, _ kind: SettingKind, _ name: String
    ) {
        let bare = String(written.text.filter { !"_,' ".contains($0) })
        let isNumber =
            switch (kind, PlainValue(plain: bare)) {
            case (.integer, .integer), (.number, .integer), (.number, .number): true
            default: false
            }
        guard isNumber, written.plain == .text, !written.wasFilled else {
            return wrongType(node, kind, name)
        }
        diagnostics.add(
            Diagnostic(
                .wrongType, "`\(name)` must be \(kind.expected), not \(node.described)",
                at: node.span, label: "write `\(bare)`",
                notes: ["numbers stand without quotes and without separators"],
                fix: .init("write `\(bare)`", span: node.span, replacement: bare)))
    }

    mutating func badQuantity(
        _ node: YAMLNode, _ written: Written, _ kind: SettingKind, _ name: String,
        _ problem: Quantity.Problem
    ) {
        var notes: [String] = []
        var fix: Diagnostic.Fix?
        let label: String
        switch problem {
        case .notANumber: label = "does not start with a number"
        case .negative: label = "cannot be negative"
        case .tooLarge: label = kind.isFraction ? "more than 100%" : "too large"
        case .noUnit:
            label = "a unit is missing"
            notes = ["units: \(kind.units)"]
        case .varyingUnit(let unit):
            label = "`\(unit)` has no fixed length"
            notes = ["write days: `30 days`, `365 days`"]
        case .unknownUnit(let unit, let near):
            label = near.map { "did you mean `\($0)`?" } ?? "`\(unit)` is no unit here"
            notes = ["units: \(kind.units)"]
            if let near, let range = written.text.range(of: unit), !written.wasFilled,
                node.scalar?.style == .plain
            {
                let text = written.text.replacingCharacters(range, with: near)
                fix = .init("use `\(near)`", span: node.span, replacement: text)
            }
        }
        diagnostics.add(
            Diagnostic(
                .badQuantity, "`\(name)` must be \(kind.expected), not `\(written.text)`",
                at: node.span, label: label, notes: notes, fix: fix))
    }
}

extension String {
    /// The last place of `part`: a unit stands after its number.
    fileprivate func range(of part: String) -> Range<Index>? {
        guard !part.isEmpty else { return nil }
        var start = endIndex
        while start > startIndex {
            start = index(before: start)
            if self[start...].hasPrefix(part) {
                return start..<index(start, offsetBy: part.count)
            }
        }
        return nil
    }

    fileprivate func replacingCharacters(_ range: Range<Index>, with text: String) -> String {
        String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
    }
}

/// `a`, `b`, `c`; of many names only the first.
package func quotedList(_ names: some Collection<String>) -> String {
    let limit = 30
    let list = names.prefix(limit).map { "`\($0)`" }.joined(separator: ", ")
    return names.count > limit ? list + " and \(names.count - limit) more" : list
}

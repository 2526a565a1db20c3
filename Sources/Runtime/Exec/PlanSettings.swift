import PipelineDSL
import Planner

extension Settings {
    /// Settings as a plan stores them, read back by the same signatures they were checked with.
    /// Their spans are gone: what is wrong with a setting was said when the plan was made.
    package init(_ values: [String: PlanValue], signatures: [SettingSignature]) {
        let span = SourceSpan.file("plan")
        let entries = signatures.compactMap { signature -> Entry? in
            guard let value = values[signature.name],
                let kind = Settings.kind(value, signature.kind, span)
            else { return nil }
            return Entry(
                key: Spanned(signature.name, span), value: SettingValue(kind, span: span))
        }
        self.init(entries, span: span)
    }

    private static func kind(
        _ value: PlanValue, _ kind: SettingKind, _ span: SourceSpan
    ) -> SettingValue.Kind? {
        switch (value, kind) {
        // A setting of several kinds is of the first that has the value's shape.
        case (.string(let v), .either(let kinds)):
            let fitting = kinds.first { $0.holdsText(v) }
            return fitting.flatMap { Settings.kind(value, $0, span) } ?? .symbol(v)
        case (.number, .either(let kinds)) where kinds.contains { $0.isFraction }:
            return Settings.kind(value, .fraction, span)
        case (.boolean(let v), _): return .boolean(v)
        case (.integer(let v), .duration): return .duration(v)
        case (.integer(let v), .size): return .size(v)
        case (.integer(let v), _): return .integer(v)
        case (.number(let v), .rate): return .rate(v)
        case (.number(let v), .fraction): return .fraction(v)
        case (.number(let v), _): return .number(v)
        case (.string(let v), .choice), (.string(let v), .name): return .symbol(v)
        case (.string(let v), .names): return .names([Spanned(v, span)])
        case (.string(let v), _): return .string(SourceText(text: v, file: "plan"))
        case (.list(let values), .names):
            return .names(
                values.compactMap { if case .string(let v) = $0 { Spanned(v, span) } else { nil } })
        case (.list(let values), .list(let element)), (.list(let values), .oneOrMany(let element)):
            return .list(
                values.compactMap { Settings.kind($0, element, span) }
                    .map { SettingValue($0, span: span) })
        case (_, .either(let kinds)):
            return kinds.lazy.compactMap { Settings.kind(value, $0, span) }.first
        case (.object(let values), .object(let signatures)):
            return .object(Settings(values, signatures: signatures))
        case (.object(let values), .mapping(let element)):
            // A plan does not keep the order in which they were written.
            return .mapping(
                values.sorted { $0.key < $1.key }.compactMap { key, value in
                    Settings.kind(value, element, span).map {
                        .init(key: Spanned(key, span), value: SettingValue($0, span: span))
                    }
                })
        default: return nil
        }
    }
}

extension SettingKind {
    fileprivate func holdsText(_ text: String) -> Bool {
        switch self {
        case .string, .expression, .query, .name, .names: true
        case .choice(let choices): choices.contains(text)
        default: false
        }
    }

    fileprivate var isFraction: Bool { if case .fraction = self { true } else { false } }
}

import PipelineDSL

/// What the kinds of the settings of an `http` source do not say.
enum HTTPSettingChecks {
    static func all(_ settings: Settings) -> [Diagnostic] {
        path(settings) + body(settings) + retention(settings) + keys(settings) + plans(settings)
    }

    private static func path(_ settings: Settings) -> [Diagnostic] {
        guard let path = settings.string("path"), let span = settings["path"]?.span else {
            return []
        }
        let isPlain = path.utf8.allSatisfy {
            (0x21..<0x7F).contains($0) && !"?#\"".utf8.contains($0)
        }
        guard !path.hasPrefix("/") || !isPlain || path.utf8.count > 1024 else { return [] }
        return [
            Diagnostic(
                .ingestSettings, "`\(path)` is no path of a URL", at: span,
                notes: ["it begins with `/`, without query: `/service-records`"],
                fix: isPlain && !path.isEmpty
                    ? .init("use `/\(path)`", span: span, replacement: "/\(path)") : nil)
        ]
    }

    /// Bodies are held in memory.
    private static func body(_ settings: Settings) -> [Diagnostic] {
        guard let size = settings.size("max_body"), !(1024...(64 << 20)).contains(size) else {
            return []
        }
        return [
            Diagnostic(
                .ingestSettings, "a body cannot be limited to \(Int(clamping: size).readableBytes)",
                at: settings["max_body"]?.span,
                notes: ["`max_body` is from 1 KiB to 64 MiB (API Gateway: 10 MB)"])
        ]
    }

    private static func retention(_ settings: Settings) -> [Diagnostic] {
        let hour: Int64 = 3_600_000_000
        guard let retention = settings.duration("retention"),
            !(hour...365 * 24 * hour).contains(retention)
        else { return [] }
        return [
            Diagnostic(
                .ingestSettings, "rows cannot be kept so long or so short",
                at: settings["retention"]?.span, notes: ["`retention` is from 1 hour to 365 days"])
        ]
    }

    private static func keys(_ settings: Settings) -> [Diagnostic] {
        var seen: [String: SourceSpan] = [:]
        var found: [Diagnostic] = []
        for key in allKeys(settings) {
            guard case .string(let text) = key.kind else { continue }
            guard Interpolation.isSecret(text) else {
                found.append(
                    Diagnostic(
                        .ingestKey, "an API key stands in the spec", at: key.span,
                        notes: [
                            "plans and logs show it; write `\"${secret:NAME}\"` and set the "
                                + "environment variable NAME where the pipeline runs"
                        ]))
                continue
            }
            if let first = seen[text.text] {
                found.append(
                    Diagnostic(
                        .ingestKey, "the key `\(text.text)` is there twice", at: key.span,
                        notes: [
                            "the first is on line \(first.start.line)",
                            "a key has one usage plan, or none",
                        ]))
            } else {
                seen[text.text] = key.span
            }
        }
        return found
    }

    private static func allKeys(_ settings: Settings) -> [SettingValue] {
        (settings.list("keys") ?? [])
            + settings.entries(of: "usage_plans").flatMap { $0.1.list("keys") ?? [] }
    }

    private static func plans(_ settings: Settings) -> [Diagnostic] {
        settings.entries(of: "usage_plans").compactMap { name, plan in
            if plan["rate"] == nil, let burst = plan["burst"] {
                return Diagnostic(
                    .ingestSettings, "usage plan `\(name.value)` has a `burst` and no `rate`",
                    at: burst.span, notes: ["`rate: 100 / second` is what the burst runs down to"])
            }
            guard plan["rate"] == nil, plan["quota"] == nil else { return nil }
            return Diagnostic(
                .ingestSettings, "usage plan `\(name.value)` limits nothing", at: name.span,
                notes: ["give it a `rate` or a `quota`, or move its keys to `keys`"])
        }
    }
}

extension Settings {
    /// The entries of a mapping of settings.
    fileprivate func entries(of name: String) -> [(Spanned<String>, Settings)] {
        guard case .mapping(let entries) = self[name]?.kind else { return [] }
        return entries.compactMap {
            if case .object(let settings) = $0.value.kind { ($0.key, settings) } else { nil }
        }
    }
}

extension Interpolation {
    /// Whether a text is one secret and nothing else.
    fileprivate static func isSecret(_ text: SourceText) -> Bool {
        let parts = parts(text).0
        guard parts.count == 1, case .reference(.secret) = parts[0].kind else { return false }
        return true
    }
}

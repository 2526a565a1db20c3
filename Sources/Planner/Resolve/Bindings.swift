import PipelineDSL

/// What a node is bound to under the profile.
struct ResolvedBinding {
    var plan: BindingPlan
    var format: FormatPlan?
    var connector: any ConnectorSignature
    var settings: Settings
    /// Where the settings are written: `sqs.queue`.
    var places: [String: SourceSpan]
}

extension Checker {
    /// The profile's binding of a node, else its own.
    func binding(
        of name: String, _ own: Binding?, _ format: FormatDeclaration?
    ) -> (binding: Binding, format: FormatDeclaration?)? {
        if let override = profile.bindings.first(where: { $0.node.value == name }) {
            return (override.binding, override.format ?? format)
        }
        return own.map { ($0, format) }
    }

    /// - Parameter what: `source` or `sink`, for messages.
    mutating func resolve(
        _ name: Spanned<String>, _ own: Binding?, _ format: FormatDeclaration?, _ role: ConnectorRole
    ) -> ResolvedBinding? {
        // Where there is no connector the reader has said so.
        guard let (binding, format) = binding(of: name.value, own, format),
            let connector = connector(binding.connector, role)
        else { return nil }
        let (settings, problems) = SettingsReader.read(
            binding.settings, connector.settings,
            subject: "`\(connector.name)` of \(role.rawValue) `\(name.value)`",
            place: binding.connector.span, values: values)
        bag.add(contentsOf: problems)
        var reader = PlanValues(values)
        let planned = reader.settings(settings, connector.settings)
        bag.add(contentsOf: reader.diagnostics)
        let isOwn = !profile.bindings.contains { $0.node.value == name.value }
        let resolved = resolveFormat(
            format, isWanted: connector.needsFormat, isOwn: isOwn, binding.connector, role)
        guard problems.allSatisfy({ $0.severity != .error }), reader.diagnostics.isEmpty,
            case .right(let formatPlan) = resolved
        else { return nil }
        let embedded = isEmbedded ? connector.embedded(settings) : nil
        return ResolvedBinding(
            plan: BindingPlan(
                connector: connector.name, isEmbedded: embedded != nil, settings: planned,
                summary: embedded?.summary ?? connector.summary(settings, planned),
                span: binding.connector.span),
            format: formatPlan, connector: connector, settings: settings,
            places: settings.places.prefixed(connector.name).merging(
                format.map { $0.places } ?? [:], uniquingKeysWith: { own, _ in own }))
    }

    private mutating func connector(
        _ name: Spanned<String>, _ role: ConnectorRole
    ) -> (any ConnectorSignature)? {
        let fitting = catalogue.connectors.filter { $0.roles.contains(role) }.map(\.name)
        guard let connector = catalogue.connector(name.value) else {
            let near = nearName(name.value, among: fitting)
            bag.add(
                Diagnostic(
                    .unknownConnector, "there is no connector `\(name.value)`", at: name.span,
                    label: near.map { "did you mean `\($0)`?" } ?? "",
                    notes: ["connectors of a \(role.rawValue): \(quotedNames(fitting.sorted()))"],
                    fix: near.map { .init("use `\($0)`", span: name.span, replacement: $0) }))
            return nil
        }
        guard connector.roles.contains(role) else {
            bag.add(
                Diagnostic(
                    .connectorRole, "`\(name.value)` cannot be a \(role.rawValue)", at: name.span,
                    notes: ["connectors of a \(role.rawValue): \(quotedNames(fitting.sorted()))"]))
            return nil
        }
        return connector
    }

    private enum FormatResolution {
        /// `nil` where none is needed.
        case right(FormatPlan?)
        case wrong
    }

    private mutating func resolveFormat(
        _ format: FormatDeclaration?, isWanted: Bool, isOwn: Bool, _ connector: Spanned<String>,
        _ role: ConnectorRole
    ) -> FormatResolution {
        guard isWanted else {
            // A format of the node itself may be for the connector of another profile.
            if let format, isOwn, !hasOtherBindings {
                bag.add(
                    Diagnostic(
                        .formatUnused, "`\(connector.value)` has no use for a format",
                        at: format.name.span, notes: ["remove `format`"]))
                return .wrong
            }
            return .right(nil)
        }
        guard let format else {
            let names = formats(role).map(\.name)
            bag.add(
                Diagnostic(
                    .formatMissing, "`\(connector.value)` needs a format", at: connector.span,
                    notes: ["write `format:` beside it, one of \(quotedNames(names))"]))
            return .wrong
        }
        return formatPlan(format, role).map { .right($0) } ?? .wrong
    }

    private var hasOtherBindings: Bool { spec.profiles.contains { !$0.bindings.isEmpty } }

    private func formats(_ role: ConnectorRole) -> [any FormatSignature] {
        catalogue.formats.filter { $0.roles.contains(role) }
    }

    mutating func formatPlan(_ format: FormatDeclaration, _ role: ConnectorRole) -> FormatPlan? {
        let name = format.name
        let fitting = formats(role).map(\.name)
        guard let signature = catalogue.format(name.value), signature.roles.contains(role) else {
            reportFormat(name, role, fitting)
            return nil
        }
        let empty = YAMLNode(.mapping([]), span: name.span)
        let (settings, problems) = SettingsReader.read(
            format.settings ?? empty, signature.settings, subject: "format `\(name.value)`",
            place: name.span, values: values)
        var reader = PlanValues(values)
        let planned = reader.settings(settings, signature.settings)
        bag.add(contentsOf: problems + reader.diagnostics)
        guard problems.allSatisfy({ $0.severity != .error }), reader.diagnostics.isEmpty else {
            return nil
        }
        return FormatPlan(name: signature.name, settings: planned)
    }

    private mutating func reportFormat(
        _ name: Spanned<String>, _ role: ConnectorRole, _ fitting: [String]
    ) {
        let isKnown = catalogue.format(name.value) != nil || Self.laterFormats.contains(name.value)
        guard isKnown else {
            let near = nearName(name.value, among: fitting)
            bag.add(
                Diagnostic(
                    .unknownFormat, "there is no format `\(name.value)`", at: name.span,
                    label: near.map { "did you mean `\($0)`?" } ?? "",
                    notes: ["formats of a \(role.rawValue): \(quotedNames(fitting))"],
                    fix: near.map { .init("use `\($0)`", span: name.span, replacement: $0) }))
            return
        }
        let isTable = role == .zone && Self.laterFormats.contains(name.value)
        let later = Self.laterFormats.contains(name.value) ? " yet" : ""
        let verb = role == .source ? "read" : "written"
        bag.add(
            Diagnostic(
                .formatRole,
                isTable
                    ? "tables cannot be written as `\(name.value)` yet"
                    : "`\(name.value)` cannot be \(verb) by a \(role.rawValue)" + later,
                at: name.span, label: isTable ? "use `parquet` in the meantime" : "",
                notes: ["formats of a \(role.rawValue): \(quotedNames(fitting))"],
                fix: isTable && fitting.contains("parquet")
                    ? .init("use `parquet`", span: name.span, replacement: "parquet") : nil))
    }

    /// Formats of the language that no catalogue has yet.
    private static let laterFormats: Set<String> = ["avro", "delta", "iceberg", "table"]
}

extension FormatDeclaration {
    /// `format`, `format.csv.delimiter`
    var places: [String: SourceSpan] {
        var places = ["format": name.span]
        for entry in settings?.entries ?? [] {
            guard let key = entry.key.scalar?.text else { continue }
            places["format.\(name.value).\(key)"] = entry.key.span
        }
        return places
    }
}

extension [String: SourceSpan] {
    func prefixed(_ prefix: String) -> Self {
        Dictionary(map { ("\(prefix).\($0.key)", $0.value) }, uniquingKeysWith: { $1 })
    }
}

extension ConnectorSignature {
    /// `files data/vehicles.json`: its name and the settings that must be there.
    func summary(_ settings: Settings, _ planned: [String: PlanValue]) -> String {
        let main = self.settings.filter(\.isRequired).compactMap { signature -> String? in
            planned[signature.name]?.string
        }
        return ([name] + main).joined(separator: " ")
    }
}

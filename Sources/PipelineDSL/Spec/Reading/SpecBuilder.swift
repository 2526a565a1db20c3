/// Builds a spec from the files that were loaded, section by section.
///
/// Each section is a file of its own in `Sections/`: its grammar, and how it becomes declarations.
struct SpecBuilder {
    var spec: Spec
    var reader: SettingsReader
    var names = DeclaredNames()
    let connectors: Set<String>
    private let main: SpecLoader.File

    var diagnostics: [Diagnostic] { reader.diagnostics.all }

    init(main: SpecLoader.File, values: InterpolationValues, connectors: Set<String>) {
        self.main = main
        self.connectors = connectors
        reader = SettingsReader(values: values)
        let nameless = Spanned("", SourceSpan.file(main.name))
        spec = Spec(file: main.name, pipeline: nameless)
    }

    mutating func build(_ files: [SpecLoader.File]) {
        readHeader()
        for file in files { checkKeys(of: file) }
        // Everything else may be filled in with parameters, and profiles name nodes.
        let given = reader.values.parameters
        section("parameters", files) { $0.readParameters($1) }
        reader.values.parameters.merge(given) { $1 }
        section("contracts", files) { $0.readContracts($1) }
        section("sources", files) { $0.readSources($1) }
        section("zones", files) { $0.readZones($1) }
        section("transforms", files) { $0.readTransforms($1) }
        section("sinks", files) { $0.readSinks($1) }
        section("stages", files) { $0.readStages($1) }
        section("alerts", files) { $0.readAlerts($1) }
        section("tests", files) { $0.readTests($1) }
        section("moved", files) { $0.readMoved($1) }
        section("dead_letters", files) { $0.readDeadLetters($1) }
        section("profiles", files) { $0.readProfiles($1) }
        spec.parameterReferences = files.reduce(into: []) { $1.root.collectParameters(&$0) }
    }

    private mutating func section(
        _ key: String, _ files: [SpecLoader.File],
        _ read: (inout SpecBuilder, YAMLNode.Entry) -> Void
    ) {
        for file in files {
            guard let entry = file.root.entries?.first(where: { $0.name.value == key }) else {
                continue
            }
            read(&self, entry)
        }
    }

    private mutating func readHeader() {
        let start = SourceSpan.file(main.name)
        let header = main.root.entries ?? []
        let wanted = SpecGrammar.header
        let node = YAMLNode(
            .mapping(header.filter { entry in wanted.contains { $0.name == entry.name.value } }),
            span: main.root.span)
        let settings = reader.settings(node, wanted, subject: "the spec", place: start)
        if let version = settings["version"], version.kind != .integer(1) {
            reader.diagnostics.add(
                Diagnostic(
                    .unsupportedVersion, "version \(settings.integer("version") ?? 0) is not known",
                    at: version.span, label: "write `1`",
                    notes: ["the version is that of the spec language; this pipec reads version 1"],
                    fix: .init("write `1`", span: version.span, replacement: "1")))
        }
        if let name = settings.spannedName("pipeline") {
            spec.pipeline = name
            check(name, .pipeline)
        }
        spec.description = settings.text("description")
        spec.owner = settings.text("owner")
    }

    /// Unknown keys at the top, keys of a later version, and those of the main file elsewhere.
    private mutating func checkKeys(of file: SpecLoader.File) {
        let entries = file.root.entries ?? []
        for entry in entries {
            let key = entry.name
            if let later = SpecGrammar.later.first(where: { $0 == key.value }) {
                notSupportedYet(later, at: key.span)
            } else if !SpecGrammar.root.contains(where: { $0.name == key.value }) {
                reader.unknownKey(
                    key, among: SpecGrammar.root.map(\.name), written: entries, "the spec")
            } else if !file.isMain, SpecGrammar.mainOnly.contains(key.value) {
                reader.diagnostics.add(
                    Diagnostic(
                        .notInIncludedFile, "`\(key.value)` belongs in the main file", at: key.span,
                        label: "\(file.name) is included",
                        notes: ["\(main.name) names the pipeline for all files it includes"]))
            } else if !file.isMain, key.value == "version", entry.value.scalar?.text != "1" {
                _ = reader.value(entry.value, .integer(1...1), name: "version")
            } else if key.value == "include" {
                _ = reader.value(entry.value, .oneOrMany(.string), name: "include")
            }
        }
    }

    mutating func notSupportedYet(_ what: String, at span: SourceSpan) {
        reader.diagnostics.add(
            Diagnostic(
                .notSupportedYet, "`\(what)` is not supported yet", at: span,
                notes: ["the key is reserved for a later version; remove it for now"]))
    }

    /// The entries of a section that is a mapping of names to declarations.
    mutating func declarations(_ section: YAMLNode.Entry, example: String) -> [YAMLNode.Entry] {
        if section.value.isNull { return [] }
        guard let entries = section.value.entries else {
            reader.wrongType(
                section.value,
                "`\(section.name.value)` must be a mapping of names, not \(section.value.described)",
                notes: ["write `\(section.name.value): { \(example) }`"])
            return []
        }
        return entries
    }
}

extension YAMLNode {
    /// Names of the parameters that its texts are filled with. Nesting is bounded by the reader.
    fileprivate func collectParameters(_ found: inout Set<String>) {
        switch kind {
        case .scalar(let scalar):
            guard Interpolation.isNeeded(scalar.text) else { return }
            for part in Interpolation.parts(scalar.source).0 {
                if case .reference(.parameter(let name)) = part.kind { found.insert(name) }
            }
        case .sequence(let items):
            for item in items { item.collectParameters(&found) }
        case .mapping(let entries):
            for entry in entries { entry.value.collectParameters(&found) }
        }
    }
}

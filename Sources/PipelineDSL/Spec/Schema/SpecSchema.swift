/// The grammar of a spec as JSON Schema (draft 2020-12), for editors: completion, documentation on
/// hover, and the first mistakes while typing.
///
/// ```yaml
/// # yaml-language-server: $schema=schema/pipec.schema.json
/// ```
public struct SpecSchema: Sendable {
    /// A connector, format or step: a key with what may stand under it.
    public struct Choice: Sendable {
        public var name: String
        public var documentation: String
        public var kind: SettingKind

        public init(_ name: String, _ documentation: String = "", _ kind: SettingKind) {
            self.name = name
            self.documentation = documentation
            self.kind = kind
        }
    }

    /// Connectors that a source may have.
    public var sources: [Choice]
    /// Connectors that a sink may have.
    public var sinks: [Choice]
    /// Connectors that can be told of alerts.
    public var receivers: [Choice]
    public var formats: [Choice]
    public var steps: [Choice]

    /// What is empty is left open: any key is accepted in its place.
    public init(
        sources: [Choice] = [], sinks: [Choice] = [], receivers: [Choice] = [],
        formats: [Choice] = [], steps: [Choice] = []
    ) {
        self.receivers = receivers
        self.sources = sources
        self.sinks = sinks
        self.formats = formats
        self.steps = steps
    }

    /// With the same connectors for sources and sinks.
    public static func jsonSchema(
        connectors: [String: [SettingSignature]], formats: [String: [SettingSignature]] = [:],
        steps: [String: SettingKind] = [:]
    ) -> String {
        func choices(_ named: [String: [SettingSignature]]) -> [Choice] {
            named.map { Choice($0.key, "", .object($0.value)) }.sorted { $0.name < $1.name }
        }
        return SpecSchema(
            sources: choices(connectors), sinks: choices(connectors), formats: choices(formats),
            steps: steps.map { Choice($0.key, "", $0.value) }.sorted { $0.name < $1.name }
        ).text()
    }

    public func text() -> String {
        let writer = SchemaWriter()
        var members: [JSONText.Member] = [
            .init("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
            .init("title", .string("pipec pipeline")),
            .init("description", .string("A pipeline: sources, transforms, zones and sinks.")),
        ]
        let root = writer.object(SpecGrammar.root, overriding: sections(writer), allowsNull: true)
        members += root
        members.append(.init("$defs", .object(definitions(writer))))
        return JSONText.object(members).pretty() + "\n"
    }

    /// The sections in which the catalogue says what may stand.
    private func sections(_ writer: SchemaWriter) -> [String: JSONText] {
        let format = ["format": writer.reference("format")]
        let source = node(SourceGrammar.signatures, "source_connectors", sources, format, writer)
        let sink = node(SinkGrammar.signatures, "sink_connectors", sinks, format, writer)
        let zone = JSONText.object(writer.object(ZoneGrammar.signatures, overriding: format))
        let steps = JSONText.object([
            .init("type", .string("array")), .init("items", writer.reference("step")),
        ])
        let transform = JSONText.object(
            writer.object(TransformGrammar.signatures, overriding: ["steps": steps]))
        let receivers = JSONText.object([
            .init(
                "anyOf",
                .array([
                    writer.reference("receiver"),
                    .object([
                        .init("type", .string("array")),
                        .init("items", writer.reference("receiver")),
                    ]),
                ]))
        ])
        let alert = JSONText.object(
            writer.object(AlertGrammar.signatures, overriding: ["notify": receivers]))
        return [
            "sources": writer.named(source), "sinks": writer.named(sink),
            "zones": writer.named(zone), "transforms": writer.named(transform),
            "alerts": writer.named(alert), "tests": writer.named(TestSchema(writer).test),
            "profiles": writer.named(writer.reference("profile")),
        ]
    }

    /// A source or sink: its own keys and one connector.
    private func node(
        _ signatures: [SettingSignature], _ definition: String, _ connectors: [Choice],
        _ overriding: [String: JSONText], _ writer: SchemaWriter
    ) -> JSONText {
        var members = writer.object(
            signatures, overriding: overriding,
            extra: connectors.map { choice in
                .init(choice.name, writer.reference(definition, choice.name))
            }, isOpen: connectors.isEmpty)
        if !connectors.isEmpty {
            let one = connectors.map { choice in
                JSONText.object([.init("required", .array([.string(choice.name)]))])
            }
            members.append(.init("oneOf", .array(one)))
        }
        return .object(members)
    }

    private func definitions(_ writer: SchemaWriter) -> [JSONText.Member] {
        writer.scalarDefinitions + [
            .init("source_connectors", writer.definitions(sources)),
            .init("sink_connectors", writer.definitions(sinks)),
            .init("receivers", writer.definitions(receivers)),
            .init("formats", writer.definitions(formats)),
            .init("steps", writer.definitions(steps)),
            .init("format", format(writer)),
            .init("step", writer.oneOf(steps, in: "steps", alsoOpenIf: steps.isEmpty)),
            .init(
                "receiver", writer.oneOf(receivers, in: "receivers", alsoOpenIf: receivers.isEmpty)),
            .init("profile", profile(writer)),
        ]
    }

    private func format(_ writer: SchemaWriter) -> JSONText {
        let names: JSONText =
            formats.isEmpty
            ? .object([.init("type", .string("string"))])
            : .object([.init("enum", .array(formats.map { .string($0.name) }))])
        let settings = writer.oneOf(formats, in: "formats", alsoOpenIf: formats.isEmpty)
        return .object([.init("anyOf", .array([names, settings]))])
    }

    /// A node's name with its connector, or a setting of the profile itself.
    private func profile(_ writer: SchemaWriter) -> JSONText {
        var seen: Set<String> = []
        let connectors = (sources + sinks).filter { seen.insert($0.name).inserted }
        let isSource = Set(sources.map(\.name))
        let properties = connectors.map { choice in
            JSONText.Member(
                choice.name,
                writer.reference(
                    isSource.contains(choice.name) ? "source_connectors" : "sink_connectors",
                    choice.name))
        }
        let binding = JSONText.object([
            .init("type", .string("object")),
            .init(
                "properties",
                .object(properties + [.init("format", writer.reference("format"))])),
        ])
        let setting = JSONText.object([
            .init("type", .array(["string", "number", "boolean"].map { .string($0) }))
        ])
        return .object([
            .init("type", .array([.string("object"), .string("null")])),
            .init("additionalProperties", .object([.init("anyOf", .array([setting, binding]))])),
        ])
    }
}

import ArgumentParser
import PipelineDSL
import Planner
import Runtime

struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Prints the JSON Schema of the spec, for editors.",
        discussion: """
            With a first line like this in pipec.yaml an editor completes keys, shows their \
            documentation and underlines mistakes:

              # yaml-language-server: $schema=pipec.schema.json
            """)

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The file to write; otherwise the standard output.", valueName: "file"))
    var output: String?

    @Option(help: "When to use colour: auto (on a terminal), always, never.")
    var color = ColorChoice.auto

    func run() throws {
        let text = SpecSchema(Registry.catalogue()).text()
        guard let output else { return Output.write(text) }
        try Output.reporting(color) { try Output.write(Array(text.utf8), to: output) }
    }
}

extension SpecSchema {
    /// The grammar with all that a catalogue knows.
    init(_ catalogue: Catalogue) {
        func connectors(_ role: ConnectorRole) -> [Choice] {
            catalogue.connectors.filter { $0.roles.contains(role) }
                .map { Choice($0.name, $0.documentation, .object($0.settings)) }
                .sorted { $0.name < $1.name }
        }
        self.init(
            sources: connectors(.source), sinks: connectors(.sink),
            receivers: connectors(.receiver),
            formats: catalogue.formats
                .map { Choice($0.name, $0.documentation, .object($0.settings)) }
                .sorted { $0.name < $1.name },
            steps: catalogue.steps.map { Choice($0.name, $0.documentation, $0.body) }
                .sorted { $0.name < $1.name })
    }
}

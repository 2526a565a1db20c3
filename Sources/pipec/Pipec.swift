import ArgumentParser

@main
struct Pipec: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pipec", abstract: "Declarative pipelines: check, plan and run them.")
}

import ArgumentParser
import Foundation
import PipelineDSL

enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
    case auto, always, never

    /// `NO_COLOR` (no-color.org) and a terminal that knows no colours turn `auto` off.
    func isColored(_ descriptor: Int32) -> Bool {
        switch self {
        case .always: true
        case .never: false
        case .auto:
            isatty(descriptor) == 1
                && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
                && ProcessInfo.processInfo.environment["TERM"] != "dumb"
        }
    }
}

/// Flags that every command shares.
struct GlobalOptions: ParsableArguments {
    @Option(help: "The profile that says what nodes are bound to.")
    var profile = "local"

    @Option(
        name: .customLong("param"), parsing: .singleValue,
        help: ArgumentHelp("Sets a parameter; may be repeated.", valueName: "name=value"))
    var parameters: [String] = []

    @Option(
        name: [.short, .customLong("file")],
        help: "The spec; otherwise pipec.yaml of this folder or the nearest one above.")
    var file: String?

    @Option(help: "When to use colour: auto (on a terminal), always, never.")
    var color = ColorChoice.auto

    @Flag(name: .shortAndLong, help: "Says only what went wrong.")
    var quiet = false

    @Flag(
        name: .shortAndLong,
        help: "Says more: where the time, the bytes and the memory of a run went.")
    var verbose = false

    func validate() throws {
        for parameter in parameters where !parameter.contains("=") {
            throw ValidationError("--param takes name=value, not `\(parameter)`")
        }
    }

    var parameterValues: [String: String] {
        var values: [String: String] = [:]
        for parameter in parameters {
            guard let equals = parameter.firstIndex(of: "=") else { continue }
            values[String(parameter[..<equals])] = String(
                parameter[parameter.index(after: equals)...])
        }
        return values
    }

    func isColored(_ descriptor: Int32) -> Bool { color.isColored(descriptor) }
}

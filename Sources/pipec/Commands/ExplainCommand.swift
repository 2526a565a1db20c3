import ArgumentParser
import PipelineDSL

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Explains a diagnostic code.")

    @Argument(help: "A code such as PIPE0203.")
    var topic: String

    @OptionGroup var options: GlobalOptions

    func run() throws {
        if topic.uppercased().hasPrefix("PIPE"), let number = Int(topic.dropFirst(4)) {
            return try explain(code: number)
        }
        Output.error(
            DiagnosticPrinter(isColored: options.isColored(2)).render([
                Diagnostic(.unknownTopic, "`\(topic)` is not a diagnostic code", at: nil)
            ]))
        throw ExitCode.failure
    }

    private func explain(code number: Int) throws {
        guard let code = DiagnosticCode.all.first(where: { $0.number == number }) else {
            Output.error(
                DiagnosticPrinter(isColored: options.isColored(2)).render([
                    Diagnostic(.unknownTopic, "there is no diagnostic \(topic.uppercased())", at: nil)
                ]))
            throw ExitCode.failure
        }
        Output.write("\(code): \(code.title)\n\n\(code.explanation)\n")
    }
}

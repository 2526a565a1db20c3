import ArgumentParser
import Foundation
import PipelineDSL

/// Exit codes: 0 ok, 1 error, 2 changes (`--detailed-exitcode`), 3 `--fail-on`, 64 usage,
/// 130 interrupted.
extension ExitCode {
    static let changes = ExitCode(2)
    static let stopped = ExitCode(3)
    static let interrupted = ExitCode(130)
}

enum Output {
    static func write(_ text: String) { put(text, 1) }
    static func error(_ text: String) { put(text, 2) }

    /// A closed pipe (`pipec query … | head`) ends the program quietly.
    private static func put(_ text: String, _ descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var done = 0
            while done < bytes.count {
                let count = Foundation.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { exit(descriptor == 1 && errno == EPIPE ? 0 : 1) }
                done += count
            }
        }
    }
}

enum DiagnosticFormat: String, ExpressibleByArgument, CaseIterable { case text, json, github }

/// Says diagnostics in the format asked for.
struct DiagnosticPrinter {
    var format = DiagnosticFormat.text
    var isColored = false

    func render(_ diagnostics: [Diagnostic]) -> String {
        switch format {
        case .text:
            TerminalRenderer(isColored: isColored) { file in
                FileManager.default.contents(atPath: file).flatMap { String(data: $0, encoding: .utf8) }
            }.render(diagnostics)
        case .json: JSONRenderer.render(diagnostics)
        case .github: GitHubRenderer.render(diagnostics)
        }
    }
}

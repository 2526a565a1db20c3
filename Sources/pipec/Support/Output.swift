import ArgumentParser
import Foundation
import PipelineDSL
import Runtime

/// Exit codes: 0 ok, 1 error, 2 changes (`--detailed-exitcode`), 3 `--fail-on`, 64 usage,
/// 130 interrupted.
extension ExitCode {
    static let changes = ExitCode(2)
    static let stopped = ExitCode(3)
    static let interrupted = ExitCode(130)
}

enum Output {
    static func write(_ text: String) { put(text, 1) }
    static func write(bytes: [UInt8]) { bytes.withUnsafeBytes { put($0, 1) } }
    static func error(_ text: String) { put(text, 2) }

    /// A closed pipe (`pipec query … | head`) ends the program quietly.
    private static func put(_ text: String, _ descriptor: Int32) {
        var text = text
        text.withUTF8 { put(UnsafeRawBufferPointer($0), descriptor) }
    }

    private static func put(_ bytes: UnsafeRawBufferPointer, _ descriptor: Int32) {
        var rest = bytes
        while !rest.isEmpty {
            let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { exit(descriptor == 1 && errno == EPIPE ? 0 : 1) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }
}

extension Output {
    /// Says diagnostics on the standard error.
    static func say(
        _ diagnostics: [Diagnostic], _ color: ColorChoice, texts: [String: String] = [:]
    ) {
        guard !diagnostics.isEmpty else { return }
        let printer = DiagnosticPrinter(isColored: color.isColored(2), texts: texts)
        error(printer.render(diagnostics))
    }

    /// Turns an error of the runtime into what the terminal says.
    static func reporting<R>(_ color: ColorChoice, _ body: () throws -> R) throws -> R {
        do { return try body() } catch let failure as RunError {
            say([failure.diagnostic], color)
            throw ExitCode.failure
        }
    }

    /// Writes a file whole or not at all.
    ///
    /// - Throws: a ``RunError`` that names it.
    static func write(_ bytes: some Collection<UInt8>, to path: String) throws {
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            let folder = (path as NSString).deletingLastPathComponent
            let isThere = folder.isEmpty || FileManager.default.fileExists(atPath: folder)
            throw RunError(
                .notWritten, "\(path) cannot be written",
                notes: [isThere ? error.localizedDescription : "there is no folder \(folder)"])
        }
    }
}

enum DiagnosticFormat: String, ExpressibleByArgument, CaseIterable { case text, json, github }

/// Says diagnostics in the format asked for.
struct DiagnosticPrinter {
    var format = DiagnosticFormat.text
    var isColored = false
    /// What is shown of files that are in no folder: `<query>`, files of a git revision.
    var texts: [String: String] = [:]

    func render(_ diagnostics: [Diagnostic]) -> String {
        switch format {
        case .text:
            TerminalRenderer(isColored: isColored) { file in
                texts[file]
                    ?? FileManager.default.contents(atPath: file).flatMap {
                        String(data: $0, encoding: .utf8)
                    }
            }.render(diagnostics)
        case .json: JSONRenderer.render(diagnostics)
        case .github: GitHubRenderer.render(diagnostics)
        }
    }
}

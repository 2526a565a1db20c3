import Foundation
import PipelineDSL

/// The `git` of the machine, asked about the repository around a folder. Arguments are passed as they
/// are: no shell reads them.
struct Git {
    /// Absolute.
    let folder: String

    struct Answer {
        var status: Int32
        var bytes: [UInt8]
        var errors: String

        var text: String {
            String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        }

        /// The first line of what git says is wrong, without its `fatal:`.
        var reason: String {
            let line = errors.split(separator: "\n").first.map(String.init) ?? "status \(status)"
            return line.hasPrefix("fatal: ") ? String(line.dropFirst(7)) : line
        }
    }

    /// `nil` where there is no git.
    func ask(_ arguments: [String]) -> Answer? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["git", "-C", folder] + arguments
        // Answers are parsed, and asking changes nothing.
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"],
            uniquingKeysWith: { $1 })
        let (output, errors) = (Pipe(), Pipe())
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        do { try process.run() } catch { return nil }
        // What goes wrong is said in a few lines, which fit into the pipe.
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        let said = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        // What `env` says where there is no such program.
        if process.terminationStatus == 127 { return nil }
        return Answer(
            status: process.terminationStatus, bytes: [UInt8](bytes),
            errors: String(decoding: said, as: UTF8.self))
    }
}

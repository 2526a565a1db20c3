import ArgumentParser
import Foundation
import PipelineDSL
import Planner
import Runtime

/// The spec (or plan) that a command works on, and where everything relative starts.
struct Workspace {
    let options: GlobalOptions
    /// As a user would write it; spans carry it.
    let path: String
    let project: ProjectDirectory
    /// Whether warnings are said as well: they are what `check` and `plan` are for; a run or a query
    /// need not repeat them.
    var saysWarnings = false
    /// Whether a plan that cannot be run continuously is a mistake, where one is asked for.
    var checksStreaming = true
    /// Where columns come from that sources do not declare.
    var schemas = SchemaPins.Use.pinned

    static let specNames = ["pipec.yaml", "pipec.yml"]

    /// - Parameter path: a spec, a plan, or the folder of a spec; `nil` looks for `pipec.yaml` here
    ///   and above.
    init(_ path: String?, _ options: GlobalOptions) throws {
        self.options = options
        if let path {
            let file = InputFile.isFolder(path) ? Workspace.spec(in: path) : path
            guard FileManager.default.fileExists(atPath: file) else {
                throw Workspace.stop(
                    options, .noSpec, "there is no file \(file)",
                    notes: InputFile.near(file) + [Workspace.hint])
            }
            self.path = file
        } else if let found = Workspace.find() {
            self.path = found
        } else {
            throw Workspace.stop(
                options, .noSpec, "there is no pipec.yaml in this folder or any above it",
                notes: ["`pipec --help` shows how to name a spec", Workspace.hint])
        }
        let absolute = URL(fileURLWithPath: self.path).standardizedFileURL.path
        project = ProjectDirectory((absolute as NSString).deletingLastPathComponent)
    }

    private static let hint = "`pipec init my-pipeline` makes a project that runs"

    /// The spec of a folder, or where it would be.
    static func spec(in folder: String) -> String {
        let folder = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        return specNames.map { folder + "/" + $0 }
            .first { FileManager.default.fileExists(atPath: $0) } ?? folder + "/pipec.yaml"
    }

    /// The nearest spec, relative to the working directory.
    private static func find() -> String? {
        var folder = FileManager.default.currentDirectoryPath
        var prefix = ""
        while true {
            for name in specNames
            where FileManager.default.fileExists(atPath: folder + "/" + name) {
                return prefix + name
            }
            if folder == "/" || folder.isEmpty { return nil }
            folder = (folder as NSString).deletingLastPathComponent
            prefix += "../"
        }
    }

    var isPlanFile: Bool { path.hasSuffix(".json") }

    func bytes() throws -> [UInt8] { try reporting { try InputFile.bytes(path) } }

    // MARK: - Saying what is wrong

    /// Says one diagnostic that no place in a file goes with.
    ///
    /// - Returns: what ends the command.
    static func stop(
        _ options: GlobalOptions, _ code: DiagnosticCode, _ message: String, notes: [String] = []
    ) -> ExitCode {
        Output.say([Diagnostic(code, message, at: nil, notes: notes)], options.color)
        return ExitCode.failure
    }

    /// Says diagnostics; with errors, ends the command.
    func stop(
        _ diagnostics: [Diagnostic], unless isFine: Bool, texts: [String: String] = [:]
    ) throws {
        let shown = options.quiet ? diagnostics.filter { $0.severity == .error } : diagnostics
        Output.say(shown, options.color, texts: texts)
        if !isFine { throw ExitCode.failure }
    }

    /// Turns an error of the runtime into what the terminal says.
    func reporting<R>(_ body: () throws -> R) throws -> R {
        try Output.reporting(options.color, body)
    }
}

import ArgumentParser
import Foundation
import PipelineDSL
import Planner
import Runtime

struct FeedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feed", abstract: "Puts records into the embedded counterpart of a node.",
        discussion: """
            For a node on s3, files are copied into its folder, where a reader sees them whole or not at
            all. For one on sqs, every line of the files (or of the standard input) is a message.
            """)

    @Argument(help: "A source or sink of the spec.")
    var node: String

    @Argument(help: "Files; `-` or none is the standard input.")
    var files: [String] = []

    @OptionGroup var options: GlobalOptions

    func run() throws {
        let workspace = try Workspace(options.file, options)
        let plan = try workspace.plan()
        try workspace.reporting {
            let feed = try Feed(node: node, plan: plan, project: workspace.project)
            let inputs = files.isEmpty ? ["-"] : files
            for file in inputs {
                guard
                    let data = file == "-"
                        ? FileHandle.standardInput.readDataToEndOfFile()
                        : FileManager.default.contents(atPath: file)
                else { throw RunError(.unreadableFile, "\(file) cannot be read") }
                let name = file == "-" ? "stdin" : (file as NSString).lastPathComponent
                let said = try feed.put([UInt8](data), name: name, now: RunClock.now())
                if !options.quiet { Output.write(said + "\n") }
            }
        }
    }
}

struct PeekCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peek",
        abstract: "Shows what the embedded counterpart of a node holds, without consuming it.")

    @Argument(help: "A source or sink of the spec.")
    var node: String

    @Option(help: "How many records at most.")
    var limit = 10

    @OptionGroup var options: GlobalOptions

    func run() throws {
        let workspace = try Workspace(options.file, options)
        let plan = try workspace.plan()
        try workspace.reporting {
            let feed = try Feed(node: node, plan: plan, project: workspace.project)
            let (lines, summary) = try feed.peek(max(0, limit), now: RunClock.now())
            for line in lines { Output.write(line + "\n") }
            if !options.quiet { Output.error(summary + "\n") }
        }
    }
}

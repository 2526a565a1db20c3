import ArgumentParser
import Foundation
import PipelineDSL
import Planner
import Runtime

struct FeedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feed", abstract: "Puts records into the embedded counterpart of a node.",
        discussion: """
            For a node on files or s3, files are copied into its folder, where a reader sees them whole or \
            not at all. For one on sqs or kinesis, every line of the files (or of the standard input) is a \
            message or a record.

              pipec feed telemetry_files 2026-01-03.csv
              zcat old.csv.gz | pipec feed telemetry_files --name old.csv
              echo '{"vehicle_id": "V1"}' | pipec feed idle_vehicles
              pipec feed idle_vehicles --redrive
            """)

    @Argument(help: "A source or sink of the spec.")
    var node: String

    @Argument(help: "Files; `-` or none is the standard input.")
    var files: [String] = []

    @Option(help: ArgumentHelp("What the file is called that one is copied to.", valueName: "file"))
    var name: String?

    @Flag(help: "Puts the messages of a queue's dead-letter queue back into it.")
    var redrive = false

    @OptionGroup var options: GlobalOptions

    func validate() throws {
        if redrive, !files.isEmpty { throw ValidationError("--redrive takes no files") }
        if name != nil, files.count > 1 { throw ValidationError("--name is for one file") }
    }

    func run() throws {
        let workspace = try Workspace(options.file, options)
        let plan = try workspace.plan()
        try workspace.reporting {
            let feed = try Feed(node: node, plan: plan, project: workspace.project)
            if redrive {
                let said = try feed.redrive(now: RunClock.now())
                if !options.quiet { Output.write(said + "\n") }
                return
            }
            for file in files.isEmpty ? ["-"] : files {
                let name =
                    self.name ?? (file == "-" ? "stdin" : (file as NSString).lastPathComponent)
                let said = try feed.put(try bytes(file), name: name, now: RunClock.now())
                if !options.quiet { Output.write(said + "\n") }
            }
        }
    }

    private func bytes(_ file: String) throws -> [UInt8] {
        if file == "-" { return [UInt8](FileHandle.standardInput.readDataToEndOfFile()) }
        return try InputFile.bytes(file)
    }
}

struct PeekCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peek",
        abstract: "Shows what the embedded counterpart of a node holds, without consuming it.",
        discussion: """
            Files of a folder or table, messages of a queue, records of a stream, items of a key-value table. \
            How many there are is said on the standard error.
            """)

    @Argument(help: "A source or sink of the spec.")
    var node: String

    @Option(help: "How many records at most.")
    var limit = 10

    @Flag(help: "Of a queue, what is in its dead-letter queue.")
    var deadLetters = false

    @Flag(help: "Of objects, what they were before they were written again.")
    var versions = false

    @Option(
        help: ArgumentHelp("Of a key-value table, by this index.", valueName: "name"))
    var index: String?

    @Option(
        help: ArgumentHelp("Of a key-value table, the items with this key.", valueName: "value"))
    var key: String?

    @OptionGroup var options: GlobalOptions

    func validate() throws {
        if limit < 0 { throw ValidationError("--limit takes a number from 0, not \(limit)") }
    }

    func run() throws {
        let workspace = try Workspace(options.file, options)
        let plan = try workspace.plan()
        try workspace.reporting {
            let feed = try Feed(node: node, plan: plan, project: workspace.project)
            var shown = Feed.PeekOptions()
            shown.deadLetters = deadLetters
            (shown.index, shown.key, shown.versions) = (index, key, versions)
            let (lines, summary) = try feed.peek(max(0, limit), shown, now: RunClock.now())
            for line in lines { Output.write(line + "\n") }
            if !options.quiet { Output.error(summary + "\n") }
        }
    }
}

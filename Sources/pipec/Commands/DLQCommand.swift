import ArgumentParser
import Foundation
import PipelineDSL
import Planner
import Runtime

struct DLQCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dlq", abstract: "Works on dead letters: the rows that were rejected.",
        subcommands: [DLQList.self, DLQShow.self], defaultSubcommand: DLQList.self)
}

/// Which letters are meant.
struct DLQFilter: ParsableArguments {
    @Option(help: "Only of this node.")
    var node: String?

    @Option(help: "Only of this run; `last` is the newest.")
    var run: String?

    @Option(help: "Only those that broke this rule.")
    var rule: String?

    func letters(_ workspace: Workspace) throws -> [DeadLetter] {
        let plan = try workspace.plan()
        let store = try DeadLetterStore(
            plan, project: workspace.project, now: RunClock.now())
        return try store.read(node: node, run: run).filter { rule == nil || $0.rule == rule }
    }
}

struct DLQList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "How many rows were rejected, by node and rule.")

    @OptionGroup var filter: DLQFilter
    @OptionGroup var options: GlobalOptions

    func run() throws {
        let workspace = try Workspace(options.file, options)
        let letters = try workspace.reporting { try filter.letters(workspace) }
        if letters.isEmpty {
            Output.write("no dead letters\n")
            return
        }
        struct Key: Hashable {
            var run, node, rule: String
        }
        var counts: [Key: (count: Int, example: DeadLetter)] = [:]
        for letter in letters {
            let key = Key(run: letter.run, node: letter.node, rule: letter.rule)
            counts[key, default: (0, letter)].count += 1
        }
        var rows = [["run", "node", "rule", "rows", "first"]]
        let ordered = counts.sorted {
            ($0.key.run, $0.key.node, -$0.value.count, $0.key.rule)
                < ($1.key.run, $1.key.node, -$1.value.count, $1.key.rule)
        }
        for (key, value) in ordered {
            let place = value.example.object + (value.example.line.map { ":\($0)" } ?? "")
            rows.append([key.run, key.node, key.rule, grouped(value.count), place])
        }
        Output.write(TextTable.render(rows, rightAligned: [3]))
        Output.write("\n\(grouped(letters.count)) rows; `pipec dlq show` shows them\n")
    }
}

struct DLQShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "The rejected rows, with the place, the reason and the raw line.")

    @OptionGroup var filter: DLQFilter
    @OptionGroup var options: GlobalOptions

    @Option(help: "How many at most; 0 is all.")
    var limit = 20

    @Flag(help: "As JSON Lines.")
    var json = false

    func run() throws {
        let workspace = try Workspace(options.file, options)
        let letters = try workspace.reporting { try filter.letters(workspace) }
        let shown = limit > 0 ? Array(letters.prefix(limit)) : letters
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            for letter in shown {
                Output.write(String(decoding: try encoder.encode(letter), as: UTF8.self) + "\n")
            }
            return
        }
        for letter in shown {
            let place = letter.object.isEmpty ? letter.node : letter.object
            Output.write("\(place)\(letter.line.map { ":\($0)" } ?? "")  \(letter.rule)\n")
            Output.write("    \(letter.message)\n")
            if let raw = letter.raw { Output.write("    | \(raw.prefix(500))\n") }
        }
        if shown.count < letters.count {
            Output.write("\n\(grouped(letters.count - shown.count)) more; --limit 0 shows all\n")
        }
    }
}

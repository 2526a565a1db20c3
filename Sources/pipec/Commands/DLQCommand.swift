import ArgumentParser
import Foundation
import PipelineDSL
import Planner
import Runtime

struct DLQCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dlq", abstract: "Works on dead letters: the rows that were rejected.",
        discussion: """
            A rejected row is kept with its file, line, the rule it broke and its bytes; values of \
            columns that are marked `pii` are hidden.

              pipec dlq list
              pipec dlq show --rule latitude_in_range
              pipec dlq redrive --dry-run
            """,
        subcommands: [DLQList.self, DLQShow.self, DLQRedrive.self], defaultSubcommand: DLQList.self)
}

/// Which letters are meant.
struct DLQFilter: ParsableArguments {
    @Option(help: "Only of this node.")
    var node: String?

    @Option(help: "Only of this run; `last` is the newest that rejected rows.")
    var run: String?

    @Option(help: "Only those that broke this rule.")
    var rule: String?

    /// - Parameter run: what is meant where `--run` is not given; `nil` is all.
    /// - Throws: the exit code where the filter names what is not there.
    func letters(
        _ workspace: Workspace, _ plan: Plan, includesRedriven: Bool = false, run: String? = nil
    ) throws -> [DeadLetter] {
        try workspace.reporting {
            let store = try DeadLetterStore(
                plan, project: workspace.project, now: RunClock.now())
            let all = try store.read(includesRedriven: includesRedriven)
            let asked = self.run ?? run
            let found = try store.read(
                node: node, run: asked == "all" ? nil : asked, includesRedriven: includesRedriven
            ).filter { rule == nil || $0.rule == rule }
            if found.isEmpty, !all.isEmpty { try explain(all, plan) }
            return found
        }
    }

    /// Why none is left, where a name is probably misspelt.
    private func explain(_ letters: [DeadLetter], _ plan: Plan) throws {
        func check(_ flag: String, _ value: String?, _ known: Set<String>) throws {
            guard let value, !known.contains(value), value != "last", value != "all" else { return }
            let names = known.sorted()
            throw RunError(
                .noLetters, "no row was rejected with `\(flag) \(value)`",
                notes: [
                    nearName(value, among: names).map { "did you mean `\($0)`?" }
                        ?? "there are: \(names.joined(separator: ", "))"
                ])
        }
        try check("--node", node, Set(letters.map(\.node) + plan.nodes.map(\.name)))
        try check("--rule", rule, Set(letters.map(\.rule)))
        try check("--run", run, Set(letters.map { Redrive.base($0.run) } + letters.map(\.run)))
    }
}

struct DLQList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "How many rows were rejected, by node and rule.")

    @OptionGroup var filter: DLQFilter

    @Flag(help: "Also those that went back through the pipeline.")
    var all = false

    @OptionGroup var options: GlobalOptions

    func run() throws {
        let workspace = try Workspace(options.file, options)
        let plan = try workspace.plan()
        let letters = try filter.letters(workspace, plan, includesRedriven: all)
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
        let count = letters.count == 1 ? "1 row" : "\(grouped(letters.count)) rows"
        Output.write("\n\(count); `pipec dlq show` shows the rows\n")
    }
}

struct DLQShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "The rejected rows, with the place, the reason and the raw line.")

    @OptionGroup var filter: DLQFilter

    @Option(help: "How many at most; 0 is all.")
    var limit = 20

    @Flag(help: "As JSON Lines, with all that is kept of each.")
    var json = false

    @Flag(help: "Also those that went back through the pipeline.")
    var all = false

    @OptionGroup var options: GlobalOptions

    func validate() throws {
        if limit < 0 { throw ValidationError("--limit takes a number from 0, not \(limit)") }
    }

    func run() throws {
        let workspace = try Workspace(options.file, options)
        let plan = try workspace.plan()
        let letters = try filter.letters(workspace, plan, includesRedriven: all)
        if letters.isEmpty, !json { return Output.write("no dead letters\n") }
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
            if let stage = letter.stage, letter.rule == "stage" {
                let times = letter.attempt == 1 ? "once" : "\(letter.attempt) times"
                Output.write("    given up by the stage `\(stage)`, tried \(times)\n")
            }
            if let raw = letter.raw { Output.write("    | \(raw.prefix(500))\n") }
        }
        if shown.count < letters.count {
            Output.write("\n\(grouped(letters.count - shown.count)) more; --limit 0 shows all\n")
        }
    }
}

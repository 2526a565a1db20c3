import ArgumentParser
import PipelineDSL
import Planner
import Runtime

enum PlanFormat: String, ExpressibleByArgument, CaseIterable { case text, json, markdown }

struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Shows what the pipeline does, and what a change means.",
        discussion: """
            With --against, two plans are compared by meaning: comments, layout, the order of keys and \
            equivalent expressions are no change; a column that is gone or of another type is breaking \
            where something reads it, and the reader is named.

              pipec plan --against origin/main
              pipec plan --against before.json --fail-on breaking

            Exit codes: 0 fine, 1 error, 2 there are changes (--detailed-exitcode), 3 stopped by \
            --fail-on.
            """)

    @Argument(help: "The spec; otherwise pipec.yaml of this folder or the nearest one above.")
    var path: String?

    @Option(
        help: ArgumentHelp(
            "Compares with a git revision, a spec or a plan file.", valueName: "revision|file"))
    var against: String?

    @Option(
        help: "For a run of this kind: batch, or streaming, which must bound what it remembers.")
    var mode = RunMode.batch

    @Option(help: "text, json, or markdown for a review (with --against).")
    var format = PlanFormat.text

    @Option(
        help: ArgumentHelp(
            "Exit code 3 where the change is one of these: breaking, destructive, pii.",
            valueName: "kind,…"))
    var failOn: String?

    @Flag(name: .customLong("detailed-exitcode"), help: "Exit code 2 where there are changes.")
    var isDetailed = false

    @Option(help: ArgumentHelp("Writes the plan, for `pipec run`.", valueName: "file"))
    var out: String?

    @OptionGroup var selection: NodeSelection
    @OptionGroup var options: GlobalOptions

    func validate() throws {
        guard against == nil else { return }
        if failOn != nil { throw ValidationError("--fail-on needs --against") }
        if isDetailed { throw ValidationError("--detailed-exitcode needs --against") }
        if format == .markdown { throw ValidationError("--format markdown needs --against") }
    }

    func run() throws {
        let stops = try consequences()
        var workspace = try Workspace(path ?? options.file, options)
        workspace.saysWarnings = true
        let plan = try workspace.plan(mode: mode.plan)
        if let out {
            try workspace.reporting { try Output.write(Array(PlanJSON.text(plan).utf8), to: out) }
        }
        if let against {
            let old = try workspace.plan(against: against)
            let selected = try selection.nodes(of: plan, orOf: old, workspace)
            try compare(old, plan, selected, stops)
        } else {
            try show(plan.showing(try selection.nodes(of: plan, workspace)))
        }
    }

    private func consequences() throws -> Set<FailOn> {
        guard let failOn else { return [] }
        let (kinds, diagnostics) = FailOn.parse(failOn)
        Output.say(diagnostics, options.color)
        if !diagnostics.isEmpty { throw ExitCode.validationFailure }
        return kinds
    }

    private func show(_ plan: Plan) throws {
        switch format {
        case .json: Output.write(PlanJSON.text(plan))
        case .text where options.quiet: break
        case .text, .markdown: Output.write(PlanText.text(plan, color: options.isColored(1)))
        }
    }

    private func compare(
        _ old: Plan, _ new: Plan, _ selected: Set<String>?, _ stops: Set<FailOn>
    ) throws {
        let diff = PlanDiff(from: old, to: new, catalogue: Registry.catalogue()).showing(selected)
        switch format {
        case .text where options.quiet: break
        case .text: Output.write(diff.text(color: options.isColored(1)))
        case .json: Output.write(diff.json)
        case .markdown: Output.write(diff.markdown)
        }
        let found = diff.consequences(stops).map(\.rawValue).sorted()
        if !found.isEmpty, !options.quiet {
            Output.error("stopped by --fail-on: \(found.joined(separator: ", "))\n")
        }
        let code = diff.exitCode(detailed: isDetailed, failOn: stops)
        if code != 0 { throw ExitCode(code) }
    }
}

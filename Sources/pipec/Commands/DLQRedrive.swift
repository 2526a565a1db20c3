import ArgumentParser
import PipelineDSL
import Planner
import Runtime

struct DLQRedrive: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redrive",
        abstract: "Puts rejected rows back through the pipeline, after their rules were mended.",
        discussion: """
            Rows are read again at their place in their files, which must be as they were, and go through \
            the rules as they are now. The table next to the source gets those that pass beside the rows it has; all that depends \
            on it is computed again. Everything becomes visible together, as with a run; rows that are \
            rejected again are new dead letters, and the old ones are kept (`pipec dlq list --all`).

            What cannot be right with these rows only is refused, with the reason. Without --run the \
            letters of the newest run are taken.

            Exit codes: 0 committed or nothing to do, 1 failed or refused, 130 interrupted.
            """)

    @OptionGroup var filter: DLQFilter

    @Flag(help: "Shows what would be done, and does nothing.")
    var dryRun = false

    @Flag(help: "Queues may get rows again that they have had, as with any run.")
    var resend = false

    @OptionGroup var selection: NodeSelection
    @OptionGroup var execution: ExecutionOptions
    @OptionGroup var options: GlobalOptions

    func run() throws {
        var workspace = try Workspace(options.file, options)
        workspace.schemas = .inferred
        let plan = try workspace.plan()
        let letters = try filter.letters(workspace, plan, run: "last")
        guard !letters.isEmpty else {
            if !options.quiet { Output.write("no dead letters to put back\n") }
            return
        }
        let selected = try selection.nodes(of: plan, workspace)
        let pending = try workspace.reporting {
            let folder = workspace.project.resolve(plan.deadLetters.path)
            return try DeadLetterStore(folder: folder).read()
        }
        let redrive = Redrive(
            letters, pending: pending, plan: plan, project: workspace.project)
        let redrivePlan = try workspace.reporting {
            try RedrivePlan(
                redrive, plan: plan, project: workspace.project, only: selected,
                maySendAgain: resend)
        }
        let shown = text(redrivePlan.redrive.letters.count, redrivePlan)
        if dryRun { return Output.write(shown) }
        if !options.quiet { Output.write(shown + "\n") }
        var settings = try execution.settings()
        settings.selection = redrivePlan.selection
        settings.redrive = redrivePlan.redrive
        let run = Run(plan: redrivePlan.plan, project: workspace.project, settings: settings)
        _ = try execution.execute(run, options)
    }

    private func text(_ letters: Int, _ plan: RedrivePlan) -> String {
        let count =
            letters == 1 ? "1 dead letter goes" : "\(grouped(letters)) dead letters go"
        let actions = plan.actions.map { [$0.node, word($0.action)] }
        return "\(count) back through the pipeline:\n\n"
            + actions.map { "  " + $0.joined(separator: ": ") + "\n" }.joined()
    }

    private func word(_ action: RedrivePlan.Action) -> String {
        switch action {
        case .readsAgain: "its rejected rows are read again"
        case .adds: "gets the rows that pass"
        case .computesAgain: "is computed again"
        }
    }
}

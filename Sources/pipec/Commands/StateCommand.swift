import ArgumentParser
import PipelineDSL
import Planner
import Runtime

struct StateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state", abstract: "What a streaming run knows between two epochs.",
        discussion: """
            How far each source was read, how far event time has come, and what each operator \
            remembers. A run goes on from there; after a change of the spec an operator's state is \
            used, or refused with the reason, never read as something else.

              pipec state show
              pipec state reset gold.per_minute/aggregate
            """,
        subcommands: [StateShow.self, StateReset.self], defaultSubcommand: StateShow.self)
}

struct StateShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Positions, watermarks and the state of operators.")

    @OptionGroup var options: GlobalOptions

    func run() throws {
        let workspace = try Workspace(options.file, options)
        let plan = try workspace.plan(streamingUnchecked: ())
        guard
            let checkpoint = try workspace.reporting({
                try Checkpoint.load(workspace.project, pipeline: plan.pipeline)
            })
        else {
            return Output.write("\(plan.pipeline) has not streamed yet\n")
        }
        Output.write("\(plan.pipeline): \(grouped(checkpoint.epoch)) epochs committed\n\n")
        var rows = [["source", "read to", "watermark"]]
        for (name, position) in checkpoint.positions.sorted(by: { $0.key < $1.key }) {
            let watermark = checkpoint.watermarks[name].map { time in
                time == .max ? "the end" : RunClock.text(time)
            }
            rows.append([name, text(position), watermark ?? "none"])
        }
        Output.write(TextTable.render(rows))
        let states = StateSummary.all(of: checkpoint, plan)
        if states.isEmpty { return }
        rows = [["operator", "rows", "bytes", "files", "", "of"]]
        for state in states {
            rows.append([
                state.id, grouped(state.files.rows), grouped(state.bytes),
                grouped(state.files.segments.count), state.fate.rawValue, state.files.definition,
            ])
        }
        Output.write("\n" + TextTable.render(rows, rightAligned: [1, 2, 3]))
    }

    private func text(_ position: Runtime.SourcePosition) -> String {
        if !position.objects.isEmpty {
            let bytes = position.objects.values.reduce(0) { $0 + $1.bytes }
            return "\(grouped(position.objects.count)) files, \(grouped(Int(bytes))) bytes"
        }
        return position.next.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            .joined(separator: ", ")
    }
}

struct StateReset: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset", abstract: "Forgets the state of an operator, or everything.",
        discussion: """
            Without the state of a `dedupe` rows that were seen may pass once more; without that of an \
            aggregate its open windows begin anew. With --all the sources are read from the start: \
            tables that are appended to, and queues, then receive their rows a second time.
            """)

    @Argument(help: "An operator, as `pipec state show` names it.")
    var operatorID: String?

    @Flag(help: "The checkpoint as well: everything is read anew.")
    var all = false

    @OptionGroup var options: GlobalOptions

    func validate() throws {
        if (operatorID == nil) != all {
            throw ValidationError("name an operator of `pipec state show`, or say --all")
        }
    }

    func run() throws {
        let workspace = try Workspace(options.file, options)
        let plan = try workspace.plan(streamingUnchecked: ())
        try workspace.reporting {
            let lock = try ProjectLock(workspace.project)
            defer { withExtendedLifetime(lock) {} }
            if all {
                Checkpoint.remove(workspace.project, pipeline: plan.pipeline)
                return Output.write("\(plan.pipeline) begins anew\n")
            }
            let project = workspace.project
            guard var checkpoint = try Checkpoint.load(project, pipeline: plan.pipeline) else {
                throw RunError(
                    .noState, "\(plan.pipeline) has not streamed yet: there is nothing to forget")
            }
            let id = operatorID ?? ""
            guard checkpoint.states.removeValue(forKey: id) != nil else {
                let known = checkpoint.states.keys.sorted()
                throw RunError(
                    .noState, "no operator \(id) remembers anything",
                    notes: [
                        nearName(id, among: known).map { "did you mean `\($0)`?" }
                            ?? "there are: \(known.joined(separator: ", "))"
                    ])
            }
            try checkpoint.replace(project, pipeline: plan.pipeline)
            Output.write("\(id) remembers nothing any more\n")
        }
    }
}

extension Workspace {
    /// The plan of a streaming run, whether or not it could run: for commands that look at its state.
    fileprivate func plan(streamingUnchecked: Void) throws -> Plan {
        var workspace = self
        workspace.checksStreaming = false
        return try workspace.plan(mode: .streaming)
    }
}

import PipelineDSL
import Planner

/// What a redrive does with each node, and the plan that does it.
///
/// Rows that come back from a source are *added*: steps that look at one row at a time take them as
/// they are, and a table gets them beside the rows it has. From that table on everything is computed
/// *again* from all rows, as in any run. What cannot be right with a part of the rows only (an
/// aggregation straight over the source, say) is refused: then the pipeline is to be run again.
package struct RedrivePlan {
    package enum Action: String, Sendable { case readsAgain, adds, computesAgain }

    /// The plan to run, with `selection`.
    package private(set) var plan: Plan
    package private(set) var selection: Set<String> = []
    /// In the order of the plan, of every node that has to do with it.
    package private(set) var actions: [(node: String, action: Action)] = []

    private enum Content { case added, whole }

    /// With all letters that are settled by it.
    package private(set) var redrive: Redrive
    private let project: ProjectDirectory
    /// Nodes to leave out.
    private let skipped: Set<String>
    /// Nodes that rejected the rows.
    private let starts: Set<String>
    private let maySendAgain: Bool
    /// What readers of a node see.
    private var contents: [String: Content] = [:]
    /// What comes into a node.
    private var rows: [String: Content] = [:]
    private var affected: Set<String> = []

    /// - Parameters:
    ///   - only: nodes that may take part; `nil` is all.
    ///   - maySendAgain: whether a sink may get rows a second time that cannot tell they are the same.
    /// - Throws: ``RunError`` for letters that cannot go back.
    package init(
        _ redrive: Redrive, plan: Plan, project: ProjectDirectory, only: Set<String>? = nil,
        maySendAgain: Bool = false
    ) throws {
        self.plan = plan
        self.redrive = redrive
        self.project = project
        self.maySendAgain = maySendAgain
        // Only what is written can be left out.
        let written = plan.nodes.filter { $0.kind == .table || $0.kind == .sink }.map(\.name)
        skipped = only.map { Set(written).subtracting($0) } ?? []
        starts = Set(redrive.letters.map(\.node))
        for letter in redrive.letters { try check(letter) }
        for node in plan.nodes where !skipped.contains(node.name) {
            if starts.contains(node.name) || node.inputs.contains(where: affected.contains) {
                affected.insert(node.name)
            }
        }
        for index in plan.nodes.indices { try take(index) }
        let computed = affected.filter { plan[$0]?.kind != .source && rows[$0] == .whole }
        self.redrive.take(lettersOf: computed)
    }

    private func refusal(
        _ message: String, at span: SourceSpan? = nil, _ notes: String...
    ) -> RunError {
        RunError(.notRedrivable, message, at: span, notes: notes)
    }

    private func check(_ letter: DeadLetter) throws {
        guard let node = plan[letter.node] else {
            throw refusal(
                "`\(letter.node)`, which rejected rows, is no longer in the pipeline",
                "a node that was renamed: `moved: { \(letter.node): NEW_NAME }` does not reach its "
                    + "dead letters; run the pipeline again")
        }
        guard node.kind == .source else { return }
        guard letter.offset != nil else {
            throw refusal("a dead letter of `\(letter.node)` does not say where its row stood")
        }
        switch node.scan?.binding.connector {
        case "sqs":
            throw refusal(
                "the messages of `\(letter.node)` were deleted when the run committed",
                "send the mended messages again: `pipec feed \(letter.node)`; `pipec dlq show` "
                    + "has them")
        case "dynamodb", "redis":
            throw refusal(
                "the items of `\(letter.node)` have no place by which they are read again",
                "each run reads all of them: mend the item and run again")
        // Whether a stream still has it shows when it is read.
        case "kinesis", "http": return
        default: break
        }
        guard Files.exists(project.resolve(letter.object)) else {
            throw refusal(
                "\(letter.object), of which rows were rejected, is not there any more",
                "put it back, or feed the mended rows as a new file: `pipec dlq show` has them")
        }
    }

    // MARK: - Nodes

    private mutating func take(_ index: Int) throws {
        let node = plan.nodes[index]
        guard affected.contains(node.name) else {
            if skipped.contains(node.name) { try checkSkipped(node) }
            contents[node.name] = .whole
            return
        }
        let content = try content(of: node)
        contents[node.name] = content
        rows[node.name] = content
        if content == .added, node.kind != .source, starts.contains(node.name) {
            throw refusal(
                "`\(node.name)` and what it reads both rejected rows", at: node.span,
                "put them back one after the other: first with "
                    + "`--node \(node.inputs.first ?? "SOURCE")`")
        }
        switch node.kind {
        case .source:
            if content == .added { actions.append((node.name, .readsAgain)) }
        case .relation: break
        case .table: try takeTable(index, content)
        case .sink: try takeSink(index, content)
        }
    }

    /// Who is the next to get the rows that come back cannot be left out: it would never get them.
    private func checkSkipped(_ node: PlanNode) throws {
        guard
            starts.contains(node.name) || node.inputs.contains(where: { contents[$0] == .added })
        else { return }
        throw refusal(
            "`\(node.name)` must take part: the rows come back to it", at: node.span,
            "add it to `--select`")
    }

    private mutating func takeTable(_ index: Int, _ content: Content) throws {
        let node = plan.nodes[index]
        guard let table = node.table else { return }
        if content == .added {
            try checkStored(node, table)
            // A merge finds the rows it has by their key.
            if table.mode == .overwrite { plan.nodes[index].table?.mode = .append }
        } else if table.mode == .append {
            throw refusal(
                "`\(node.name)` adds what it computes to the rows it has, so it would hold rows twice",
                at: table.span, "write it with `mode: merge`, or leave it out with `--select`")
        }
        selection.insert(node.name)
        actions.append((node.name, content == .added ? .adds : .computesAgain))
        // Who reads it sees all its rows.
        contents[node.name] = .whole
    }

    /// The table must be the one that the rejected rows are missing from.
    private func checkStored(_ node: PlanNode, _ table: TablePlan) throws {
        guard let manifest = TableManifest.load(project.resolve(table.path)) else { return }
        if manifest.schema != node.schema {
            throw refusal(
                "the columns of `\(node.name)` are not what they were when it was written",
                at: table.span, "`pipec run` writes it anew")
        }
        let runs = Set(redrive.letters.map { Redrive.base($0.run) })
        if table.mode == .overwrite, runs != [Redrive.base(manifest.token)] {
            throw refusal(
                "`\(node.name)` was written anew after some of these rows were rejected, by run "
                    + manifest.token,
                at: table.span,
                "that run read the rows again and decided on each; its own letters are "
                    + "`--run \(Redrive.base(manifest.token))`")
        }
    }

    private mutating func takeSink(_ index: Int, _ content: Content) throws {
        let node = plan.nodes[index]
        guard let sink = node.sink else { return }
        if SinkOpener.writesFiles(sink.binding) {
            try takeFiles(index, sink, content)
        } else if content == .whole,
            ["kinesis", "sqs", "webhook"].contains(sink.binding.connector),
            !maySendAgain
        {
            throw refusal(
                "sink `\(node.name)` would send every row of `\(node.inputs.first ?? "")` again",
                at: node.span,
                "a run does that, too; say `--resend` if its receivers can stand it",
                "or leave it out: `--select` takes the nodes that are to take part")
        }
        selection.insert(node.name)
        actions.append((node.name, content == .added ? .adds : .computesAgain))
    }

    private mutating func takeFiles(_ index: Int, _ sink: SinkPlan, _ content: Content) throws {
        let node = plan.nodes[index]
        let appends = sink.binding.settings["mode"] == .string("append")
        switch content {
        case .whole where appends:
            throw refusal(
                "sink `\(node.name)` adds files to those it has, so rows would be there twice",
                at: node.span, "leave it out with `--select`")
        case .whole: return
        case .added:
            if try FileTarget(sink.binding, node: node.name).isSingleFile {
                throw refusal(
                    "sink `\(node.name)` writes one file, to which rows cannot be added",
                    at: node.span, "write a folder, or keep the rows in a table before it")
            }
            if sink.binding.settings["mode"] == .string("merge") { return }
            plan.nodes[index].sink?.binding.settings["mode"] = .string("append")
        }
    }

    // MARK: - What a node sees

    private func content(of node: PlanNode) throws -> Content {
        if node.kind == .source { return redrive.places[node.name] == nil ? .whole : .added }
        var found: [String: Content] = [:]
        var last: Content?
        for op in node.operators {
            let inputs = op.inputs.map { found[$0] ?? contents[$0] ?? .whole }
            let content = try content(of: op, inputs, node)
            found[op.id] = content
            last = content
        }
        return last ?? node.inputs.first.flatMap { contents[$0] } ?? .whole
    }

    private func content(
        of op: PhysicalOperator, _ inputs: [Content], _ node: PlanNode
    ) throws -> Content {
        if case .input(let input) = op.operation { return contents[input.node] ?? .whole }
        guard inputs.contains(.added) else { return .whole }
        switch op.operation {
        case .filter, .project, .validate, .unnest: return .added
        case .lookup where inputs.dropFirst().allSatisfy({ $0 == .whole }): return .added
        case .join(let join)
        where inputs.dropFirst().allSatisfy({ $0 == .whole })
            && [.inner, .left, .cross, .semi, .anti].contains(join.kind):
            return .added
        case .union where inputs.allSatisfy({ $0 == .added }): return .added
        default:
            throw refusal(
                "`\(node.name)` needs all rows at once (\(op.id)), not only those that come back",
                at: op.span ?? node.span,
                "run the pipeline again: `pipec run`",
                "with a table between the source and `\(node.name)` rows can be put back")
        }
    }
}

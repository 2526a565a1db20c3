import PipelineDSL

/// Writes down what a tree asks for: the definition of a plan's node.
///
/// Columns are named by where they come from: a column that is only passed on keeps the name it had
/// in the first relation, so aliases inside a query say nothing; an aggregate is named by its call.
/// What a node calls its own columns is said at the end, in a step `select`.
package struct Definition {
    private let node: String
    private var ids: OperatorIDs
    private var steps: [DefinitionStep] = []

    /// A part of the tree that has been written down.
    private struct Part {
        /// Of the last step, or the name of the node that is read.
        var id: String
        /// What the columns are called.
        var labels: [String]
    }

    package static func steps(of tree: LogicalNode, node: String) -> [DefinitionStep] {
        let normal = RuleDriver(rules: [MergeFilters(), RemoveIdentityProjections()])
        // Columns of other nodes do not matter to these rules; the tree is its own witness.
        let (tree, _) = normal.run(tree) { tree.schemaRead(of: $0) }
        var definition = Definition(node: node, ids: OperatorIDs(node: node))
        let part = definition.write(tree)
        definition.name(tree, part)
        return definition.steps
    }

    private init(node: String, ids: OperatorIDs) {
        self.node = node
        self.ids = ids
    }

    // MARK: Trees

    private mutating func write(_ tree: LogicalNode) -> Part {
        var inputs: [Part] = []
        for input in tree.inputs { inputs.append(write(input)) }
        let labels = inputs.first?.labels ?? []
        switch tree.operation {
        case .input(let input):
            return Part(id: input.node, labels: tree.schema.names)
        case .late(let late):
            let id = add(tree, [Part(id: late.node, labels: [])], DefinitionText(labels: []))
            return Part(id: id, labels: tree.schema.names)
        case .project(let project):
            return self.project(project, tree, inputs[0])
        case .join:
            let qualified = qualified(inputs[1].labels, against: labels, tree.inputs[1])
            let id = add(tree, inputs, DefinitionText(labels: labels, other: qualified))
            let isOneSided = tree.schema.fields.count == labels.count
            return Part(id: id, labels: isOneSided ? labels : labels + qualified)
        case .lookup(let lookup):
            let id = add(tree, inputs, DefinitionText(labels: labels, other: inputs[1].labels))
            let taken = tree.schema.names.suffix(lookup.take.count)
            return Part(id: id, labels: labels + taken)
        case .aggregate(let aggregate):
            let text = DefinitionText(labels: labels)
            return Part(id: add(tree, inputs, text), labels: text.labels(of: aggregate))
        case .window(let window):
            let text = DefinitionText(labels: labels)
            return Part(
                id: add(tree, inputs, text), labels: labels + window.calls.map { text.call($0) })
        case .unnest, .values:
            let id = add(tree, inputs, DefinitionText(labels: labels))
            return Part(id: id, labels: labels + tree.schema.names.dropFirst(labels.count))
        default:
            return Part(id: add(tree, inputs, DefinitionText(labels: labels)), labels: labels)
        }
    }

    private mutating func add(
        _ tree: LogicalNode, _ inputs: [Part], _ text: DefinitionText
    ) -> String {
        let id = ids.next(tree.step ?? tree.operation.name.rawValue)
        let settings = text.settings(of: tree).map { setting in
            var setting = setting
            setting.span = setting.span ?? tree.places[setting.name]
            return setting
        }
        steps.append(
            DefinitionStep(
                id: id, operation: tree.operation.name.rawValue, step: tree.step,
                inputs: inputs.map(\.id), settings: settings, span: tree.span))
        return id
    }

    /// Only computed columns are said; a projection of none is no step.
    private mutating func project(
        _ project: Project, _ tree: LogicalNode, _ input: Part
    ) -> Part {
        let text = DefinitionText(labels: input.labels)
        var labels: [String] = []
        var settings: [DefinitionStep.Setting] = []
        for column in project.columns {
            if let index = column.expression.columnIndex, input.labels.indices.contains(index) {
                labels.append(input.labels[index])
            } else {
                labels.append(SQLPrinter.identifier(column.name))
                settings.append(
                    .init(column.name, text.sql(column.expression), span: column.expression.span))
            }
        }
        guard !settings.isEmpty else { return Part(id: input.id, labels: labels) }
        if let id = joined(settings, tree, input) { return Part(id: id, labels: labels) }
        let id = ids.next(tree.step ?? "select")
        steps.append(
            DefinitionStep(
                id: id, operation: tree.operation.name.rawValue, step: tree.step ?? "select",
                inputs: [input.id], settings: settings.sorted { $0.name < $1.name },
                span: tree.span))
        return Part(id: id, labels: labels)
    }

    /// Columns computed in several steps of one kind are one step: where the cut is says nothing.
    private mutating func joined(
        _ settings: [DefinitionStep.Setting], _ tree: LogicalNode, _ input: Part
    ) -> String? {
        guard var last = steps.last, last.id == input.id, last.title == tree.step ?? "select",
            last.operation == tree.operation.name.rawValue,
            !settings.contains(where: { last[$0.name] != nil })
        else { return nil }
        last.settings = (last.settings + settings).sorted { $0.name < $1.name }
        steps[steps.count - 1] = last
        return last.id
    }

    /// Columns of the right that have the name of one of the left, with that of their node.
    private func qualified(
        _ labels: [String], against left: [String], _ tree: LogicalNode
    ) -> [String] {
        let nodes = tree.nodesRead
        let qualifier = nodes.count == 1 ? nodes[0] : "right"
        return labels.map { left.contains($0) ? "\(qualifier).\($0)" : $0 }
    }

    /// What the node calls its columns, where that is not what they were called.
    private mutating func name(_ tree: LogicalNode, _ part: Part) {
        let renamed = zip(tree.schema.names, part.labels).filter { name, label in
            SQLPrinter.identifier(name) != label
        }
        guard !renamed.isEmpty else { return }
        steps.append(
            DefinitionStep(
                id: ids.next("columns"), operation: "project", step: "columns", inputs: [part.id],
                settings: renamed.map { .init($0.0, $0.1, span: span(of: $0.0, in: tree)) }
                    .sorted { $0.name < $1.name },
                span: tree.span))
    }

    private func span(of column: String, in tree: LogicalNode) -> SourceSpan? {
        guard case .project(let project) = tree.operation else { return nil }
        return project.columns.first { $0.name == column }?.expression.span
    }
}

extension LogicalNode {
    /// The columns with which the tree reads a node.
    func schemaRead(of node: String) -> Schema? {
        if case .input(let input) = operation, input.node == node { return schema }
        for input in inputs {
            if let schema = input.schemaRead(of: node) { return schema }
        }
        return nil
    }
}

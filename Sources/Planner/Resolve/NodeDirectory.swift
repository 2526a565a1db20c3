import PipelineDSL

/// Every declared node by its name.
struct NodeDirectory {
    enum Entry {
        case source(SourceDeclaration)
        case transform(TransformDeclaration)
        /// What comes too late for the transform.
        case late(TransformDeclaration)
        case sink(SinkDeclaration)
        /// What a sink has written to a warehouse; only for a query beside the pipeline.
        case written(SinkDeclaration)
        case zone(ZoneDeclaration)

        var span: SourceSpan {
            switch self {
            case .source(let source): source.name.span
            case .transform(let transform): transform.name.span
            case .late(let transform): transform.late?.span ?? transform.name.span
            case .sink(let sink), .written(let sink): sink.name.span
            case .zone(let zone): zone.name.span
            }
        }
    }

    private var entries: [String: Entry] = [:]
    /// Sources, transforms and sinks, in the order of the spec.
    private(set) var names: [String] = []
    /// What can be read.
    private(set) var relations: [String] = []

    /// The relation of the query that is asked beside the pipeline: no name a spec can give.
    static func isQuery(_ name: String) -> Bool { name.contains(" ") }

    init(_ spec: Spec, catalogue: Catalogue) {
        for zone in spec.zones { entries[zone.name.value] = .zone(zone) }
        for source in spec.sources { add(source.name.value, .source(source), isRelation: true) }
        for transform in spec.transforms {
            add(transform.name.value, .transform(transform), isRelation: true)
            if let late = transform.late { add(late.value, .late(transform), isRelation: true) }
        }
        for sink in spec.sinks { add(sink.name.value, .sink(sink), isRelation: false) }
        guard spec.transforms.contains(where: { Self.isQuery($0.name.value) }) else { return }
        for sink in spec.sinks {
            guard let binding = sink.binding,
                let name = catalogue.connector(binding.connector.value)?.tableName(binding.settings)
            else { continue }
            add(name, .written(sink), isRelation: true)
        }
    }

    private mutating func add(_ name: String, _ entry: Entry, isRelation: Bool) {
        guard !name.isEmpty, entries.updateValue(entry, forKey: name) == nil else { return }
        names.append(name)
        if isRelation { relations.append(name) }
    }

    subscript(name: String) -> Entry? { entries[name] }

    /// The node a query means; as for columns, letter case counts only where two differ in it.
    func queried(_ written: String) -> String? {
        if entries[written] != nil { return written }
        let lowered = written.lowercased()
        return relations.first { $0.lowercased() == lowered }
    }
}

extension Checker {
    /// Whether `name` can be read, in whatever state it is; a diagnostic where it cannot.
    mutating func canRead(_ name: Spanned<String>) -> Bool {
        switch directory[name.value] {
        case .source, .transform, .late, .written: return true
        case .sink:
            bag.add(
                Diagnostic(
                    .notARelation, "`\(name.value)` is a sink, which cannot be read", at: name.span,
                    secondary: directory[name.value].map { [.init($0.span, "the sink")] } ?? [],
                    notes: ["read what the sink reads"]))
            return false
        case .zone:
            let tables = directory.relations.filter { $0.hasPrefix(name.value + ".") }
            bag.add(
                Diagnostic(
                    .notARelation, "`\(name.value)` is a zone, which cannot be read", at: name.span,
                    notes: tables.isEmpty ? [] : ["its tables: \(quotedNames(tables))"]))
            return false
        case nil:
            unknownNode(name)
            return false
        }
    }

    private mutating func unknownNode(_ name: Spanned<String>) {
        // Already reported by the reader.
        guard !name.value.isEmpty else { return }
        let near = nearNode(name.value)
        bag.add(
            Diagnostic(
                .unknownNode, "there is no node `\(name.value)`", at: name.span,
                label: near.map { "did you mean `\($0)`?" } ?? "",
                notes: directory.relations.isEmpty
                    ? []
                    : ["nodes that can be read: \(quotedNames(directory.relations.prefix(24)))"],
                fix: near.map { .init("use `\($0)`", span: name.span, replacement: $0) }))
    }

    /// The nearest name; a table's name without its zone is near as well.
    private func nearNode(_ name: String) -> String? {
        let tables = directory.relations.filter { $0.hasSuffix("." + name) }
        return tables.count == 1 ? tables[0] : nearName(name, among: directory.relations)
    }

    /// The relation a checked node yields; `nil`, with a diagnostic only where there is no such
    /// node, for one that failed.
    mutating func relation(_ name: Spanned<String>) -> LogicalNode? {
        guard canRead(name) else { return nil }
        return nodes[name.value].map { node in
            LogicalNode(
                .input(Input(node: node.name)), schema: node.schema, span: name.span)
        }
    }

    /// `moved:` without what names no node.
    mutating func checkMoves() -> [String: String] {
        var moved: [String: String] = [:]
        for move in spec.moved {
            if directory[move.to.value] == nil {
                let near = nearName(move.to.value, among: directory.names)
                bag.add(
                    Diagnostic(
                        .movedNode, "there is no node `\(move.to.value)`", at: move.to.span,
                        label: near.map { "did you mean `\($0)`?" } ?? "the new name of the node",
                        fix: near.map { .init("use `\($0)`", span: move.to.span, replacement: $0) })
                )
            } else if directory[move.from.value] != nil {
                bag.add(
                    Diagnostic(
                        .movedNode, "`\(move.from.value)` is still a node", at: move.from.span,
                        label: "the old name", notes: ["remove the entry, or rename the node"]))
            } else {
                moved[move.from.value] = move.to.value
            }
        }
        return moved
    }
}

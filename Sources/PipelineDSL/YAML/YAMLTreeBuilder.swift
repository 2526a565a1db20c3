/// Builds the tree from events on a stack of its own, so no nesting can exhaust the thread's stack.
struct YAMLTreeBuilder {
    let lines: SourceLines
    let limits: YAMLReader.Limits
    /// Whether duplicate keys, composite keys, foreign tags and second documents are refused and
    /// merge keys merged.
    let isStrict: Bool

    var diagnostics: [Diagnostic] = []
    private var documents: [YAMLNode] = []
    private var stack: [OpenNode] = []
    private var anchors: [String: Anchored] = [:]
    /// Nodes of the tree so far, as it would be with every alias written out.
    private var nodeCount = 0
    /// Where the latest event ended, block scalars' ends corrected.
    private var lastEnd = 0

    /// A finished node with what it costs to repeat it.
    private struct Anchored {
        var node: YAMLNode
        var count: Int
        var depth: Int
    }

    init(_ lines: SourceLines, _ limits: YAMLReader.Limits, isStrict: Bool) {
        self.lines = lines
        self.limits = limits
        self.isStrict = isStrict
        lastEnd = lines.markLength
    }

    mutating func build() -> (documents: [YAMLNode], diagnostics: [Diagnostic]) {
        let failure = YAMLEvents.visit(lines) { take($0) }
        if let failure { diagnostics.append(YAMLSyntax.diagnostic(failure, lines)) }
        while !stack.isEmpty { close(at: lastEnd) }
        return (documents, diagnostics)
    }

    /// `false` where reading cannot go on.
    private mutating func take(_ event: YAMLEvent) -> Bool {
        switch event.kind {
        case .streamStart, .streamEnd: return true
        case .documentStart: return startDocument(event)
        case .documentEnd:
            anchors = [:]
            return true
        case .alias(let name): return alias(name, event)
        case .scalar(let value, let style): return scalar(value, style, event)
        case .sequenceStart: return open(event, isMapping: false)
        case .mappingStart: return open(event, isMapping: true)
        case .sequenceEnd, .mappingEnd:
            // The end of a block collection, or of a pair in a flow sequence, is marked where the
            // next token stands.
            let isMarked = isFlow && !event.marked.isEmpty
            close(at: isMarked ? event.marked.upperBound : lastEnd)
            return true
        }
    }

    private var isFlow: Bool { stack.last?.isFlow ?? false }

    private mutating func startDocument(_ event: YAMLEvent) -> Bool {
        guard isStrict, !documents.isEmpty else { return true }
        diagnostics.append(
            Diagnostic(
                .yamlSeveralDocuments, "a second YAML document starts here",
                at: lines.span(event.marked), label: "one file holds one document",
                notes: ["move it to a file of its own and name that under `include:`"]))
        return false
    }

    // MARK: Nodes

    private mutating func scalar(
        _ value: String, _ style: YAMLNode.Scalar.Style, _ event: YAMLEvent
    ) -> Bool {
        let source: SourceText
        if value.isEmpty, style == .plain {
            let offset = emptyPlace(event)
            source = SourceText(
                text: "", file: lines.file, segments: [], span: lines.span(offset, offset))
        } else {
            let start = YAMLProperties.skip(.all, from: event.marked, lines.bytes)
            source = ScalarMap.source(
                value, style, in: start..<max(start, event.marked.upperBound), lines)
        }
        lastEnd = max(lastEnd, source.span.end.offset)
        let node = YAMLNode(
            .scalar(.init(source: source, style: style)), span: source.span, tag: tag(event))
        add(node, anchor: event.anchor, count: 1, depth: 0)
        return countNode(at: source.span)
    }

    /// libyaml marks an absent value where the next token stands, which may be lines below.
    private func emptyPlace(_ event: YAMLEvent) -> Int {
        if event.anchor != nil || event.tag != nil { return event.marked.upperBound }
        let bytes = lines.bytes
        let marked = event.marked.upperBound
        if marked > lastEnd, marked <= bytes.count, isValueIndicator(bytes[marked - 1]) {
            return marked
        }
        var at = lastEnd
        while at < marked, isYAMLBlank(bytes[at]) { at += 1 }
        return at < marked && isValueIndicator(bytes[at]) ? at + 1 : lastEnd
    }

    private func isValueIndicator(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ":") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "?")
    }

    private mutating func open(_ event: YAMLEvent, isMapping: Bool) -> Bool {
        let properties = (event.anchor == nil ? 0 : 1) + (event.tag == nil ? 0 : 1)
        let start = YAMLProperties.skip(.some(properties), from: event.marked, lines.bytes)
        guard stack.count < limits.depth else {
            diagnostics.append(tooDeep(at: lines.span(start, start + 1)))
            return false
        }
        let isFlow: Bool
        switch event.kind {
        case .sequenceStart(let flow), .mappingStart(let flow): isFlow = flow
        default: isFlow = false
        }
        if let anchor = event.anchor { anchors[anchor] = nil }
        stack.append(
            OpenNode(
                isMapping: isMapping, isFlow: isFlow, start: start, anchor: event.anchor,
                tag: tag(event)))
        lastEnd = max(lastEnd, isFlow ? start + 1 : start)
        return countNode(at: lines.span(start, start + 1))
    }

    private mutating func close(at end: Int) {
        guard var open = stack.popLast() else { return }
        lastEnd = max(lastEnd, end)
        if let key = open.key {
            let offset = key.span.end.offset
            let absent = SourceText(
                text: "", file: lines.file, segments: [], span: lines.span(offset, offset))
            open.entries.append(
                .init(
                    key: key,
                    value: YAMLNode(
                        .scalar(.init(source: absent, style: .plain)), span: absent.span)))
        }
        let span = lines.span(open.start, max(open.start, end))
        var kind = YAMLNode.Kind.sequence(open.items)
        if open.isMapping {
            if isStrict { YAMLMerge.apply(to: &open, &diagnostics) }
            kind = .mapping(open.entries)
        }
        add(
            YAMLNode(kind, span: span, tag: open.tag), anchor: open.anchor, count: open.count + 1,
            depth: open.depth + 1)
    }

    private mutating func alias(_ name: String, _ event: YAMLEvent) -> Bool {
        let span = lines.span(event.marked)
        lastEnd = max(lastEnd, event.marked.upperBound)
        guard let found = anchors[name] else {
            diagnostics.append(unusableAlias(name, at: span))
            let absent = SourceText(text: "", file: lines.file, segments: [], span: span)
            let node = YAMLNode(.scalar(.init(source: absent, style: .plain)), span: span)
            add(node, anchor: nil, count: 1, depth: 0)
            return countNode(at: span)
        }
        guard nodeCount + found.count <= limits.nodes else {
            diagnostics.append(tooManyNodes(at: span, alias: name))
            return false
        }
        guard stack.count + found.depth <= limits.depth else {
            diagnostics.append(tooDeep(at: span))
            return false
        }
        nodeCount += found.count
        add(found.node, anchor: nil, count: found.count, depth: found.depth)
        return true
    }

    /// Gives a finished node to the collection it stands in.
    private mutating func add(_ node: YAMLNode, anchor: String?, count: Int, depth: Int) {
        if let anchor { anchors[anchor] = Anchored(node: node, count: count, depth: depth) }
        guard let top = stack.indices.last else {
            documents.append(node)
            return
        }
        stack[top].count += count
        stack[top].depth = max(stack[top].depth, depth)
        if let refusal = stack[top].take(node, isStrict: isStrict) { diagnostics.append(refusal) }
    }

    /// `false` if the tree has become too large.
    private mutating func countNode(at span: SourceSpan) -> Bool {
        nodeCount += 1
        guard nodeCount > limits.nodes else { return true }
        diagnostics.append(tooManyNodes(at: span, alias: nil))
        return false
    }

    // MARK: Refusals

    private func tooDeep(at span: SourceSpan) -> Diagnostic {
        Diagnostic(
            .yamlTooDeep, "values are nested deeper than \(limits.depth) levels", at: span,
            label: "level \(limits.depth + 1) starts here")
    }

    private func tooManyNodes(at span: SourceSpan, alias: String?) -> Diagnostic {
        let what = alias.map { "with `*\($0)` written out, " } ?? ""
        return Diagnostic(
            .yamlTooManyNodes, "\(what)the document has more than \(limits.nodes) values", at: span,
            notes: ["data belongs in a file that a source reads"])
    }

    private func unusableAlias(_ name: String, at span: SourceSpan) -> Diagnostic {
        if stack.contains(where: { $0.anchor == name }) {
            return Diagnostic(
                .yamlRecursiveAlias, "`*\(name)` stands inside the value that `&\(name)` names",
                at: span, label: "a value cannot hold itself")
        }
        let near = nearName(name, among: anchors.keys)
        let known = anchors.keys.sorted().map { "`&\($0)`" }.joined(separator: ", ")
        return Diagnostic(
            .yamlUnknownAlias, "`*\(name)` refers to an anchor that is not defined above", at: span,
            label: near.map { "did you mean `*\($0)`?" } ?? "no `&\(name)` before this line",
            notes: known.isEmpty
                ? ["a text that starts with `*` is written in quotes: \"*\(name)\""]
                : ["anchors so far: \(known)"],
            fix: near.map { .init("use `*\($0)`", span: span, replacement: "*\($0)") })
    }

    /// The tag in its short form.
    private mutating func tag(_ event: YAMLEvent) -> String? {
        guard let tag = event.tag else { return nil }
        let core = "tag:yaml.org,2002:"
        let short = tag.hasPrefix(core) ? "!!" + tag.dropFirst(core.count) : tag
        if isStrict, !YAMLProperties.coreTags.contains(short) {
            let span = YAMLProperties.tagRange(in: event.marked, lines.bytes)
            diagnostics.append(
                Diagnostic(
                    .yamlUnknownTag, "the tag `\(short)` means nothing in a spec",
                    at: lines.span(span),
                    notes: [
                        "a text that starts with `!` is written in quotes",
                        "tags that are known: \(YAMLProperties.coreTags.joined(separator: " "))",
                    ]))
        }
        return short
    }
}

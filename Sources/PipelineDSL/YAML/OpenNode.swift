/// A mapping or sequence whose end has not come yet.
struct OpenNode {
    var isMapping: Bool
    var isFlow: Bool
    var start: Int
    var anchor: String?
    var tag: String?
    var items: [YAMLNode] = []
    var entries: [YAMLNode.Entry] = []
    /// A key that waits for its value.
    var key: YAMLNode?
    /// Places of the keys so far.
    var seen: [String: SourceSpan] = [:]
    /// Nodes inside, and how deep they go.
    var count = 0
    var depth = 0
    private var isKeyRefused = false

    init(isMapping: Bool, isFlow: Bool, start: Int, anchor: String?, tag: String?) {
        self.isMapping = isMapping
        self.isFlow = isFlow
        self.start = start
        self.anchor = anchor
        self.tag = tag
    }

    /// Takes a key, a value or an item; a key that cannot be kept is refused with its value.
    mutating func take(_ node: YAMLNode, isStrict: Bool) -> Diagnostic? {
        guard isMapping else {
            items.append(node)
            return nil
        }
        guard let key else {
            self.key = node
            let refusal = isStrict ? refusal(of: node) : nil
            isKeyRefused = refusal != nil
            return refusal
        }
        if !isKeyRefused { entries.append(.init(key: key, value: node)) }
        self.key = nil
        return nil
    }

    private mutating func refusal(of key: YAMLNode) -> Diagnostic? {
        guard case .scalar(let scalar) = key.kind else {
            return Diagnostic(
                .yamlCompositeKey, "a key must be a text, not a list or a mapping", at: key.span,
                notes: ["an opening `{` or `[` that is meant as text needs quotes around it"])
        }
        guard let first = seen[scalar.text] else {
            seen[scalar.text] = key.span
            return nil
        }
        return Diagnostic(
            .yamlDuplicateKey, "`\(scalar.text)` is given twice", at: key.span,
            label: "a second time", secondary: [.init(first, "first given here")],
            notes: ["remove one of them, or rename it"])
    }
}

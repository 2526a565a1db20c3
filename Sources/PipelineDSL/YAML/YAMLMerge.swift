/// Merge keys: `<<: *defaults`, or a list of mappings of which earlier ones win
/// (https://yaml.org/type/merge.html). A mapping's own keys always win.
enum YAMLMerge {
    static func apply(to open: inout OpenNode, _ diagnostics: inout [Diagnostic]) {
        guard let index = open.entries.firstIndex(where: { isMergeKey($0.key) }) else { return }
        let merged = open.entries.remove(at: index).value
        for mapping in mappings(merged, &diagnostics) {
            for entry in mapping {
                guard case .scalar(let key) = entry.key.kind else { continue }
                guard open.seen[key.text] == nil else { continue }
                open.seen[key.text] = entry.key.span
                open.entries.append(entry)
            }
        }
    }

    private static func isMergeKey(_ key: YAMLNode) -> Bool {
        guard case .scalar(let scalar) = key.kind else { return false }
        return scalar.text == "<<" && scalar.style == .plain
    }

    private static func mappings(
        _ node: YAMLNode, _ diagnostics: inout [Diagnostic]
    ) -> [[YAMLNode.Entry]] {
        let candidates = if case .sequence(let items) = node.kind { items } else { [node] }
        return candidates.compactMap { candidate in
            if case .mapping(let entries) = candidate.kind { return entries }
            diagnostics.append(
                Diagnostic(
                    .yamlBadMerge, "`<<` merges mappings, and this is not one", at: candidate.span,
                    notes: ["write `<<: *name`, where `&name` stands before a mapping"]))
            return nil
        }
    }
}

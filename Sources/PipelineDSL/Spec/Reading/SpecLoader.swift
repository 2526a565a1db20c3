/// Reads the main file and, depth first, what it includes.
struct SpecLoader {
    struct File {
        var name: String
        var root: YAMLNode
        var isMain: Bool
        /// Where a syntax error ended it early.
        var truncatedAt: SourcePosition?
    }

    /// The main file first.
    private(set) var files: [File] = []
    private(set) var diagnostics: [Diagnostic] = []
    private let include: SpecReader.Include
    private var loaded: Set<String> = []
    /// The files whose includes are being read, outermost first.
    private var open: [String] = []

    /// More files than any spec has; a bound against a folder of links to itself.
    private static let maximumFiles = 1000

    init(_ include: @escaping SpecReader.Include) { self.include = include }

    mutating func load(_ file: SpecFile) {
        let name = normalized(file.name)
        guard loaded.insert(name).inserted else { return }
        let (root, problems) = YAMLReader.read(file.bytes, file: file.name)
        diagnostics.append(contentsOf: problems)
        guard let root = mapping(root, in: file.name, hasProblems: !problems.isEmpty) else {
            return
        }
        let end = problems.first { $0.code.isYAMLSyntax }?.primary?.span.start
        files.append(
            File(name: file.name, root: root, isMain: open.isEmpty, truncatedAt: end))
        open.append(name)
        if let patterns = root["include"] { follow(patterns, from: file.name) }
        open.removeLast()
    }

    private mutating func mapping(
        _ root: YAMLNode?, in file: String, hasProblems: Bool
    ) -> YAMLNode? {
        let example = "the smallest spec has `version: 1`, `pipeline:`, a source and a sink"
        guard let root, !root.isNull else {
            if !hasProblems {
                let what = open.isEmpty ? [example] : []
                diagnostics.append(
                    Diagnostic(.emptySpec, "\(file) is empty", at: .file(file), notes: what))
            }
            return nil
        }
        guard root.entries != nil else {
            diagnostics.append(
                Diagnostic(
                    .emptySpec, "a spec is a mapping of keys, not \(root.described)", at: root.span,
                    notes: [example]))
            return nil
        }
        return root
    }

    private mutating func follow(_ patterns: YAMLNode, from file: String) {
        for node in patterns.items ?? [patterns] {
            // What is no text is reported where the key is read.
            guard let pattern = node.scalar?.text, !pattern.isEmpty, !node.isNull else { continue }
            let found = include(pattern, file)
            if found.isEmpty {
                diagnostics.append(
                    Diagnostic(
                        .includeNotFound, "no file matches `\(pattern)`", at: node.span,
                        notes: ["paths are relative to the folder of \(file)"]))
            }
            for next in found { load(next, includedAt: node.span) }
        }
    }

    private mutating func load(_ file: SpecFile, includedAt span: SourceSpan) {
        let name = normalized(file.name)
        if let start = open.firstIndex(of: name) {
            let path = (open[start...] + [name]).joined(separator: " → ")
            diagnostics.append(
                Diagnostic(
                    .includeCycle, "\(file.name) includes itself", at: span, notes: [path]))
            return
        }
        guard files.count < Self.maximumFiles, open.count < 100 else {
            diagnostics.append(
                Diagnostic(
                    .includeCycle, "more than \(Self.maximumFiles) files are included", at: span))
            return
        }
        load(file)
    }

    /// `a/./b/../c` as `a/c`, so that one file is known by one name.
    private func normalized(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/", omittingEmptySubsequences: true) where part != "." {
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else {
                parts.append(part)
            }
        }
        return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
    }
}

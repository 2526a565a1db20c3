import PipelineDSL
import Planner

/// Where a file sink writes: a folder of files, or one file.
struct FileTarget {
    /// As the spec writes it, or where the bucket is embedded; relative to the project or absolute.
    let path: String

    /// A path whose last part has an extension is a file; a slash at the end makes it a folder.
    static func isSingleFile(_ path: String) -> Bool {
        guard !path.hasSuffix("/") else { return false }
        let name = Files.lastComponent(path)
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return false }
        return name.index(after: dot) != name.endIndex && name != ".."
    }

    init(_ binding: BindingPlan, node: String) throws {
        func text(_ name: String) -> String {
            if case .string(let value) = binding.settings[name] { value } else { "" }
        }
        switch binding.connector {
        case "s3": path = try EmbeddedPaths.object(bucket: text("bucket"), key: text("path"))
        case "redshift": path = RedshiftSettings(binding).path
        default: path = try EmbeddedPaths.file(text("path"))
        }
        guard !path.isEmpty else {
            throw RunError(
                .cannotRun, "sink `\(node)` names no place to write to", at: binding.span)
        }
    }

    var isSingleFile: Bool { FileTarget.isSingleFile(path) }

    /// Without slashes at the end, absolute.
    func resolved(_ project: ProjectDirectory) -> String {
        var path = project.resolve(path)
        while path.count > 1, path.last == "/" { path.removeLast() }
        return path
    }

    /// The place beside `target` in which a run writes before it commits.
    static func staging(of target: String, token: String) -> String {
        (Files.parent(target) ?? "") + "/" + stagingPrefix(of: target) + token
    }

    static func stagingPrefix(of target: String) -> String {
        ".\(Files.lastComponent(target)).staging-"
    }
}

extension ExecutionGraph.FileOutput {
    /// Completes what was staged and adds to `commit` what puts it in place.
    func stage(_ commit: Commit) throws {
        if place.mayStay, writer.files.isEmpty { return }
        if place.isSingleFile, let file = writer.files.first {
            commit.add(.moveFile(staged: "\(staging)/\(file.path)", target: place.target))
            return
        }
        let manifest = TableManifest(
            token: commit.token, format: place.format.name, settings: place.format.settings,
            schema: schema, files: (place.merged?.kept ?? place.kept) + writer.files)
        try Files.makeDirectory(staging)
        try manifest.save(in: staging)
        if place.merged != nil {
            return commit.add(.reviseTable(staged: staging, target: place.target))
        }
        commit.add(
            place.extends
                ? .extendTable(staged: staging, target: place.target)
                : .replaceTable(staged: staging, target: place.target))
    }
}

extension ExecutionGraph {
    /// Refuses a place that another output of the run has, or that holds or lies in another's:
    /// replacing the one would remove the other.
    func checkFree(_ target: String, for node: String, at span: SourceSpan?) throws {
        for other in files {
            let (a, b) = (target + "/", other.place.target + "/")
            guard a.hasPrefix(b) || b.hasPrefix(a) else { continue }
            throw RunError(
                .outputClash,
                a == b
                    ? "`\(node)` and `\(other.node)` write to the same place: \(target)"
                    : "`\(node)` writes to \(target), `\(other.node)` to \(other.place.target): "
                        + "one lies in the other",
                at: span, notes: ["give each its own folder"])
        }
    }
}

extension TableManifest {
    /// Refuses to add files of one format to those of another.
    func checkFormat(_ format: FormatPlan, of node: String, at span: SourceSpan?) throws {
        guard self.format != format.name || (settings ?? [:]) != format.settings else { return }
        let what = self.format == format.name ? "with other settings" : "as `\(self.format)`"
        throw RunError(
            .outputClash, "`\(node)` was written \(what) before; `append` cannot mix them",
            at: span, notes: ["write it anew with `mode: overwrite`, or remove its folder"])
    }
}

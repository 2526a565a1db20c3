import PipelineDSL
import Planner

/// `pipec feed` and `pipec peek` of files: those of a source, of a sink and of a table.
struct ObjectFeed {
    private enum Kind {
        /// What is read of the folder.
        case source(pattern: String)
        /// Which a sink writes.
        case output
        /// Which a run stores.
        case table
    }

    private let node: String
    private let kind: Kind
    /// Absolute: a folder, or the one file of a sink.
    private let path: String
    private var lifecycle = Lifecycle()
    /// What turns the versions of the bucket on, where there are to be any.
    private let enableVersions: () throws -> Void

    init(_ node: PlanNode, _ binding: BindingPlan, _ project: ProjectDirectory) throws {
        self.node = node.name
        enableVersions = { try ObjectVersions.enable(binding, project) }
        if node.kind == .sink {
            kind = .output
            path = try FileTarget(binding, node: node.name).resolved(project)
            return
        }
        let pattern = SinkOpener.resource(binding, node: node.name)
        kind = .source(pattern: pattern)
        guard binding.connector == "s3" else {
            path = project.resolve(ObjectFeed.fixed(pattern))
            return
        }
        var bucket = ""
        if case .string(let text) = binding.settings["bucket"] { bucket = text }
        path = project.resolve(
            ObjectFeed.fixed(try EmbeddedPaths.object(bucket: bucket, key: pattern)))
    }

    init(_ table: TablePlan, node: String, _ project: ProjectDirectory) {
        self.node = node
        kind = .table
        path = project.resolve(table.path)
        lifecycle = Lifecycle(table)
        enableVersions = {}
    }

    init(_ table: RedshiftSettings, node: String, _ project: ProjectDirectory) {
        self.node = node
        kind = .table
        path = project.resolve(table.path)
        enableVersions = {}
    }

    /// The folder of a pattern: everything before its first wildcard.
    private static func fixed(_ pattern: String) -> String {
        let parts = pattern.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let plain = parts.prefix { !Glob.isPattern($0) }
        let folder = plain.count == parts.count ? plain.dropLast() : plain
        return folder.joined(separator: "/")
    }

    /// `1 file`, `1,024 files`
    private static func count(_ files: Int) -> String {
        "\(grouped(files)) file\(files == 1 ? "" : "s")"
    }

    // MARK: - Putting

    func put(_ bytes: [UInt8], name: String) throws -> String {
        switch kind {
        case .source(let pattern): return try put(bytes, name: name, pattern)
        case .output:
            throw RunError(
                .cannotRun, "`\(node)` is a sink: only a run writes \(path)",
                notes: ["feed the source its rows come from"])
        case .table: throw Feed.isComputed(node)
        }
    }

    private func put(_ bytes: [UInt8], name: String, _ pattern: String) throws -> String {
        guard EmbeddedPaths.keyFault(name) == nil, !name.hasSuffix("/") else {
            throw RunError(.unsafeName, "`\(name)` is no name for a file in \(path)")
        }
        let place = ObjectFeed.fixed(pattern)
        guard !Glob.select(pattern, from: [place.isEmpty ? name : "\(place)/\(name)"]).isEmpty
        else {
            throw RunError(
                .nothingMatched, "`\(node)` would not read a file called `\(name)`",
                notes: ["it reads \(pattern)", "`--name` gives a file another name"])
        }
        try Files.makeDirectory(Files.parent("\(path)/\(name)") ?? path)
        try enableVersions()
        try ObjectVersions.keep("\(path)/\(name)")
        try Files.write(bytes, to: "\(path)/\(name)")
        return "\(node): \(name) (\(bytes.count.readableBytes))"
    }

    // MARK: - Looking

    func peek(_ limit: Int, versions: Bool, now: Int64) throws -> ([String], String) {
        if versions { return self.versions(limit) }
        switch kind {
        case .source(let pattern):
            let files = Files.walk(path)
            return (
                files.prefix(limit).map { line($0) },
                "\(ObjectFeed.count(files.count)) in \(path) (read: \(pattern))"
            )
        case .output:
            guard Files.isDirectory(path) else {
                return ([], Files.size(path).map(single) ?? "nothing at \(path) yet")
            }
            let files = Files.walk(path).filter { $0 != TableManifest.fileName }
            return (
                files.prefix(limit).map { line($0) }, "\(ObjectFeed.count(files.count)) in \(path)"
            )
        case .table: return table(limit, now: now)
        }
    }

    private func line(_ file: String) -> String {
        "\(file)  \(Int(clamping: Files.size(path + "/" + file) ?? 0).readableBytes)"
    }

    private func single(_ bytes: Int64) -> String {
        "1 file, \(Int(clamping: bytes).readableBytes): \(path)"
    }

    /// Files with their storage class.
    private func table(_ limit: Int, now: Int64) -> ([String], String) {
        guard let manifest = TableManifest.load(path) else { return ([], "nothing at \(path) yet") }
        var (lines, counts) = ([String](), [Lifecycle.StorageClass: Int]())
        for file in manifest.files {
            let written = Files.modificationTime(path + "/" + file.path) ?? now
            let found = lifecycle.storageClass(written: written, now: now)
            counts[found, default: 0] += 1
            if lines.count < limit { lines.append("\(line(file.path))  \(found.rawValue)") }
        }
        let classes = Lifecycle.StorageClass.allCases.compactMap { kind in
            counts[kind].map { "\(grouped($0)) \(kind.rawValue)" }
        }
        return (
            lines,
            "\(ObjectFeed.count(manifest.files.count)) in \(path)"
                + (classes.isEmpty ? "" : " (\(classes.joined(separator: ", ")))")
        )
    }

    private func versions(_ limit: Int) -> ([String], String) {
        let isFolder = Files.isDirectory(path)
        let found = ObjectVersions.list(isFolder ? path : Files.parent(path) ?? path)
            .filter {
                isFolder || $0.path == path
                    || $0.path.contains(
                        "/\(Files.lastComponent(path))/")
            }
        let lines = found.prefix(limit).map { version in
            "\(version.key)  \(Int(clamping: version.bytes).readableBytes)  "
                + "\(RunClock.text(version.modified))  \(version.id ?? "current")"
        }
        let earlier = found.count { $0.id != nil }
        return (lines, "\(found.count - earlier) objects, \(earlier) earlier versions")
    }
}

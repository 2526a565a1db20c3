import PipelineDSL
import Planner

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Files as they arrive: each that matches the pattern and was not read yet is read once, whole, in
/// the order of the names.
///
/// A file must be complete when its name appears: write it elsewhere and move it in. One that has
/// grown since it was read is an error, since rows would be lost or doubled either way.
final class FilesStream: StreamingSource, LaggingSource {
    private let node: PlanNode
    private let scan: ScanPlan
    private let project: ProjectDirectory
    private let opener: SourceOpener

    init(_ node: PlanNode, _ scan: ScanPlan, project: ProjectDirectory, settings: RunSettings) {
        self.node = node
        self.scan = scan
        self.project = project
        opener = SourceOpener(project: project, settings: settings)
    }

    func slice(after position: SourcePosition?, limit: SliceLimit) throws -> SourceSlice? {
        var end = position ?? SourcePosition()
        var taken: [String] = []
        var bytes: Int64 = 0
        for path in try opener.matches(scan.binding) {
            guard let stamp = FilesStream.stamp(project.resolve(path)) else { continue }
            if let known = end.objects[path] {
                guard known.bytes != stamp.bytes else { continue }
                throw changed(path, known, stamp)
            }
            if !taken.isEmpty, bytes + stamp.bytes > Int64(limit.bytes) { break }
            bytes += stamp.bytes
            end.objects[path] = stamp
            taken.append(path)
        }
        guard !taken.isEmpty else { return nil }
        return SourceSlice(reader: try opener.open(node, scan, paths: taken), end: end)
    }

    package func lag(after position: SourcePosition?) throws -> SourceLag {
        var lag = SourceLag(bytes: 0)
        for path in try opener.matches(scan.binding) where position?.objects[path] == nil {
            guard let stamp = FilesStream.stamp(project.resolve(path)) else { continue }
            lag.bytes = lag.bytes.map { $0 &+ Int(clamping: stamp.bytes) }
            lag.oldestArrival = min(lag.oldestArrival ?? .max, stamp.modified)
        }
        return lag
    }

    private static func stamp(_ path: String) -> ObjectStamp? {
        var info = stat()
        guard stat(path, &info) == 0 else { return nil }
        #if canImport(Glibc)
            let time = info.st_mtim
        #else
            let time = info.st_mtimespec
        #endif
        return ObjectStamp(
            bytes: Int64(info.st_size),
            modified: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    private func changed(_ path: String, _ old: ObjectStamp, _ new: ObjectStamp) -> RunError {
        RunError(
            .sourceChanged,
            "\(path) had \(old.bytes) bytes when `\(node.name)` read it, and has \(new.bytes) now",
            at: scan.binding.span,
            notes: [
                "files are read once: write a file elsewhere and move it in when it is complete",
                "to read what was added, move it into a file of its own",
            ])
    }
}

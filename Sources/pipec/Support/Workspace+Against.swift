import Foundation
import PipelineDSL
import Planner
import Runtime

extension Workspace {
    /// The plan to compare with: that of a file (a spec, a folder with one, or a plan), otherwise of
    /// this spec at a git revision.
    ///
    /// A file goes before a revision of its name; `refs/heads/x` names a branch in any case.
    func plan(against other: String) throws -> Plan {
        let isFolder = InputFile.isFolder(other)
        let file = isFolder ? Workspace.spec(in: other) : other
        if FileManager.default.fileExists(atPath: file), !InputFile.isFolder(file) {
            return try Workspace(file, options).plan()
        }
        return try reporting {
            try plan(of: try GitRevision(other, folder: project.root))
        }
    }

    private func plan(of revision: GitRevision) throws -> Plan {
        let main = try revision.file((path as NSString).lastPathComponent)
        if isPlanFile { return try plan(main) }
        // Mistakes are shown in the files as they were.
        var texts = [main.name: String(decoding: main.bytes, as: UTF8.self)]
        let lock = revision.bytes(SchemaLock.fileName)
        let pins = SchemaPins(project, use: .pinned, lock: lock ?? [])
        let (checked, diagnostics) = check(main, inference: pins.answer) { pattern, including in
            let files = revision.include(pattern, from: including)
            for file in files { texts[file.name] = String(decoding: file.bytes, as: UTF8.self) }
            return files
        }
        guard let checked else { throw failed(diagnostics, texts: texts) }
        return Planner.plan(checked)
    }
}

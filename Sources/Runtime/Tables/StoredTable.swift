import PipelineDSL
import Planner

/// A table as an earlier run left it.
struct StoredTable {
    /// Absolute.
    let folder: String
    let node: PlanNode
    let format: FormatPlan

    /// `nil` where the table was never written.
    func manifest() throws -> TableManifest? {
        guard Files.exists(folder + "/" + TableManifest.fileName) else { return nil }
        guard let manifest = TableManifest.load(folder) else {
            throw RunError(
                .outputFailed, "\(folder)/\(TableManifest.fileName) cannot be read",
                notes: ["it lists the files of the table `\(node.name)`; remove the table to write it anew"])
        }
        return manifest
    }

    /// Reads `columns` of all files, in the order of the manifest.
    func reader(columns: [Field]) throws -> any SourceReader {
        guard let manifest = try manifest() else {
            throw RunError(
                .cannotRun, "the table `\(node.name)` is not there yet",
                notes: ["`pipec run` writes it to \(folder)"])
        }
        let scan = ScanPlan(
            binding: BindingPlan(
                connector: "files", isEmbedded: false, settings: [:], summary: folder),
            format: FormatPlan(name: manifest.format), fields: Schema(columns),
            projection: Array(columns.indices))
        let format = try ObjectFormat(scan, source: node.name)
        let folder = folder
        return ObjectsReader(paths: manifest.files.map(\.path)) { path in
            try format.open(path: folder + "/" + path, object: path)
        }
    }
}

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
                notes: [
                    "it lists the files of the table `\(node.name)`; remove the table to write it anew"
                ])
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
        return try reader(columns: columns, of: manifest)
    }

    func reader(columns: [Field], of manifest: TableManifest) throws -> any SourceReader {
        let scan = ScanPlan(
            binding: BindingPlan(
                connector: "files", isEmbedded: false, settings: [:], summary: folder),
            format: FormatPlan(name: manifest.format, settings: manifest.readSettings),
            fields: Schema(columns), projection: Array(columns.indices))
        var format = try ObjectFormat(scan, source: node.name)
        format.declared = manifest.schema.names
        let folder = folder
        return ObjectsReader(paths: manifest.files.map(\.path), fields: scan.fields) {
            [format, node] path in
            try format.open(
                path: folder + "/" + path, object: "\(node.table?.path ?? folder)/\(path)")
        }
    }
}

extension TableManifest {
    /// The settings it was written with, without those that only mean the files of others: what
    /// pipec writes starts at its first line, and a quoted field of it is never null.
    fileprivate var readSettings: [String: PlanValue] {
        (settings ?? [:]).filter { $0.key != "skip_lines" && $0.key != "quoted_nulls" }
    }
}

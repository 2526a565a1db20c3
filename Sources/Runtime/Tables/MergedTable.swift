import PipelineDSL

/// The stored part of a table that an epoch of a stream merges rows into.
///
/// Files that no changed row can be in stay as they are; the others are written anew. So an epoch
/// costs what it changes and the files around it, not the whole table. Small files are put
/// together; each large one stays by itself, with its own range of keys, so that files of a time
/// that is over are not dragged along.
final class MergedTable: @unchecked Sendable {
    private let stored: StoredTable
    private let manifest: TableManifest
    /// Files that stay. Set when the changes are known, before the epoch commits.
    private(set) var kept: [TableManifest.File] = []

    /// Rows from which on a file is not put together with others.
    static let largeFileRows = 65_536

    init(_ stored: StoredTable, _ manifest: TableManifest) {
        self.stored = stored
        self.manifest = manifest
    }

    /// The rows to be written anew: those of small files, which go with the changed rows, then each
    /// large file by itself.
    func readers(changed: KeyRanges) throws -> [any SourceReader] {
        func isSmall(_ file: TableManifest.File) -> Bool { file.rows < MergedTable.largeFileRows }
        let small = manifest.files.filter(isSmall)
        // One alone that nothing changes is not worth writing anew, and several are at some time.
        let folds = small.contains(where: changed.mayMeet) || small.count >= 8
        let touched = manifest.files.filter { isSmall($0) ? folds : changed.mayMeet($0) }
        kept = manifest.files.filter { !touched.contains($0) }
        let groups = [touched.filter(isSmall)] + touched.filter { !isSmall($0) }.map { [$0] }
        return try groups.map { files in
            if files.isEmpty { return EmptyReader() }
            var part = manifest
            part.files = files
            return try stored.reader(columns: stored.node.schema.fields, of: part)
        }
    }
}

import PipelineDSL
import Planner

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What a zone's `retain` does to the files of its tables as they grow old. The class of a file
/// follows from its age and is nowhere written down; what is past its time is removed by the next run.
package struct Lifecycle: Sendable {
    package enum StorageClass: String, Sendable, CaseIterable { case standard, archive, expired }

    /// Microseconds after a file was written.
    package var archiveAfter: Int64?
    package var expireAfter: Int64?

    package init(archiveAfter: Int64? = nil, expireAfter: Int64? = nil) {
        self.archiveAfter = archiveAfter
        self.expireAfter = expireAfter
    }

    init(_ table: TablePlan) {
        self.init(archiveAfter: table.archiveAfter, expireAfter: table.expireAfter)
    }

    /// - Parameters:
    ///   - written: microseconds since 1970, as is `now`.
    package func storageClass(written: Int64, now: Int64) -> StorageClass {
        let (age, overflow) = now.subtractingReportingOverflow(written)
        if overflow { return .standard }
        if let expireAfter, age >= expireAfter { return .expired }
        if let archiveAfter, age >= archiveAfter { return .archive }
        return .standard
    }

    /// Removes expired files of the tables that the plan writes. The project must be locked.
    static func sweep(_ plan: Plan, _ project: ProjectDirectory, now: Int64) throws {
        for node in plan.nodes {
            guard let table = node.table, table.isLocal, table.expireAfter != nil else { continue }
            try Lifecycle(table).sweep(project.resolve(table.path), project, now: now)
        }
    }

    /// Removes dead letters that are past their time. The project must be locked.
    static func sweepDeadLetters(_ plan: Plan, _ project: ProjectDirectory, now: Int64) {
        guard let expireAfter = plan.deadLetters.expireAfter else { return }
        let lifecycle = Lifecycle(expireAfter: expireAfter)
        let letters = DeadLetterStore(folder: project.resolve(plan.deadLetters.path))
        for (_, path) in letters.files() {
            guard let written = Files.modificationTime(path),
                lifecycle.storageClass(written: written, now: now) == .expired
            else { continue }
            unlink(path)
        }
    }

    private func sweep(_ folder: String, _ project: ProjectDirectory, now: Int64) throws {
        guard var manifest = TableManifest.load(folder) else { return }
        func isExpired(_ file: TableManifest.File) -> Bool {
            guard let written = Files.modificationTime(folder + "/" + file.path) else {
                return false
            }
            return storageClass(written: written, now: now) == .expired
        }
        let expired = manifest.files.filter(isExpired)
        guard !expired.isEmpty else { return }
        // Whoever reads ends on the files it began with.
        let readers = try ReaderLock.exclusive(project)
        defer { withExtendedLifetime(readers) {} }
        manifest.files.removeAll(where: Set(expired).contains)
        // Files that no manifest names are no part of the table: a crash leaves some of them.
        try manifest.save(in: folder)
        for file in expired {
            try ObjectVersions.keep(folder + "/" + file.path)
            unlink(folder + "/" + file.path)
        }
    }
}

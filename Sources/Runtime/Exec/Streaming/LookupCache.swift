/// Relations that are looked up in, kept from epoch to epoch until they are to be read anew.
final class LookupCache {
    private struct Entry {
        var table: LookupTable
        /// By the clock of the run, microseconds.
        var until: Int64
    }

    private var entries: [String: Entry] = [:]
    private var now: Int64 = 0

    /// Where the spec does not say when: after a minute.
    static let defaultRefresh: Int64 = 60_000_000

    /// Begins an epoch; what is out of date by then is forgotten.
    func begin(at now: Int64) {
        self.now = now
        entries = entries.filter { $0.value.until > now }
    }

    /// - Parameter id: of the operator that looks up.
    func table(_ id: String) -> LookupTable? {
        // What this epoch has begun to read is not complete yet.
        guard let entry = entries[id], entry.until > now else { return nil }
        return entry.table
    }

    /// - Parameter refresh: microseconds.
    func add(_ table: LookupTable, _ id: String, refresh: Int64?) {
        let (until, overflow) = now.addingReportingOverflow(refresh ?? Self.defaultRefresh)
        entries[id] = Entry(table: table, until: overflow ? .max : until)
    }
}

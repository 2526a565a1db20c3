import GRDB
import GRDBSQLite
import PipelineDSL

/// One SQLite database that stands for one cloud resource: a key-value table, a queue.
///
/// Write-ahead logging, so readers never wait for a writer; the page cache is bounded, so memory
/// stays flat however much is written in one transaction.
package final class EmbeddedStore: @unchecked Sendable {
    package let path: String
    let queue: DatabaseQueue

    /// - Parameters:
    ///   - schema: statements that make the tables where they are not there yet.
    ///   - added: columns, by table, that an older version of pipec made it without.
    init(path: String, schema: String, added: [String: [String]] = [:]) throws {
        self.path = path
        if let folder = Files.parent(path) { try Files.makeDirectory(folder) }
        var configuration = Configuration()
        configuration.busyMode = .timeout(EmbeddedStore.patience)
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA journal_mode = WAL")
            try db.execute(sql: "PRAGMA synchronous = NORMAL")
            try db.execute(sql: "PRAGMA cache_size = -16384")
            try db.execute(sql: "PRAGMA temp_store = FILE")
        }
        do {
            queue = try EmbeddedStore.patiently {
                try DatabaseQueue(path: path, configuration: configuration)
            }
            try queue.write { db in
                try EmbeddedStore.add(added, in: db)
                try db.execute(sql: schema + EmbeddedStore.epochs)
            }
        } catch {
            throw EmbeddedStore.failure(path, error)
        }
    }

    private static func add(_ columns: [String: [String]], in db: Database) throws {
        for (table, columns) in columns where try db.tableExists(table) {
            let known = Set(try db.columns(in: table).map(\.name))
            for column in columns where !known.contains(String(column.prefix { $0 != " " })) {
                try db.execute(sql: "ALTER TABLE \(table) ADD COLUMN \(column)")
            }
        }
    }

    private static let epochs =
        ";CREATE TABLE IF NOT EXISTS epochs (token TEXT PRIMARY KEY, at INTEGER NOT NULL)"

    func write<R>(_ body: (Database) throws -> R) throws -> R {
        do { return try queue.write(body) } catch { throw EmbeddedStore.failure(path, error) }
    }

    func read<R>(_ body: (Database) throws -> R) throws -> R {
        do { return try queue.read(body) } catch { throw EmbeddedStore.failure(path, error) }
    }

    /// Makes everything committed so far survive a power cut.
    func synchronise() throws {
        do {
            try EmbeddedStore.patiently {
                try queue.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
            }
        } catch {
            throw EmbeddedStore.failure(path, error)
        }
    }

    /// Tries again while somebody else is at the file. SQLite itself does not wait where another
    /// connection is in a checkpoint, or puts the file in order as it opens or closes it: "even if
    /// there is a busy-handler configured, it will not be invoked in this case"
    /// (sqlite3_wal_checkpoint_v2).
    private static func patiently<R>(_ body: () throws -> R) throws -> R {
        let start = ContinuousClock.now
        while true {
            do { return try body() } catch let error as DatabaseError {
                guard error.resultCode == .SQLITE_BUSY, start.secondsSince < patience else {
                    throw error
                }
                sleepMilliseconds(5)
            }
        }
    }

    /// Seconds; as long as SQLite waits where it does.
    private static let patience = 10.0

    func isCommitted(_ token: String) throws -> Bool {
        try read {
            try Bool.fetchOne(
                $0, sql: "SELECT EXISTS (SELECT 1 FROM epochs WHERE token = ?)", arguments: [token])
                ?? false
        }
    }

    /// Only the newest epoch of a pipeline is ever asked for again, and pipelines of a project are
    /// fewer than these.
    private static let rememberedEpochs = 1024

    /// Remembers that an epoch is complete, and forgets old ones: the first that were remembered, as
    /// clocks may have been set back since.
    ///
    /// - Parameter isNeeded: a condition on `epochs` under which one stays.
    static func record(
        _ token: String, now: Int64, in db: Database, unless isNeeded: String = "0"
    ) throws {
        try db.execute(
            sql: "INSERT OR REPLACE INTO epochs (token, at) VALUES (?, ?)", arguments: [token, now])
        let count = try Int.fetchOne(db, sql: "SELECT count(*) FROM epochs") ?? 0
        guard count % rememberedEpochs == 0 else { return }
        try db.execute(
            sql: """
                DELETE FROM epochs WHERE NOT (\(isNeeded)) AND token NOT IN (
                    SELECT token FROM epochs ORDER BY rowid DESC LIMIT \(rememberedEpochs / 2))
                """)
    }

    static func failure(_ path: String, _ error: any Error) -> any Error {
        if error is RunError { return error }
        if let error = error as? DatabaseError, isOutOfRoom(error, path) {
            return DiskFull.error(
                "the embedded store \(path) cannot be written", because: "no room is left")
        }
        return RunError(
            .embeddedStoreFailed, "the embedded store \(path) failed: \(error)",
            notes: ["is the disk full, or the folder not writable?"])
    }
}

extension EmbeddedStore {
    /// SQLite says so itself, except where the room for its shared memory or its log is missing.
    private static func isOutOfRoom(_ error: DatabaseError, _ path: String) -> Bool {
        switch error.resultCode {
        case .SQLITE_FULL: true
        case .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_PROTOCOL:
            DiskFull.isLikely(at: Files.parent(path) ?? path)
        default: false
        }
    }
}

extension Statement {
    /// Runs a statement whose values were bound with the functions below, and makes it ready for
    /// the next row.
    func stepBound(_ db: Database) throws {
        let result = sqlite3_step(sqliteStatement)
        sqlite3_reset(sqliteStatement)
        guard result == SQLITE_DONE || result == SQLITE_ROW else {
            throw DatabaseError(
                resultCode: ResultCode(rawValue: result), message: db.lastErrorMessage)
        }
    }

    /// The first value of the first row; `nil` where there is no row.
    func firstBound(_ db: Database) throws -> DatabaseValue? {
        defer { sqlite3_reset(sqliteStatement) }
        switch sqlite3_step(sqliteStatement) {
        case SQLITE_ROW: return DatabaseValue(sqliteStatement: sqliteStatement, index: 0)
        case SQLITE_DONE: return nil
        case let result:
            throw DatabaseError(
                resultCode: ResultCode(rawValue: result), message: db.lastErrorMessage)
        }
    }

    /// The bytes must stay where they are until the step.
    func bindText(_ index: Int32, _ bytes: UnsafeRawBufferPointer) {
        let base = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1)!
        sqlite3_bind_text(
            sqliteStatement, index, base.assumingMemoryBound(to: CChar.self), Int32(bytes.count),
            nil)
    }

    func bindBlob(_ index: Int32, _ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else {
            sqlite3_bind_zeroblob(sqliteStatement, index, 0)
            return
        }
        sqlite3_bind_blob(sqliteStatement, index, base, Int32(bytes.count), nil)
    }

    func bindInteger(_ index: Int32, _ value: Int64) {
        sqlite3_bind_int64(sqliteStatement, index, value)
    }
    func bindDouble(_ index: Int32, _ value: Double) {
        sqlite3_bind_double(sqliteStatement, index, value)
    }
    func bindNull(_ index: Int32) { sqlite3_bind_null(sqliteStatement, index) }
}

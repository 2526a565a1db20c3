import Foundation
import PipelineDSL
import Planner
import Runtime
import Synchronization
import TestSupport
import Testing

/// Key-value tables and caches as sinks and sources.
@Suite struct KeyValueTests {
    /// That of a ``SpecProject``'s runs.
    static let now: Int64 = 1_767_225_600_000_000
    static let second: Int64 = 1_000_000

    static func spec(_ settings: String, into sink: String = "dynamodb: { table: t") -> String {
        """
        sources:
          rows:
            files: { path: in.jsonl }
            format: jsonl
            columns: { id: string, at: bigint, shard: string, ends: timestamp }
        sinks:
          items: { from: rows, \(sink)\(settings) } }

        """
    }

    static let table = "partition_key: id"

    static func project(_ rows: [String]) throws -> SpecProject {
        try SpecProject(files: ["in.jsonl": rows.map { $0 + "\n" }.joined()])
    }

    static func open(_ project: SpecProject) throws -> KeyValueTable {
        try KeyValueTable(path: project.root + "/.pipec/dynamodb/t.sqlite")
    }

    static func ids(_ items: [String]) throws -> [String] {
        try items.map { try JSONValue.parse($0)["id"]?.string ?? "" }
    }

    static func peek(
        _ project: SpecProject, _ spec: String, index: String? = nil, key: String? = nil,
        now: Int64 = now
    ) throws -> ([String], String) {
        var options = Feed.PeekOptions()
        (options.index, options.key) = (index, key)
        return try Feed(
            node: "items", plan: project.plan(spec), project: project.directory
        ).peek(100, options, now: now)
    }

    // MARK: - Keys

    @Test func itemsAreOrderedByTheirKeys() throws {
        let project = try Self.project([
            #"{"id":"b","at":10,"shard":"x"}"#, #"{"id":"a","at":9,"shard":"x"}"#,
            #"{"id":"b","at":9,"shard":"y"}"#, #"{"id":"b","at":10,"shard":"z"}"#,
        ])
        let spec = Self.spec(", partition_key: id, sort_key: at")
        try project.run(spec)
        let (items, _) = try Self.peek(project, spec, key: "b")
        #expect(
            try items.map { try JSONValue.parse($0)["shard"]?.string } == ["y", "z"])
        #expect(try Self.ids(Self.peek(project, spec).0) == ["a", "b", "b"])
    }

    @Test func keysThatCannotBeAreRejected() throws {
        let long = String(repeating: "k", count: 2049)
        let project = try Self.project([
            #"{"id":null,"at":1}"#, #"{"id":"","at":1}"#, #"{"id":"\#(long)","at":1}"#,
            #"{"id":"\#(long.dropLast())","at":1}"#,
        ])
        let report = try project.run(Self.spec(", partition_key: id"))
        #expect(report.nodes.last?.rejected == 3)
        #expect(
            try project.deadLetters.map(\.rule).sorted() == [
                "key_not_null", "key_size", "key_size",
            ])
        #expect(try Self.open(project).count(now: Self.now) == 1)
    }

    // MARK: - Conditions

    @Test(arguments: [1, 16_384])
    func notExistsKeepsTheFirst(batchRows: Int) throws {
        let project = try Self.project([
            #"{"id":"a","at":1}"#, #"{"id":"a","at":2}"#, #"{"id":"b","at":3}"#,
        ])
        let spec = Self.spec(", partition_key: id, condition: not_exists")
        for (round, rejected) in [1, 3].enumerated() {
            let report = try project.run(spec, batchRows: batchRows)
            #expect(report.closes && report.nodes.last?.rejected == rejected, "\(round)")
            #expect(
                try Self.peek(project, spec).0.map { try JSONValue.parse($0)["at"]?.int }
                    == [1, 3])
        }
        #expect(Set(try project.deadLetters.map(\.rule)) == ["condition"])
    }

    @Test(arguments: [1, 16_384])
    func newerKeepsTheNewest(batchRows: Int) throws {
        let project = try Self.project([
            #"{"id":"a","at":5}"#, #"{"id":"a","at":9}"#, #"{"id":"a","at":7}"#,
            #"{"id":"a","at":null}"#, #"{"id":"b","at":-3}"#,
        ])
        let spec = Self.spec(", partition_key: id, condition: { newer: at }")
        #expect(try project.run(spec, batchRows: batchRows).nodes.last?.rejected == 2)
        func versions() throws -> [Int?] {
            try Self.peek(project, spec).0.map { try JSONValue.parse($0)["at"]?.int }
        }
        #expect(try versions() == [9, -3])
        try project.write(
            #"{"id":"a","at":8}"# + "\n" + #"{"id":"b","at":-2}"# + "\n", to: "in.jsonl")
        #expect(try project.run(spec, batchRows: batchRows).nodes.last?.rejected == 1)
        #expect(try versions() == [9, -2])
    }

    @Test func anExpiredItemDoesNotCountForACondition() throws {
        let project = try Self.project([#"{"id":"a","at":1,"ends":"2025-12-31T00:00:00Z"}"#])
        let spec = Self.spec(
            ", partition_key: id, expires_at: ends, condition: not_exists")
        for _ in 0..<2 { #expect(try project.run(spec).nodes.last?.rejected == 0) }
    }

    // MARK: - Expiry

    @Test func itemsExpireAfterTheirTime() throws {
        let project = try Self.project([#"{"id":"a","at":1}"#])
        let spec = Self.spec(", partition_key: id, ttl: 10 s")
        try project.run(spec)
        let table = try Self.open(project)
        let end = Self.now + 10 * Self.second
        #expect(try table.count(now: end - 1) == 1)
        #expect(try table.count(now: end) == 0)
        #expect(try table.items(partition: "a", limit: 9, now: end).isEmpty)
        // It is there until the sweep.
        #expect(try table.count(now: Self.now) == 1)
        #expect(try table.removeExpired(now: end) == 1)
        #expect(try table.count(now: Self.now) == 0)
    }

    @Test func aColumnSaysWhenAnItemExpires() throws {
        let project = try Self.project([
            #"{"id":"never","at":null,"ends":null}"#,
            #"{"id":"soon","at":1767225601,"ends":"2026-01-01T00:00:01Z"}"#,
            #"{"id":"late","at":9223372036854775807,"ends":"2027-01-01T00:00:00Z"}"#,
        ])
        for column in ["at", "ends"] {
            let spec = Self.spec(", partition_key: id, expires_at: \(column)")
            try project.run(spec)
            #expect(
                try Self.ids(Self.peek(project, spec, now: Self.now).0)
                    == ["late", "never", "soon"])
            #expect(
                try Self.ids(Self.peek(project, spec, now: Self.now + Self.second).0)
                    == ["late", "never"])
        }
    }

    // MARK: - Indexes

    @Test func indexesFindItemsByOtherKeys() throws {
        let project = try Self.project([
            #"{"id":"a","at":3,"shard":"s1"}"#, #"{"id":"b","at":1,"shard":"s1"}"#,
            #"{"id":"c","at":2,"shard":"s'2"}"#, #"{"id":"d","at":null,"shard":"s1"}"#,
        ])
        let indexes =
            ", indexes: { by_shard: { partition_key: shard, sort_key: at }, "
            + "by_at: { partition_key: at } }"
        let spec = Self.spec(", partition_key: id" + indexes)
        try project.run(spec)
        func found(_ index: String, _ key: String? = nil) throws -> [String] {
            try Self.ids(Self.peek(project, spec, index: index, key: key).0)
        }
        #expect(try found("by_shard", "s1") == ["b", "a"])
        #expect(try found("by_shard", "s'2") == ["c"])
        #expect(try found("by_shard") == ["c", "b", "a"])
        #expect(try found("by_at", "2") == ["c"])
        let error = #expect(throws: RunError.self) { try found("by_shrd") }
        #expect(error?.diagnostic.code == .keyValueSettings)
        #expect(error?.diagnostic.notes.first?.contains("by_shard") == true)
        // An item that is replaced is where it is now.
        try project.write(#"{"id":"a","at":3,"shard":"s3"}"# + "\n", to: "in.jsonl")
        try project.run(spec)
        #expect(try found("by_shard", "s1") == ["b"])
        // An index that is no longer declared goes.
        let fewer = Self.spec(", partition_key: id, indexes: { by_at: { partition_key: shard } }")
        #expect(try Self.ids(Self.peek(project, fewer, index: "by_at", key: "s3").0) == ["a"])
        #expect(try Self.open(project).indexes().map(\.name) == ["by_at"])
    }

    // MARK: - Sources

    @Test func aTableIsReadAndQueried() throws {
        let project = try Self.project(
            (0..<3000).map { #"{"id":"v\#($0 % 2500)","at":\#($0),"shard":"s"}"# })
        try project.run(Self.spec(", partition_key: id"))
        let spec = """
            sources:
              t:
                dynamodb: { table: t, partition_key: id }
                columns: { id: string not null, at: bigint }
            sinks:
              out: { from: t, files: { path: out.jsonl }, format: jsonl }

            """
        #expect(try project.run(spec).nodes.last?.written == 2500)
        #expect(try project.rows("t", of: spec).count == 2500)
    }

    // MARK: - Caches

    @Test func aCacheForgets() throws {
        let project = try Self.project([
            #"{"id":"a","at":1}"#, #"{"id":"a","at":2}"#, #"{"id":"b","at":3}"#,
        ])
        let spec = Self.spec(
            ", key: id, ttl: 10 s", into: #"redis: { prefix: "pos:""#)
        try project.run(spec)
        let other = Self.spec(", key: at", into: #"redis: { prefix: "n:""#)
        try project.run(other)
        let (lines, summary) = try Self.peek(project, spec, now: Self.now + 2 * Self.second)
        #expect(
            lines.map { String($0.prefix(17)) } == ["pos:a  8 s left  ", "pos:b  8 s left  "])
        #expect(summary == "2 entries")
        #expect(try Self.peek(project, other).1 == "3 entries")
        #expect(try Self.peek(project, other, key: "2").0.count == 1)
        let source = """
            sources:
              cache:
                redis: { prefix: "pos:", key: id }
                rename: { at: cached }
                columns: { id: string not null, cached: bigint }
              rows:
                files: { path: in.jsonl }
                format: jsonl
                columns: { id: string, at: bigint }
            transforms:
              joined:
                from: rows
                steps:
                  - lookup: { in: cache, on: id, take: [cached] }
            sinks:
              out: { from: joined, files: { path: out.jsonl }, format: jsonl }

            """
        try project.run(source)
        #expect(
            try project.text("out.jsonl").split(separator: "\n").map {
                try JSONValue.parse(String($0))["cached"]?.int
            } == [2, 2, 3])
        #expect(try Self.peek(project, spec, now: Self.now + 10 * Self.second).0.isEmpty)
    }

    // MARK: - Settings

    @Test(arguments: [
        (", partition_key: idd", "no column"), (", partition_key: id, sort_key: x", "no column"),
        (", partition_key: id, ttl: 1 s, expires_at: ends", "not both"),
        (", partition_key: id, expires_at: shard", "is no time"),
        (", partition_key: id, condition: { newer: att }", "no column"),
        (", partition_key: id, condition: exists", ""),
        (", partition_key: id, indexes: { i: { partition_key: nope } }", "no column"),
    ])
    func wrongSettingsAreSaid(settings: String, message: String) throws {
        let (_, diagnostics) = try SpecProject().check(Self.spec(settings))
        let found = try #require(diagnostics.first { $0.severity == .error })
        #expect(message.isEmpty || found.message.contains(message), "\(found.message)")
        #expect(found.primary != nil)
    }

    /// Each put opens, writes, checkpoints and closes the table, all of them at once: SQLite does not
    /// wait by itself where another is in a checkpoint.
    @Test func manyMayPutAtOnce() throws {
        let project = try Self.project([])
        let plan = try project.plan(Self.spec(", \(Self.table)"))
        let directory = project.directory
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 6) { worker in
            for round in 0..<15 {
                do {
                    let line = "{\"id\":\"\(worker)-\(round)\"}\n"
                    _ = try Feed(node: "items", plan: plan, project: directory)
                        .put(
                            Array(line.utf8), name: "in",
                            now: Self.now + Int64(worker * 100 + round))
                } catch { failures.withLock { $0.append("\(error)") } }
            }
        }
        #expect(failures.withLock { $0 } == [])
        #expect(try Self.open(project).count(now: Self.now) == 90)
    }
}

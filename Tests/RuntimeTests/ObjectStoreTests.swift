import Foundation
import PipelineDSL
import Planner
import Runtime
import TestSupport
import Testing

/// Versions and storage classes of embedded buckets.
@Suite struct ObjectStoreTests {
    /// That of a ``SpecProject``'s runs.
    static let now: Int64 = 1_767_225_600_000_000
    static let day: Int64 = 86_400_000_000

    static func peek(
        _ node: String, _ project: SpecProject, _ spec: String, versions: Bool = false,
        now: Int64 = now
    ) throws -> ([String], String) {
        var options = Feed.PeekOptions()
        options.versions = versions
        return try Feed(node: node, plan: project.plan(spec), project: project.directory)
            .peek(100, options, now: now)
    }

    /// Makes a file as old as that.
    static func age(_ project: SpecProject, _ path: String, days: Double) throws {
        let time = Double(now) / 1_000_000 - days * 86_400
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: time)],
            ofItemAtPath: project.root + "/" + path)
    }

    // MARK: - Versions

    static func landing(versions: Bool) -> String {
        """
        sources:
          landing:
            s3: { bucket: b, path: "in/*.jsonl", versions: \(versions) }
            format: jsonl
            columns: { n: bigint }
        sinks:
          one:
            from: landing
            s3: { bucket: b, path: out/one.jsonl, versions: \(versions) }
            format: jsonl
          many:
            from: landing
            s3: { bucket: b, path: many/, versions: \(versions) }
            format: jsonl

        """
    }

    @Test(arguments: [true, false])
    func aVersionedBucketKeepsWhatWasReplaced(isVersioned: Bool) throws {
        let project = try SpecProject()
        let spec = Self.landing(versions: isVersioned)
        let feed = try Feed(
            node: "landing", plan: project.plan(spec), project: project.directory)
        for (round, number) in [1, 22, 333].enumerated() {
            let text = #"{"n":\#(number)}"# + "\n"
            _ = try feed.put(Array(text.utf8), name: "a.jsonl", now: Self.now)
            try Self.age(project, ".pipec/s3/b/in/a.jsonl", days: Double(9 - round))
            try project.run(spec)
        }
        #expect(try project.text(".pipec/s3/b/out/one.jsonl") == #"{"n":333}"# + "\n")
        #expect(try Self.peek("landing", project, spec).0 == ["a.jsonl  10 B"])
        let (lines, summary) = try Self.peek("landing", project, spec, versions: true)
        guard isVersioned else {
            #expect(summary == "1 objects, 0 earlier versions")
            return
        }
        #expect(summary == "1 objects, 2 earlier versions")
        // Newest first.
        #expect(lines.map { $0.split(separator: " ")[1] } == ["10", "9", "8"])
        #expect(lines[0].hasSuffix("current") && lines[0].hasPrefix("in/a.jsonl"))
        let versions = ObjectVersions.list(project.root + "/.pipec/s3/b/in")
        #expect(
            try versions.map { try String(contentsOfFile: $0.path, encoding: .utf8) }
                == [333, 22, 1].map { #"{"n":\#($0)}"# + "\n" })
        #expect(
            try Self.peek("one", project, spec, versions: true).1
                == "1 objects, 2 earlier versions")
        #expect(
            try Self.peek("many", project, spec, versions: true).1
                == "1 objects, 2 earlier versions")
        // Nobody reads them who does not ask.
        #expect(try project.run(spec).nodes.first?.read == 1)
    }

    // MARK: - Lifecycle

    static let zone = """
        zones:
          bronze:
            path: "s3://lake/bronze"
            format: parquet
            retain: { archive_after: 7 days, expire_after: 30 days }
        sources:
          landing:
            files: { path: in.jsonl }
            format: jsonl
            columns: { n: bigint }
        transforms:
          bronze.rows: { from: landing, write: { mode: append } }

        """

    @Test func filesAreArchivedAndExpire() throws {
        let project = try SpecProject(files: ["in.jsonl": "{\"n\":1}\n"])
        for number in 1...3 {
            try project.write("{\"n\":\(number)}\n", to: "in.jsonl")
            try project.run(Self.zone)
        }
        let folder = ".pipec/s3/lake/bronze/rows"
        let files = project.walk(folder).filter { $0.hasSuffix(".parquet") }
        #expect(files.count == 3)
        for (file, days) in zip(files, [40, 8, 1]) {
            try Self.age(project, "\(folder)/\(file)", days: Double(days))
        }
        let (lines, summary) = try Self.peek("bronze.rows", project, Self.zone)
        #expect(
            lines.map { $0.split(separator: " ").last ?? "" } == ["expired", "archive", "standard"])
        #expect(summary.hasSuffix("(1 standard, 1 archive, 1 expired)"))
        // As the clock goes on.
        #expect(
            try Self.peek("bronze.rows", project, Self.zone, now: Self.now + 22 * Self.day).1
                .hasSuffix("(1 archive, 2 expired)"))
        // What is archived is still read; what has expired goes with the next run.
        try project.write("{\"n\":4}\n", to: "in.jsonl")
        try project.run(Self.zone)
        #expect(try project.rows("bronze.rows", of: Self.zone).count == 3)
        #expect(!project.exists("\(folder)/\(files[0])"))
        #expect(project.walk(folder).filter { $0.hasSuffix(".parquet") }.count == 3)
    }

    @Test func aTableWhoseFilesAllExpiredIsEmpty() throws {
        let project = try SpecProject(files: ["in.jsonl": "{\"n\":1}\n"])
        try project.run(Self.zone)
        let folder = ".pipec/s3/lake/bronze/rows"
        for file in project.walk(folder) { try Self.age(project, "\(folder)/\(file)", days: 31) }
        try project.write("{\"n\":2}\n", to: "in.jsonl")
        try project.run(Self.zone)
        #expect(try project.rows("bronze.rows", of: Self.zone) == [#"{"n":2}"#])
    }

    @Test func agesAreCompared() {
        let life = Lifecycle(archiveAfter: 10, expireAfter: 20)
        let expected: [(Int64, Lifecycle.StorageClass)] = [
            (0, .standard), (9, .standard), (10, .archive), (19, .archive), (20, .expired),
            (-5, .standard), (.max, .expired),
        ]
        for (age, kind) in expected {
            #expect(life.storageClass(written: 0, now: age) == kind)
        }
        #expect(life.storageClass(written: .min, now: .max) == .standard)
        #expect(Lifecycle().storageClass(written: 0, now: .max) == .standard)
    }
}

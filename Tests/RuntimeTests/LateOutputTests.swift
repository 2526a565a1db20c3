import Foundation
import PipelineDSL
import Planner
import Runtime
import TestSupport
import Testing

/// `late:` gives the rows that come too late a relation of their own.
@Suite struct LateOutputTests {
    static func spec(_ transform: String, watermark: String = "0 seconds") -> String {
        """
        sources:
          events:
            files: { path: "events/*.csv" }
            format: csv
            columns: { id: bigint not null, at: timestamp not null, kind: string, value: double }
            event_time: { column: at, watermark: \(watermark) }
        zones: { out: { path: out, format: parquet } }
        transforms:
          out.t:
            \(transform)
            late: too_late
          out.late:
            from: too_late
            steps: [ { select: [id, kind, value] } ]
        """
    }

    static func rows(_ rows: (id: Int, time: String, kind: String)...) -> String {
        "id,at,kind,value\n"
            + rows.map { "\($0.id),2026-01-01T00:\($0.time)Z,\($0.kind),\($0.id).5\n" }.joined()
    }

    /// What finds rows late, and how many of the last two rows below are late for it, each of them
    /// once for every window it misses.
    static let transforms: [(text: String, late: [Int])] = [
        (
            "sql: SELECT window_start, count(*) AS n FROM events "
                + "GROUP BY tumble(at, INTERVAL '1 minute')", [3, 4]
        ),
        (
            "sql: SELECT window_start, kind, count(*) AS n FROM events "
                + "GROUP BY hop(at, INTERVAL '1 minute', INTERVAL '2 minutes'), kind", [3, 3, 4, 4]
        ),
        (
            "sql: SELECT window_start, count(*) AS n FROM events "
                + "GROUP BY session(at, INTERVAL '30 seconds')", [3, 4]
        ),
        (
            "sql: SELECT date_trunc('minute', at) AS minute, sum(value) AS s FROM events GROUP BY 1",
            [3, 4]
        ),
        ("from: events\n    steps: [ { dedupe: { on: [kind], within: 1 minute } } ]", [3, 4]),
        (
            "from: events\n    steps: [ { dedupe: { on: [kind], within: 1 minute, method: bloom } } ]",
            [3, 4]
        ),
        (
            "from: events\n    steps: [ { latest: { by: [kind], order: at, within: 1 minute } } ]",
            [3, 4]
        ),
    ]

    @Test(arguments: transforms.indices)
    func lateRowsAreARelation(_ index: Int) throws {
        let (text, late) = Self.transforms[index]
        let stream = try StreamScript(Self.spec(text))
        try stream.project.write(
            Self.rows((1, "00:10", "a"), (2, "30:00", "b")), to: "events/1.csv")
        try stream.step()
        stream.restart()
        try stream.project.write(
            Self.rows((3, "00:20", "c"), (4, "01:30", "d"), (5, "30:01", "e")),
            to: "events/2.csv")
        try stream.drain()
        let expected = late.map {
            "{\"id\":\($0),\"kind\":\"\($0 == 3 ? "c" : "d")\",\"value\":\($0).5}"
        }
        #expect(try stream.rows("out.late") == expected)
        #expect(stream.late("out.t") == late.count)
        // They are not dead as well.
        #expect(try stream.project.deadLetters.isEmpty)
        #expect(try stream.rows("out.t").allSatisfy { !$0.contains("\"c\"") })
    }

    /// Where nothing reads them (here: what does is not run), they are dead letters as ever.
    @Test func whatNobodyReadsIsDead() throws {
        let stream = try StreamScript(Self.spec(Self.transforms[0].text))
        stream.settings.selection = ["out.t"]
        try stream.project.write(
            Self.rows((1, "00:10", "a"), (2, "30:00", "b")), to: "events/1.csv")
        try stream.step()
        try stream.project.write(Self.rows((3, "00:20", "c")), to: "events/2.csv")
        try stream.drain()
        #expect(stream.late("out.t") == 1)
        #expect(try stream.project.deadLetters.count == 1)
    }

    @Test func inBatchNoRowIsLate() throws {
        let project = try SpecProject(files: [
            "events/1.csv": Self.rows((1, "00:10", "a"), (2, "30:00", "b"), (3, "00:20", "c"))
        ])
        let spec = Self.spec(Self.transforms[0].text)
        try project.run(spec)
        #expect(try project.rows("out.late", of: spec) == [])
        #expect(try project.rows("out.t", of: spec).count == 2)
    }

    /// Every column is there, whatever the transform itself needs, and the lineage leads to the
    /// source.
    @Test func lateRowsKeepTheirColumns() throws {
        let stream = try StreamScript(Self.spec(Self.transforms[0].text))
        let node = try #require(stream.plan["too_late"])
        #expect(node.schema.names == ["id", "at", "kind", "value"])
        let lineage = PlanLineage(stream.plan)
        let origins = lineage.origins(of: ColumnReference(node: "out.late", column: "value"))
        #expect(origins == [ColumnReference(node: "events", column: "value"): .identity])
        // The plan says so, and reads back the same.
        let json = PlanJSON.text(stream.plan)
        let (read, problems) = PlanJSON.read(SourceText(text: json, file: "plan.json"))
        #expect(problems.isEmpty)
        #expect(read.map { PlanJSON.text($0) } == json)
    }
}

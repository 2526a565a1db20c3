import Foundation
import PipelineDSL
import Planner
import Testing

/// What a comparison leads to, and its other formats.
@Suite struct DiffTests {
    private func plan(_ edits: [(String, String)] = []) throws -> Plan {
        let url = PlanGolden.root.appendingPathComponent("plans/fleet-telemetry/pipec.yaml")
        var text = try PlanGolden.text(url)
        for (old, new) in edits {
            #expect(text.contains(old), "\(old) is not in the spec")
            text = text.replacingOccurrences(of: old, with: new)
        }
        let test = PlanTest(text)
        return try #require(test.plan, "\(test.lines)")
    }

    private func diff(_ edits: [(String, String)]) throws -> PlanDiff {
        PlanDiff(
            from: try plan(), to: try plan(edits), catalogue: PlanTestCatalogue.catalogue)
    }

    private static let retyped = [
        (
            "avg(speed_kmh) AS mean_speed_kmh",
            "CAST(avg(speed_kmh) AS decimal(12,2)) AS mean_speed_kmh"
        ),
        (
            "sinks:\n",
            "sinks:\n  speeds:\n    from: gold.daily_activity\n    sqs: { queue: speeds }\n"
        ),
    ]

    @Test func everyFormatIsAsWrittenDown() throws {
        let base = try plan(Array(Self.retyped.suffix(1)))
        let edits =
            Self.retyped + [
                ("within: 1 day", "within: 2 days"), ("max_receives: 3", "max_receives: 5"),
                ("description: GPS telemetry", "description: The GPS telemetry"),
                (
                    "  idle_vehicles:\n    from: silver.telemetry\n",
                    "  parked_vehicles:\n    from: silver.telemetry\n"
                ),
            ]
        let diff = PlanDiff(
            from: base, to: try plan(edits), catalogue: PlanTestCatalogue.catalogue)
        let folder = PlanGolden.root.appendingPathComponent("plans/diffs")
        try PlanGolden.check(diff.text(), folder.appendingPathComponent("formats.txt"))
        try PlanGolden.check(diff.markdown, folder.appendingPathComponent("formats.md"))
        try PlanGolden.check(diff.json, folder.appendingPathComponent("formats.json"))
        let escaped = diff.text(color: true).replacingOccurrences(of: "\u{1B}", with: "␛")
        try PlanGolden.check(escaped, folder.appendingPathComponent("formats.color.txt"))
    }

    @Test func jsonIsReadAgain() throws {
        let diff = try diff(Self.retyped)
        let again = try JSONDecoder().decode(PlanDiff.self, from: Data(diff.json.utf8))
        #expect(again.json == diff.json)
    }

    @Test func exitCodesFollowTheChanges() throws {
        let nothing = try diff([])
        let harmless = try diff([("within: 1 day", "within: 2 days")])
        let breaking = try diff([("depot, model]", "depot]")])
        let destructive = try diff([("s3://fleet-lake/gold", "s3://fleet-lake/golden")])
        #expect(nothing.exitCode(detailed: true, failOn: Set(FailOn.allCases)) == 0)
        #expect(harmless.exitCode() == 0)
        #expect(harmless.exitCode(detailed: true) == 2)
        #expect(harmless.exitCode(detailed: true, failOn: [.breaking, .destructive, .pii]) == 2)
        #expect(breaking.exitCode(detailed: true, failOn: [.breaking]) == 3)
        #expect(breaking.exitCode(detailed: true, failOn: [.pii]) == 2)
        #expect(destructive.exitCode(failOn: [.destructive]) == 3)
    }

    @Test func personalDataThatReachesASinkStops() throws {
        let classed = try diff([
            ("engine_status: string", "engine_status: { type: string, pii: id }")
        ])
        #expect(classed.consequences([.pii]) == [.pii])
        #expect(classed.exitCode(failOn: [.pii]) == 3)
    }

    @Test func failOnSaysWhatItKnows() {
        #expect(FailOn.parse("breaking, pii").0 == [.breaking, .pii])
        #expect(FailOn.parse("breaking,cost").1.map(\.code) == [.notAnalysed])
        let (kinds, diagnostics) = FailOn.parse("braking")
        #expect(kinds.isEmpty)
        #expect(diagnostics.first?.notes.first == "did you mean `breaking`?")
    }

    @Test func aliasesAndLayoutOfQueriesAreNoChange() throws {
        let same = try diff([
            (
                "SELECT vehicle_id, date(recorded_at) AS day",
                "SELECT t.vehicle_id, date(t.recorded_at) AS day"
            ),
            (
                "FROM silver.telemetry\n      GROUP BY vehicle_id,",
                "FROM silver.telemetry AS t\n      GROUP BY t.vehicle_id, "
            ),
        ])
        #expect(same.isEmpty, "\(same.text())")
        let nested = try diff([
            (
                "FROM silver.telemetry\n",
                "FROM (SELECT vehicle_id, recorded_at, speed_kmh, distance_from_depot_km "
                    + "FROM silver.telemetry) AS s\n"
            )
        ])
        #expect(nested.isEmpty, "\(nested.text())")
    }

    @Test func readersAreFoundThroughLineage() throws {
        let plan = try plan()
        let lineage = PlanLineage(plan)
        let reference = ColumnReference(node: "silver.telemetry", column: "distance_from_depot_km")
        let readers = lineage.readers(of: reference)
        #expect(
            readers.map(\.title) == [
                "gold.daily_activity", "sink telemetry_store", "sink moving_vehicles",
                "sink idle_vehicles",
            ])
        #expect(readers.first?.columns == ["farthest_km"])
        let origins = lineage.origins(
            of: ColumnReference(node: "gold.daily_activity", column: "farthest_km"))
        #expect(
            origins.keys.map(\.text).sorted() == [
                "telemetry_files.latitude", "telemetry_files.longitude",
            ])
        #expect(Set(origins.values) == [.aggregation])
    }
}

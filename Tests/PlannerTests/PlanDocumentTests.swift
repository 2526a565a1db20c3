import Foundation
import PipelineDSL
import Planner
import TestSupport
import Testing

/// A plan as a file: what is written is read again, and what was edited cannot do harm.
@Suite struct PlanDocumentTests {
    private func goldenPlan() throws -> String {
        let url = PlanGolden.root.appendingPathComponent("plans/fleet-telemetry/plan.json")
        return try PlanGolden.text(url)
    }

    private func read(_ text: String) -> (Plan?, [Diagnostic]) {
        PlanJSON.read(SourceText(text: text, file: "plan.json"))
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        let text = try goldenPlan()
        let (plan, diagnostics) = read(text)
        #expect(diagnostics == [])
        #expect(plan.map { PlanJSON.text($0) } == text)
    }

    @Test func linesStayWithinTheWidth() throws {
        let long = try goldenPlan().split(separator: "\n").filter { $0.count > 100 }
        // Nothing but a single string may be longer.
        #expect(long.allSatisfy { !$0.contains(", ") || $0.contains("\"description\"") })
    }

    @Test(arguments: [
        (#"{"format_version": 7}"#, "PIPE0401", "format version 7"),
        (#"{"format_version": 0, "nodes": []}"#, "PIPE0401", "format version 0"),
        (#"{"nodes": []}"#, "PIPE0400", "`format_version` is missing"),
        ("not a plan", "PIPE0400", "this is not a plan"),
        ("", "PIPE0400", "this is not a plan"),
        ("[1, 2]", "PIPE0400", "this is not a plan"),
        (#"{"format_version": 1, "pipeline": 3}"#, "PIPE0402", "`pipeline`"),
    ])
    func otherFilesAreRefused(_ text: String, _ code: String, _ words: String) {
        let (plan, diagnostics) = read(text)
        #expect(plan == nil)
        #expect(diagnostics.first?.code.description == code)
        #expect(diagnostics.first?.message.contains(words) ?? false, "\(diagnostics)")
    }

    /// Edits of the plan, each of which must be refused at the place it was made.
    @Test(arguments: [
        (#""on": [0, 1]"#, #""on": [0, 99]"#, "there is no column 99"),
        (#""on": [0, 1]"#, #""on": [0, -1]"#, "there is no column -1"),
        (#""within": 86400000000"#, #""within": -1"#, "is negative"),
        (#""event_time": 1,"#, #""event_time": 0,"#, "is not a timestamp"),
        (#""event_time": 1,"#, "", "needs `event_time`"),
        (#""table_keys": [0]"#, #""table_keys": []"#, "as many as `keys`"),
        (#""call": "haversine_km""#, #""call": "haversine_mi""#, "is no function"),
        (#""call": "haversine_km""#, #""call": "upper""#, "it does not take"),
        (#""call": "haversine_km""#, #""call": "count""#, "is no function of that kind"),
        (#""function": "avg""#, #""function": "avrg""#, "is no function"),
        (#""function": "avg""#, #""function": "upper""#, "is no function of that kind"),
        (#""projection": [0, 1, 2, 3, 4, 5]"#, #""projection": [5, 1]"#, "is not ascending"),
        (#""projection": [0, 1, 2, 3, 4, 5]"#, #""projection": [6]"#, "there is no column 6"),
        (#""literal": "moving""#, #""literal": 5"#, "is a constant that is no string"),
        (#""kind": "sink""#, #""kind": "source""#, "has no `scan`"),
        (#""column": 5"#, #""column": 4"#, "reads column 4 as string; it is double"),
        (
            #""inputs": ["telemetry_files"]"#, #""inputs": ["gold.daily_activity"]"#,
            "before this one"
        ),
        (
            #""name": "silver.telemetry""#, #""name": "bronze.telemetry""#,
            "second node of that name"
        ),
        (#""silver.telemetry/input-2"]"#, #""x"]"#, "is not an operator before this one"),
        (#""columns": [0, 1, 4, 8]"#, #""columns": [0, 1, 4, 9]"#, "there is no column 9"),
        (#""columns": [0, 1, 4, 8]"#, #""columns": [0, 4, 1, 8]"#, "are not ascending"),
        (#""mode": "merge""#, #""mode": "merged""#, "mode"),
        (#""memory_bound": 67108864"#, #""memory_bound": -5"#, "is negative"),
        (#""watermark": 600000000"#, #""watermark": 99999999999999999999"#, "not a plan"),
        (#""farthest_km: double not null""#, #""farthest_km: decimal(99,2)""#, "not a field"),
        (#""retries": 3"#, #""retries": 100000000"#, "is not within"),
    ])
    func editsAreRefusedWhereTheyAre(_ old: String, _ new: String, _ words: String) throws {
        let text = try goldenPlan()
        let range = try #require(text.range(of: old), "\(old) is not in the plan")
        let edited = text.replacingCharacters(in: range, with: new)
        let (plan, diagnostics) = read(edited)
        #expect(plan == nil)
        #expect(
            diagnostics.contains { $0.message.contains(words) },
            "\(diagnostics.map(\.message))")
        #expect(diagnostics.allSatisfy { ($0.primary?.span.start.line ?? 0) > 0 })
    }

    /// Any byte changed, any piece missing or doubled: a diagnostic or a plan, never a trap.
    @Test func damagedPlansNeverTrap() throws {
        let text = Array(try goldenPlan().utf8)
        var random = SplitMix(seed: 7)
        let replacements: [[UInt8]] = [
            "-1", "99999999999", "null", "[]", "{}", "\"\"", "true", "1e400", "0.5", "[[[[",
        ].map { Array($0.utf8) }
        var accepted = 0
        for _ in 0..<400 {
            var bytes = text
            for _ in 0...random.below(3) {
                let start = random.below(bytes.count)
                let end = min(bytes.count, start + random.below(40))
                switch random.below(3) {
                case 0: bytes[start] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.removeSubrange(start..<end)
                default:
                    bytes.replaceSubrange(
                        start..<min(end, start + 3),
                        with: replacements[random.below(replacements.count)])
                }
            }
            let (plan, _) = read(String(decoding: bytes, as: UTF8.self))
            guard let plan else { continue }
            accepted += 1
            exercise(plan)
        }
        // Names and descriptions may be anything.
        #expect(accepted < 300)
    }

    /// Numbers of the plan replaced by others, which keeps it readable and mostly wrong.
    @Test func otherNumbersNeverTrap() throws {
        let text = try goldenPlan()
        let digits = text.ranges(of: try Regex("[0-9]+"))
        var random = SplitMix(seed: 11)
        for _ in 0..<200 {
            let range = digits[random.below(digits.count)]
            let value = ["0", "1", "7", "255", "2147483648", "9223372036854775807", "-3"]
            let edited = text.replacingCharacters(
                in: range, with: value[random.below(value.count)])
            if let plan = read(edited).0 { exercise(plan) }
        }
    }

    private func exercise(_ plan: Plan) {
        _ = PlanText.text(plan)
        _ = PlanGraph.text(plan, .svg)
        for node in plan.nodes { _ = Explain.node(node.name, of: plan).0?.text() }
        _ = PlanDiff(from: plan, to: plan).text()
        _ = PlanJSON.text(plan)
    }

    @Test func deepNestingIsRefused() throws {
        for depth in [600, 5000, 100_000] {
            let open = String(repeating: #"{"not": "#, count: depth)
            let text = #"{"format_version": 1, "nodes": "# + open
            #expect(read(text).0 == nil)
            #expect(read(String(repeating: "[", count: depth)).0 == nil)
        }
    }
}

/// A fixed sequence of numbers (Steele, Lea and Flood 2014).

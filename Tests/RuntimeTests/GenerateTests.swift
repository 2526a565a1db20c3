import Foundation
import PipelineDSL
import Planner
import Runtime
import Testing

/// The `generate` source: rows that depend on the seed and their number and on nothing else.
@Suite struct GenerateTests {
    /// One spec with every generator.
    static func spec(
        rows: String = "rows: 5000", seed: Int = 7, dirt: String = "", generators: String? = nil,
        columns: String? = nil
    ) -> String {
        """
        sources:
          made:
            generate:
              \(rows)
              seed: \(seed)
              interval: 1 s
              \(dirt)
              columns:
        \(generators ?? Self.generators)
            columns:
        \(columns ?? Self.columns)
        sinks:
          out: { from: made, files: { path: out.jsonl }, format: jsonl }

        """
    }

    static let generators = """
                number: sequence
                vehicle_id: { zipf: { keys: 50, skew: 1.2, pattern: "VH-{000000}" } }
                speed: { normal: { mean: 50, deviation: 10, min: 0, max: 180 }, nulls: 10% }
                amount: { lognormal: { median: 40, sigma: 1 } }
                wait: { exponential: { mean: 3 } }
                level: { walk: { by: vehicle_id, from: 20, step: 1, min: 0, max: 40 } }
                status: { choice: { moving: 6, idle: 3, "off": 1 } }
                size: { uniform: { min: 10, max: 19 } }
                code: { pattern: "{000}-{aa}-{AA}-{xxxx}" }
                seen_at: { timestamp: { jitter: 5 s } }
                kind: { constant: demo }
                speed_mph: { expression: speed * 0.5 }
        """

    static let columns = """
              number: bigint not null
              vehicle_id: string not null
              recorded_at: timestamp not null
              seen_at: timestamp not null
              speed: double
              amount: decimal(12, 2) not null
              wait: real
              level: double not null
              status: string not null
              size: integer not null
              code: string
              id: uuid not null
              day: date
              is_new: boolean
              kind: string
              speed_mph: double
        """

    // MARK: - Tables

    static func scan(_ spec: String) throws -> (SpecProject, ScanPlan) {
        let project = try SpecProject()
        let plan = try project.plan(spec)
        return (project, try #require(plan["made"]?.scan))
    }

    static func table(_ spec: String) throws -> GeneratedTable {
        try GeneratedTable(try scan(spec).1, source: "made", now: 1_767_225_600_000_000)
    }

    /// Every row of a reader as text, rejected ones by their place.
    static func lines(
        _ reader: any SourceReader, _ schema: Schema, batchRows: Int
    ) throws -> (rows: [String], rejected: [Int64?]) {
        var rows: [String] = []
        var rejected: [Int64?] = []
        while let unit = try reader.next() {
            try unit.decode(batchRows: batchRows) { decoded in
                rows += decoded.batch.rows.map {
                    RowText.line(decoded.batch, row: Int($0), schema: schema)
                }
                rejected += decoded.rejected.map(\.offset)
            }
        }
        return (rows, rejected)
    }

    static let dirty = "dirt: { duplicates: 5%, nulls: 3%, out_of_range: 4%, late: 2% }"

    // MARK: - Reproducibility

    @Test(arguments: [1, 7, 1000, 16_384])
    func batchSizesMakeTheSameRows(batchRows: Int) throws {
        let (_, scan) = try Self.scan(Self.spec(rows: "rows: 2000", dirt: Self.dirty))
        let table = try GeneratedTable(scan, source: "made", now: 0)
        let expected = try Self.lines(table.reader(at: nil), scan.fields, batchRows: 333)
        let found = try Self.lines(table.reader(at: nil), scan.fields, batchRows: batchRows)
        #expect(found.rows == expected.rows)
        #expect(found.rejected == expected.rejected)
        #expect(found.rows.count + found.rejected.count == 2000)
        let other = try Self.table(Self.spec(rows: "rows: 2000", seed: 8, dirt: Self.dirty))
        #expect(
            try Self.lines(other.reader(at: nil), scan.fields, batchRows: 333).rows
                != expected.rows)
    }

    @Test(arguments: [1, 3, 100, 100_000])
    func slicesMakeTheSameRows(limit: Int) throws {
        let (_, scan) = try Self.scan(Self.spec(rows: "rows: 700", dirt: Self.dirty))
        let table = try GeneratedTable(scan, source: "made", now: 0)
        let expected = try Self.lines(table.reader(at: nil), scan.fields, batchRows: 256)
        var position: Runtime.SourcePosition?
        var rows: [String] = []
        var stream = GenerateStream(table) { 0 }
        while let slice = try stream.slice(
            after: position, limit: SliceLimit(rows: limit, bytes: .max))
        {
            rows += try Self.lines(slice.reader, scan.fields, batchRows: 256).rows
            position = slice.end
            // As after a crash: only the position is left.
            stream = GenerateStream(table) { 0 }
        }
        #expect(rows == expected.rows)
        #expect(stream.hasEnded)
    }

    @Test(arguments: [1, 2, 4])
    func workersMakeTheSameFile(workers: Int) throws {
        let project = try SpecProject()
        let plan = try project.plan(Self.spec(rows: "rows: 36000", dirt: Self.dirty))
        var settings = RunSettings(now: 1_767_225_600_000_000)
        settings.workers = workers
        settings.batchRows = 5000
        let report = try Run(plan: plan, project: project.directory, settings: settings).execute()
        #expect(report.closes)
        let table = try Self.table(Self.spec(rows: "rows: 36000", dirt: Self.dirty))
        let schema = try #require(plan["made"]?.schema)
        let expected = try Self.lines(table.reader(at: nil), schema, batchRows: 9000)
        let lines = try project.text("out.jsonl").split(separator: "\n").map(String.init)
        #expect(lines.count == expected.rows.count)
        #expect(lines == expected.rows)
    }

    @Test func anotherColumnChangesNothing() throws {
        let one = try Self.sample("a: { normal: {} }", "a: double", "a")
        let two = try Self.sample(
            "a: { normal: {} }\n        b: { normal: {} }", "b: double\n      a: double", "a")
        #expect(one == two)
    }

    // MARK: - Distributions

    /// The values of one column, nulls left out.
    static func sample(
        _ generators: String, _ columns: String, _ column: String, rows: Int = 40_000,
        dirt: String = ""
    ) throws -> [Value] {
        let (_, scan) = try scan(
            spec(
                rows: "rows: \(rows)", dirt: dirt, generators: "        " + generators,
                columns: "      " + columns))
        let table = try GeneratedTable(scan, source: "made", now: 0)
        let index = try #require(scan.fields.index(of: column))
        var values: [Value] = []
        let reader = try table.reader(at: nil)
        while let unit = try reader.next() {
            try unit.decode(batchRows: 10_000) { decoded in
                values += decoded.batch.rows.map { decoded.batch.columns[index].value(Int($0)) }
            }
        }
        return values
    }

    static func numbers(_ generator: String, _ type: String = "double") throws -> [Double] {
        try sample("a: \(generator)", "a: \(type)", "a").compactMap {
            switch $0 {
            case .double(let v): v
            case .integer(let v): Double(v)
            case .wide(let v): Double(v) / 100
            default: nil
            }
        }
    }

    @Test(arguments: [
        ("{ uniform: { min: 10, max: 20 } }", "double", 15.0, 2.8868),
        ("{ uniform: { min: 1, max: 6 } }", "integer", 3.5, 1.7078),
        ("{ normal: { mean: 50, deviation: 10 } }", "double", 50, 10),
        ("{ normal: { mean: -5, deviation: 2 } }", "decimal(12, 2)", -5, 2),
        ("{ exponential: { mean: 3 } }", "real", 3, 3),
        ("{ lognormal: { median: 10, sigma: 0.5 } }", "double", 11.3315, 6.0391),
        ("{ sequence: { start: 5, cycle: 11 } }", "bigint", 10, 3.1623),
    ])
    func distributionsAreAsTold(
        generator: String, type: String, mean: Double, deviation: Double
    ) throws {
        let values = try Self.numbers(generator, type)
        #expect(values.count == 40_000)
        let found = values.reduce(0, +) / Double(values.count)
        let squares = values.reduce(0) { $0 + ($1 - found) * ($1 - found) }
        let spread = (squares / Double(values.count)).squareRoot()
        // Five standard errors of the mean.
        #expect(abs(found - mean) < 5 * deviation / 200, "mean \(found)")
        #expect(abs(spread - deviation) < 0.06 * deviation, "deviation \(spread)")
    }

    @Test(arguments: [0.5, 1.0, 1.3, 2.0])
    func zipfKeysAreSkewed(skew: Double) throws {
        let keys = try Self.numbers("{ zipf: { keys: 20, skew: \(skew) } }", "integer")
        let total = (1...20).reduce(0.0) { $0 + pow(Double($1), -skew) }
        for key in [1, 2, 5, 20] {
            let expected = pow(Double(key), -skew) / total
            let found = Double(keys.count { $0 == Double(key) }) / Double(keys.count)
            let error = (expected * (1 - expected) / Double(keys.count)).squareRoot()
            #expect(abs(found - expected) < 5 * error, "key \(key): \(found), not \(expected)")
        }
    }

    @Test func choicesComeByWeight() throws {
        let values = try Self.sample(
            "a: { choice: { x: 6, y: 3, z: 1, never: 0 } }", "a: string", "a")
        for (name, share) in [("x", 0.6), ("y", 0.3), ("z", 0.1), ("never", 0)] {
            let found = Double(values.count { $0 == .string(name) }) / 40_000
            #expect(abs(found - share) < 0.013, "\(name): \(found)")
        }
    }

    @Test func walksStepByStepAndTurnBack() throws {
        let values = try Self.numbers("{ walk: { from: 100, step: 2, min: 90, max: 110 } }")
        #expect(values.allSatisfy { (90...110).contains($0) })
        let steps = zip(values, values.dropFirst()).map { abs($1 - $0) }
        let typical = (steps.reduce(0) { $0 + $1 * $1 } / Double(steps.count)).squareRoot()
        #expect((1.5...2.5).contains(typical), "\(typical)")
    }

    @Test func textsAndMomentsHaveTheirForm() throws {
        let (_, scan) = try Self.scan(Self.spec(rows: "rows: 300"))
        let table = try GeneratedTable(scan, source: "made", now: 0)
        let lines = try Self.lines(table.reader(at: nil), scan.fields, batchRows: 100).rows
        #expect(lines.count == 300)
        let code = /"code":"\d{3}-[a-z]{2}-[A-Z]{2}-[0-9a-f]{4}"/
        let vehicle = /"vehicle_id":"VH-0000[0-5]\d"/
        let id = /"id":"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"/
        for line in lines {
            #expect(line.contains(code) && line.contains(vehicle) && line.contains(id))
        }
        #expect(lines[0].contains("\"recorded_at\":\"2026-01-01T00:00:00Z\""))
        #expect(lines[61].contains("\"recorded_at\":\"2026-01-01T00:01:01Z\""))
        #expect(lines[299].contains("\"number\":299"))
        #expect(lines.contains { $0.contains("\"speed\":null") })
        #expect(Set(lines).count == 300)
    }

    // MARK: - Dirt

    @Test func dirtComesAsOftenAsAsked() throws {
        let project = try SpecProject()
        let spec = Self.spec(
            rows: "rows: 40000", dirt: Self.dirty,
            generators: """
                        id: sequence
                        speed: { uniform: { min: 0, max: 100 } }
                        at: timestamp
                """,
            columns: "      id: bigint not null\n      speed: double not null\n"
                + "      at: timestamp not null")
        let report = try project.run(spec)
        let source = try #require(report.nodes.first { $0.name == "made" })
        #expect(source.read == 40_000)
        #expect(abs(Double(source.rejected) - 1200) < 200, "\(source.rejected)")
        let letters = try project.deadLetters
        #expect(letters.count == Int(source.rejected))
        #expect(letters.allSatisfy { ($0.raw ?? "").contains("null") })
        var ids: Set<Int64> = []
        var (repeated, far, late) = (0, 0, 0)
        for line in try project.text("out.jsonl").split(separator: "\n") {
            let row = try #require(
                JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let id = try #require(row["id"] as? Int64)
            let speed = try #require(row["speed"] as? Double)
            if !ids.insert(id).inserted { repeated += 1 }
            if !(0...100).contains(speed) { far += 1 }
            let due = Date(timeIntervalSince1970: 1_767_225_600 + Double(id)).ISO8601Format()
            if try #require(row["at"] as? String) != due { late += 1 }
        }
        #expect(abs(repeated - 1950) < 250, "\(repeated)")
        #expect(abs(far - 1600) < 220, "\(far)")
        #expect(abs(late - 800) < 170, "\(late)")
    }

    // MARK: - Mix

    @Test func kindsHaveTheirOwnColumns() throws {
        let project = try SpecProject()
        let report = try project.run(
            """
            sources:
              events:
                generate:
                  rate: 10 / second
                  duration: 60 s
                  seed: 7
                  batch: 10
                  mix: { user_action: 6, transaction: 2, metric: 1, system_event: 1 }
                  columns:
                    amount: { lognormal: { median: 40, sigma: 1.5 }, only: transaction }
                    value: { normal: { mean: 50, deviation: 25 }, only: [metric, transaction] }
                  dirt: 1%
                columns:
                  event_id: uuid not null
                  event_type: string not null
                  event_time: timestamp not null
                  amount: decimal(10, 2)
                  value: double
            sinks:
              out: { from: events, files: { path: out.jsonl }, format: jsonl }

            """)
        #expect(report.nodes.first?.read == 600)
        var counts: [String: Int] = [:]
        for line in try project.text("out.jsonl").split(separator: "\n") {
            let row = try #require(
                JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let kind = try #require(row["event_type"] as? String)
            counts[kind, default: 0] += 1
            #expect((row["amount"] is NSNull) == (kind != "transaction"))
            #expect((row["value"] is NSNull) == !["metric", "transaction"].contains(kind))
        }
        #expect(counts.count == 4)
        #expect((310...410).contains(counts["user_action"] ?? 0))
    }

    static let kindsSpec = """
        sources:
          events:
            generate:
              rows: 4000
              mix:
                user_action:
                  weight: 6
                  columns:
                    value: { exponential: { mean: 300 } }
                    payload: { object: { page: { pattern: "/p/{00}" }, depth: { zipf: { keys: 9 } } } }
                    label: { expression: "'u' || user_id" }
                transaction:
                  weight: 3
                  columns:
                    value: { uniform: { min: 1000, max: 2000 } }
                    payload: { object: { fee: { uniform: { min: 0.1, max: 2 }, decimals: 2 }, note: { constant: a, nulls: 100% } } }
                    level: { walk: { by: user_id, from: 5 } }
                    share: { expression: 1 / (user_id - 3) }
                system_event: 1
              columns:
                user_id: { uniform: { min: 1, max: 5 } }
                kept: { constant: all }
                label: { expression: "'other'" }
            columns:
              event_type: string not null
              user_id: integer not null
              value: double
              payload: json
              level: double
              kept: string
              label: string not null
              share: double
        sinks:
          out: { from: events, files: { path: out.jsonl }, format: jsonl }

        """

    @Test func kindsMakeColumnsInTheirOwnWay() throws {
        let project = try SpecProject()
        let report = try project.run(Self.kindsSpec)
        #expect(report.closes)
        var rows: [String: [[String: Any]]] = [:]
        for line in try project.text("out.jsonl").split(separator: "\n") {
            let row = try #require(
                JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            rows[try #require(row["event_type"] as? String), default: []].append(row)
            #expect(row["kept"] as? String == "all")
        }
        let actions = try #require(rows["user_action"])
        let transactions = try #require(rows["transaction"])
        #expect(abs(actions.count - 2400) < 150)
        // Of the transactions, those of user 3 divide by zero; nobody else's row does.
        let rejected = try project.deadLetters
        #expect(abs(transactions.count + rejected.count - 1200) < 140)
        #expect(abs(rejected.count - 240) < 80)
        for row in try #require(rows["system_event"]) {
            for name in ["value", "payload", "level", "share"] { #expect(row[name] is NSNull) }
            #expect(row["label"] as? String == "other")
        }
        for row in actions {
            let payload = try #require(row["payload"] as? [String: Any])
            #expect((payload["page"] as? String)?.contains(/^\/p\/\d\d$/) == true)
            #expect((1...9).contains(try #require(payload["depth"] as? Int)))
            #expect(row["label"] as? String == "u\(try #require(row["user_id"] as? Int))")
        }
        for row in transactions {
            #expect((1000...2000).contains(try #require(row["value"] as? Double)))
            let payload = try #require(row["payload"] as? [String: Any])
            #expect(payload["note"] is NSNull)
            #expect((0.1...2).contains(try #require(payload["fee"] as? Double)))
            #expect(row["level"] is Double)
        }
        let mean = actions.compactMap { $0["value"] as? Double }.reduce(0, +)
        #expect(abs(mean / Double(actions.count) - 300) < 40)
    }

    @Test(arguments: [1, 7, 4000])
    func kindsAreTheSameInAnyBatching(batchRows: Int) throws {
        let scan = try #require(try SpecProject().plan(Self.kindsSpec)["events"]?.scan)
        let table = try GeneratedTable(scan, source: "events", now: 0)
        let expected = try Self.lines(table.reader(at: nil), scan.fields, batchRows: 1000)
        let found = try Self.lines(table.reader(at: nil), scan.fields, batchRows: batchRows)
        #expect(found.rows == expected.rows)
        #expect(found.rejected == expected.rejected)
    }

    // MARK: - Streaming

    @Test func aStreamingRunReadsAllThatIsDue() throws {
        let project = try SpecProject()
        let plan = try project.plan(
            Self.spec(
                rows: "rows: 2500", generators: "        a: sequence", columns: "      a: bigint"))
        var options = StreamingRun.Options()
        options.untilIdle = true
        options.limit.rows = 1000
        let settings = RunSettings(now: 1_767_225_600_000_000)
        func run() throws -> RunReport {
            try StreamingRun(
                plan: plan, project: project.directory, settings: settings, options: options
            ).execute()
        }
        let report = try run()
        #expect(report.nodes.first { $0.name == "made" }?.read == 2500)
        // Started again, there is nothing left.
        #expect((try run().nodes.first { $0.name == "made" }?.read ?? 0) == 0)
    }

    /// A clock that tests move.
    private final class Clock: @unchecked Sendable {
        var now: Int64 = 1_800_000_000_000_000
    }

    @Test func rowsBecomeDueInTime() throws {
        let table = try Self.table(
            Self.spec(
                rows: "rate: 10 / second\n      rows: 45\n      batch: 5",
                generators: "        a: sequence", columns: "      a: bigint\n      at: timestamp"))
        let clock = Clock()
        let stream = GenerateStream(table) { clock.now }
        let limit = SliceLimit(rows: 20, bytes: .max)
        // The first row is due at once, but comes with the four after it.
        #expect(try stream.slice(after: nil, limit: limit) == nil)
        clock.now += 1_000_000
        let first = try #require(try stream.slice(after: nil, limit: limit))
        #expect(first.end.next["row"] == 10)
        #expect(try stream.slice(after: first.end, limit: limit) == nil)
        clock.now += 10_000_000
        let second = try #require(try stream.slice(after: first.end, limit: limit))
        #expect(second.end.next["row"] == 30)
        #expect(!stream.hasEnded)
        // A process that starts again goes on where the position says.
        let later = GenerateStream(table) { clock.now }
        let third = try #require(try later.slice(after: second.end, limit: limit))
        #expect(third.end.next["row"] == 45)
        #expect(later.hasEnded)
        #expect(try later.slice(after: third.end, limit: limit) == nil)
    }

    // MARK: - Mistakes

    @Test(arguments: [
        ("rows: 10", "vehicle: sequence", "id: bigint", 650, "`vehicle` is no column"),
        ("rows: 10", "idd: sequence", "id: bigint", 650, "`idd`"),
        ("rows: 10", "id: { choice: [] }", "id: bigint", 651, "nothing to choose"),
        ("rows: 10", "id: { choice: { a: 0 } }", "id: string", 651, "nothing to choose"),
        ("rows: 10", "id: { choice: [1, many] }", "id: bigint", 651, "`many` is no bigint"),
        ("rows: 10", "id: { sequence: {}, uuid: {} }", "id: bigint", 652, "2 ways"),
        ("rows: 10", "id: uuid", "id: bigint", 653, "cannot make bigint"),
        ("rows: 10", "id: { sequence: {}, nulls: 1% }", "id: bigint not null", 653, "not null"),
        ("rows: 10", "id: { uniform: { min: 5, max: 1 } }", "id: bigint", 654, "less than"),
        ("rows: 10", "id: { uniform: { min: soon } }", "id: bigint", 654, "must be a number"),
        ("rows: 10", "id: { pattern: \"a{b}\" }", "id: string", 655, "cannot be filled"),
        ("rows: 10", "id: sequence", "id: bigint\n      raw: bytes not null", 656, "`raw`"),
        ("seed: 2", "id: sequence", "id: bigint", 657, "how many rows"),
        ("rows: 10\n      dirt: { late: 1% }", "id: sequence", "id: bigint", 658, "this way"),
        ("rows: 10\n      mix: { a: 1 }", "id: sequence", "id: bigint", 659, "event_type"),
        ("rows: 10", "id: { sequence: {}, only: a }", "id: bigint", 659, "no kind"),
        (
            "rows: 10\n      mix: { a: { columns: { idd: sequence } } }", "id: sequence",
            "id: bigint\n      event_type: string", 650, "`idd`"
        ),
        (
            "rows: 10\n      mix: { a: { columns: { event_type: uuid } } }", "id: sequence",
            "id: bigint\n      event_type: string", 659, "holds the kind"
        ),
        (
            "rows: 10\n      mix: { a: { weihgt: 2 } }", "id: sequence",
            "id: bigint\n      event_type: string", 0, "weihgt"
        ),
        ("rows: 10", "id: { object: { a: sequence } }", "id: bigint", 653, "cannot make bigint"),
        ("rows: 10", "id: { object: { a: { walk: { by: x } } } }", "id: json", 650, "walk by"),
        ("rows: 10", "id: sequense", "id: bigint", 0, "sequense"),
        ("rows: 10", "id: { zipff: { keys: 3 } }", "id: bigint", 0, "zipff"),
        ("rows: 10", "id: { choice: { a: many } }", "id: string", 0, "`a` must be a number"),
        ("rows: 10", "id: { expression: nope + 1 }", "id: bigint", 0, "nope"),
        ("rows: 10", "id: { walk: { by: name } }", "id: double\n      name: date", 650, "walk by"),
    ])
    func mistakesAreSaid(
        setting: String, generator: String, columns: String, code: Int, message: String
    ) throws {
        let spec = """
            sources:
              made:
                generate:
                  \(setting)
                  columns:
                    \(generator)
                columns:
                  \(columns)
            sinks:
              out: { from: made, files: { path: out.jsonl }, format: jsonl }

            """
        let (_, diagnostics) = try SpecProject().check(
            spec.replacingOccurrences(of: "\n      ", with: "\n          "))
        let errors = (diagnostics.filter { $0.severity == .error })
        let error = try #require(errors.first)
        #expect(errors.count == 1, "\(errors.map(\.message))")
        #expect(code == 0 || error.code.number == code, "\(error.code) \(error.message)")
        #expect(error.message.contains(message), "\(error.message)")
        #expect(error.primary?.span.file == "pipec.yaml")
    }

    @Test func aBatchRunNeedsAnEnd() throws {
        let project = try SpecProject()
        let error = try #require(throws: RunError.self) {
            try project.run(
                Self.spec(
                    rows: "rate: 5 / second", generators: "        a: sequence",
                    columns: "      a: bigint"))
        }
        #expect(error.diagnostic.code == .generateEndless)
    }

    /// What a user may write, however odd, ends in rows or in a diagnostic.
    @Test(arguments: [
        ("{ sequence: { start: 9223372036854775807, step: -9223372036854775808 } }", "integer"),
        ("{ uniform: { min: -1e308, max: 1e308 } }", "double"),
        ("{ uniform: { min: -1e308, max: 1e308 } }", "bigint"),
        ("{ normal: { mean: 1e308, deviation: 1e308 } }", "decimal(38, 38)"),
        ("{ lognormal: { median: 1e308, sigma: 100 } }", "decimal(38, 0)"),
        ("{ exponential: { mean: 1e308 } }", "integer"),
        ("{ zipf: { keys: 1, skew: 20 } }", "decimal(1, 1)"),
        ("{ zipf: { keys: 1000000000000, skew: 0.01 } }", "string"),
        ("{ walk: { from: 1e308, step: 1e308, min: -1e308, max: 1e308 } }", "double"),
        ("{ walk: { from: 5, step: 0, min: 5, max: 5 } }", "integer"),
        ("{ walk: { from: -9, step: 3, min: 5 } }", "real"),
        ("{ pattern: \"\" }", "string"),
        ("{ timestamp: { jitter: 100000000 days } }", "date"),
        ("{ uniform: { min: 0001-01-01, max: 9999-12-31 } }", "date"),
        ("{ uniform: {} }", "time"),
        ("{ expression: 1 / 0 }", "double"),
    ])
    func oddSettingsTrapNothing(generator: String, type: String) throws {
        let (_, scan) = try Self.scan(
            Self.spec(
                rows: "rows: 2000", dirt: "dirt: 50%", generators: "        a: \(generator)",
                columns: "      a: \(type)"))
        let table = try GeneratedTable(scan, source: "made", now: 0)
        let lines = try Self.lines(table.reader(at: nil), scan.fields, batchRows: 512)
        #expect(lines.rows.count + lines.rejected.count == 2000)
    }
}

import Foundation
import PipelineDSL
import Testing
@testable import Planner
@testable import Runtime

@Suite struct ZBenchTemp {
    func time(_ name: String, _ rows: Int, _ body: () throws -> Void) rethrows {
        var best = Double.infinity
        for _ in 0..<3 {
            let t = ContinuousClock.now
            try body()
            let d = ContinuousClock.now - t
            best = min(best, Double(d.components.attoseconds) / 1e9 + Double(d.components.seconds) * 1e9)
        }
        print("BENCH \(name): \(String(format: "%.2f", best / Double(rows))) ns/row")
    }

    @Test func bench() throws {
        let n = 8192
        var rng = TestRandom(1)
        let d1 = Column(.double, .float64((0..<n).map { _ in Double.random(in: -90...90, using: &rng) }))
        let d2 = Column(.double, .float64((0..<n).map { _ in Double.random(in: -180...180, using: &rng) }))
        let i1 = Column(.bigint, .int64((0..<n).map { _ in Int64.random(in: -1000...1000, using: &rng) }))
        let i2 = Column(.bigint, .int64((0..<n).map { _ in Int64.random(in: 1...1000, using: &rng) }))
        let s1 = Column(.string, .strings(Strings((0..<n).map { _ in ["moving","idle","off","broken"].randomElement(using: &rng)! })))
        let s2 = Column(.string, .strings(Strings((0..<n).map { "vehicle-number-\($0 % 5000)" })))
        let dec = Column(.decimal(precision: 12, scale: 2), .int128((0..<n).map { _ in Int128.random(in: -1000000...1000000) }))
        let ts = Column(.timestamp, .int64((0..<n).map { _ in Int64.random(in: 1_700_000_000_000_000...1_800_000_000_000_000, using: &rng) }))
        let num = Column(.string, .strings(Strings((0..<n).map { "\($0 * 7919 % 100000)" })))
        let schema = Schema([Field("lat", .double), Field("lon", .double), Field("a", .bigint), Field("b", .bigint), Field("s", .string), Field("v", .string), Field("n", .decimal(precision: 12, scale: 2)), Field("t", .timestamp), Field("num", .string)])
        let batch = Batch(columns: [d1, d2, i1, i2, s1, s2, dec, ts, num], count: n)
        for e in [
            "a + b", "a * b", "a / b", "a + 1", "lat * 2 + lon", "lat / lon", "a < b", "lat BETWEEN -90 AND 90", "lat < lon",
            "s = 'moving'", "s IN ('moving', 'idle', 'off')", "v = 'vehicle-number-42'", "v < s", "n + n", "n * n", "n / 3.5",
            "haversine_km(lat, lon, 39.9042, 116.4074)", "haversine_km(lat, lon, lon, lat)", "CASE WHEN a > 0 THEN a ELSE b END",
            "coalesce(a, b)", "date_trunc('hour', t)", "date_trunc('month', t)", "CAST(t AS date)", "extract(hour FROM t)", "extract(year FROM t)",
            "CAST(num AS bigint)", "CAST(num AS double)", "CAST(a AS string)", "upper(s)", "s || v", "substring(v, 9)", "v LIKE '%42%'", "v ~ 'number-[0-9]+2$'",
            "regexp_replace(v, '[0-9]+', 'x')", "sha256(v)", "md5(v)", "length(v)", "a > 0 AND b < 500 OR s = 'idle'", "sqrt(abs(lat))", "round(lat, 2)", "sin(lat)", "lat > 0 AND lat < 50 AND lon > 0 AND lon < 100",
        ] {
            let c = try CompiledExpression(Evaluate.typed(e, schema), input: schema, run: Evaluate.run)
            time(e, n * 50) { for _ in 0..<50 { _ = c.evaluate(batch) } }
        }
        let p = try Predicate(Evaluate.typed("lat > 0", schema), input: schema, run: Evaluate.run)
        time("predicate lat > 0", n * 50) { for _ in 0..<50 { _ = p.evaluate(batch, wantsFailing: true) } }
        time("hash bigint", n * 50) { for _ in 0..<50 { _ = hashRows([i1], count: n) } }
        time("hash string", n * 50) { for _ in 0..<50 { _ = hashRows([s2], count: n) } }
        time("hash string+ts", n * 50) { for _ in 0..<50 { _ = hashRows([s2, ts], count: n) } }
        // dedupe 2M rows: string + timestamp
        let total = 2_000_000
        var batches: [[Column]] = []
        for from in stride(from: 0, to: total, by: n) {
            let m = min(n, total - from)
            let names = (0..<m).map { _ in "V\(Int.random(in: 0..<50000, using: &rng))" }
            let times = (0..<m).map { Int64((from + $0) / 3) }
            batches.append([Column(.string, .strings(Strings(names))), Column(.timestamp, .int64(times))])
        }
        time("dedupe string+timestamp", total) {
            let table = GroupTable(types: [.string, .timestamp])
            for b in batches { _ = try table.findOrInsert(b, hashes: hashRows(b, count: b[0].count), rows: nil) }
            print(table.count, table.byteCount >> 20)
        }
        time("group by string (50000)", total) {
            let table = GroupTable(types: [.string])
            for b in batches { _ = try table.findOrInsert([b[0]], hashes: hashRows([b[0]], count: b[0].count), rows: nil) }
        }
        time("group by int64 unique", total) {
            let table = GroupTable(types: [.bigint])
            for b in batches { _ = try table.findOrInsert([b[1]], hashes: hashRows([b[1]], count: b[1].count), rows: nil) }
        }
        let g = (0..<n).map { _ in UInt32.random(in: 0..<1000, using: &rng) }
        for (f, col, type) in [("count", 0, DataType.bigint), ("sum", 0, .double), ("sum", 2, .decimal(precision: 38, scale: 0)), ("avg", 0, .double), ("min", 0, .double), ("max", 2, .bigint), ("stddev", 0, .double), ("first", 4, .string), ("max", 5, .string), ("approx_count_distinct", 5, .bigint), ("median", 0, .double)] {
            let a = try CompiledAggregate(Aggregate.Call(name: "x", function: f, arguments: [.column(col, of: schema)], type: type, nullable: true), input: schema, run: Evaluate.run)
            time("agg \(f) \(col)", n * 50) {
                let st = a.makeState()
                for _ in 0..<50 { try st.update(a.evaluate(batch), groups: g, rows: nil, groupCount: 1000) }
                _ = try st.finish(0..<1000)
            }
        }
        let cmp = RowComparator([s2, d1], keys: [.init(descending: false, nullsFirst: false), .init(descending: true, nullsFirst: false)])
        let rows = (0..<UInt32(n)).map { $0 }
        time("sort string, double", n * 10) { for _ in 0..<10 { _ = cmp.sorted(rows) } }
        let cmp2 = RowComparator([d1], keys: [.init(descending: false, nullsFirst: false)])
        time("sort double", n * 10) { for _ in 0..<10 { _ = cmp2.sorted(rows) } }
    }
}

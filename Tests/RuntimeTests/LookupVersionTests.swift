import Foundation
import PipelineDSL
import Planner
import Runtime
import TestSupport
import Testing

/// `lookup: { as_of }` finds the version of a key that holds at a row's time.
@Suite struct LookupVersionTests {
    static let spec = """
        sources:
          orders:
            files: { path: "orders/*.csv" }
            format: csv
            columns: { id: bigint not null, sku: string, ordered_at: timestamp }
            event_time: { column: ordered_at, watermark: 1 minute }
          prices:
            files: { path: prices.csv }
            format: csv
            columns: { sku: string, valid_from: timestamp, price: bigint }
        zones: { out: { path: out, format: parquet } }
        transforms:
          out.priced:
            from: orders
            steps:
              - lookup: { in: prices, on: sku, as_of: { ordered_at: valid_from }, take: [price] }
              - select: [id, price]
        """

    struct Version {
        var sku: Int
        var from: Int?
        var price: Int
    }

    static func time(_ minute: Int) -> String {
        "2026-01-01T\(minute / 60 < 10 ? "0" : "")\(minute / 60):"
            + "\(minute % 60 < 10 ? "0" : "")\(minute % 60):00Z"
    }

    static func prices(_ versions: [Version]) -> String {
        "sku,valid_from,price\n"
            + versions.map { "s\($0.sku),\($0.from.map(time) ?? ""),\($0.price)\n" }.joined()
    }

    /// The last of the latest that are not after the time.
    static func price(_ sku: Int, _ at: Int?, _ versions: [Version]) -> Int? {
        guard let at else { return nil }
        var best: Version?
        for version in versions where version.sku == sku {
            guard let from = version.from, from <= at else { continue }
            if best.map({ ($0.from ?? 0) <= from }) ?? true { best = version }
        }
        return best?.price
    }

    @Test func theVersionThatHoldsIsFound() throws {
        var random = SplitMix(seed: 11)
        let versions = (0..<600).map { index in
            Version(
                sku: random.below(40), from: index % 17 == 0 ? nil : random.below(600),
                price: index)
        }
        let orders = (0..<800).map { index in
            (id: index, sku: random.below(44), at: index % 19 == 0 ? nil : random.below(600))
        }
        let project = try SpecProject(files: [
            "prices.csv": Self.prices(versions),
            "orders/1.csv": "id,sku,ordered_at\n"
                + orders.map { "\($0.id),s\($0.sku),\($0.at.map(Self.time) ?? "")\n" }.joined(),
        ])
        try project.run(Self.spec, batchRows: 64)
        let expected = orders.map { order in
            let price = Self.price(order.sku, order.at, versions)
            return "{\"id\":\(order.id),\"price\":\(price.map(String.init) ?? "null")}"
        }
        #expect(try project.rows("out.priced", of: Self.spec).sorted() == expected.sorted())
        #expect(
            expected.contains { !$0.contains("null") } && expected.contains { $0.contains("null") })
    }

    /// A streaming run reads the relation anew, and then knows versions that came meanwhile.
    @Test func newVersionsAreSeenAfterRefresh() throws {
        let stream = try StreamScript(
            Self.spec.replacingOccurrences(
                of: "take: [price]", with: "take: [price], refresh: 1 hour"))
        let first = [Version(sku: 1, from: 0, price: 10), Version(sku: 1, from: 30, price: 20)]
        try stream.project.write(Self.prices(first), to: "prices.csv")
        func order(_ id: Int, _ minute: Int) throws {
            try stream.project.write(
                "id,sku,ordered_at\n\(id),s1,\(Self.time(minute))\n", to: "orders/\(id).csv")
            try stream.step()
        }
        try order(1, 29)
        try stream.project.write(
            Self.prices(first + [Version(sku: 1, from: 20, price: 15)]), to: "prices.csv")
        try order(2, 29)
        stream.clock.advance(by: 3_600_000_000)
        try order(3, 29)
        try order(4, 31)
        #expect(
            try stream.rows("out.priced") == [
                "{\"id\":1,\"price\":10}", "{\"id\":2,\"price\":10}", "{\"id\":3,\"price\":15}",
                "{\"id\":4,\"price\":20}",
            ])
    }
}

import Foundation
import TestSupport
import Testing

/// The example's spec on real positions of ships: only where the source's files are and what their
/// columns are called is changed. DuckDB computes the same anew (Tests/peers/ais_expected.py).
@Suite(
    .disabled(if: SharedFolder.isMissing, "the folder `shared` is missing"),
    .disabled(if: Peers.isMissing, "run scripts/peers.sh for the comparison"))
struct AISTests {
    /// What the example says of its source, and what is said here.
    static func edits(_ folder: String) -> [(old: String, new: String)] {
        [
            (
                #"{ files: { path: "data/telemetry/*.csv" } }"#,
                #"{ files: { path: "\#(folder)/ais_*.csv.gz" } }"#
            ),
            (
                "    format: csv\n",
                """
                    format: { csv: { missing_columns: null } }
                    rename:
                      MMSI: vehicle_id
                      BaseDateTime: recorded_at
                      timestamp_utc: recorded_at
                      LAT: latitude
                      lat: latitude
                      LON: longitude
                      lon: longitude
                      SOG: speed_kmh
                      Status: engine_status

                """
            ),
        ]
    }

    struct Report: Decodable {
        struct Node: Decodable {
            var name: String
            var read: Int
            var written: Int
            var rejected: Int
            var deduplicated: Int
        }
        var nodes: [Node]
    }

    struct Expected: Decodable {
        var read: Int
        var rejected: Int
        var duplicates: Int
        var moving: Int
        var notMoving: Int

        enum CodingKeys: String, CodingKey {
            case read, rejected, duplicates, moving, notMoving = "not_moving"
        }
    }

    /// At the example's limit no ship is too fast; at 20 many are.
    @Test(arguments: [180, 20]) func theExampleOnRealPositions(limit: Int) throws {
        try Peers.withFolder { folder in
            let example = TestRun.root.path + "/examples/fleet-telemetry"
            try FileManager.default.createDirectory(
                atPath: folder + "/data", withIntermediateDirectories: true)
            try FileManager.default.copyItem(
                atPath: example + "/data/vehicles.json", toPath: folder + "/data/vehicles.json")
            var spec = try String(contentsOfFile: example + "/pipec.yaml", encoding: .utf8)
            let data = try SharedFolder.path("data/fleet-telemetry")
            for (old, new) in Self.edits(data) {
                try #require(spec.contains(old))
                spec = spec.replacingOccurrences(of: old, with: new)
            }
            try spec.write(toFile: folder + "/pipec.yaml", atomically: true, encoding: .utf8)

            let run = try PipecBinary.run(
                ["run", "--param", "max_speed_kmh=\(limit)", "--report", "report.json"], in: folder)
            try #require(run.status == 0, "\(run.output)\(run.errors)")
            let report = try JSONDecoder().decode(
                Report.self,
                from: Data(contentsOf: URL(fileURLWithPath: folder + "/report.json")))

            let compared = try Peers.run(
                "ais_expected.py", data, folder + "/.pipec/s3/fleet-lake", "\(limit)")
            let last = try #require(compared.split(separator: "\n").last)
            let expected = try JSONDecoder().decode(Expected.self, from: Data(last.utf8))
            func node(_ name: String) throws -> Report.Node {
                try #require(report.nodes.first { $0.name == name })
            }
            #expect(expected.read > 400_000)
            #expect((expected.rejected > 0) == (limit == 20))
            #expect(try node("telemetry_files").read == expected.read)
            #expect(try node("telemetry_files").rejected == expected.rejected)
            #expect(try node("silver.telemetry").deduplicated == expected.duplicates)
            #expect(try node("moving_vehicles").written == expected.moving)
            #expect(try node("idle_vehicles").written == expected.notMoving)
        }
    }
}

import Foundation
import PipelineDSL
import Runtime
import TestSupport
import Testing

/// What pyarrow, DuckDB and Polars write is read, written anew, and then equal in their eyes.
@Suite(.disabled(if: Peers.isMissing, "the peers are missing: run scripts/peers.sh"))
struct ParquetPeersTests {
    @Test func copiesEqualTheirOriginals() throws {
        try Peers.withFolder { folder in
            let (originals, copies) = ("\(folder)/originals", "\(folder)/copies")
            for path in [originals, copies] {
                try FileManager.default.createDirectory(
                    atPath: path, withIntermediateDirectories: true)
            }
            try Peers.run("parquet_files.py", originals)
            let files = try FileManager.default.contentsOfDirectory(atPath: originals).sorted()
            #expect(files.count > 50)
            let optionSets = ParquetRoundTripTests.optionSets
            for (i, name) in files.enumerated() {
                let file = try ParquetFile(path: "\(originals)/\(name)")
                #expect(file.unreadable.isEmpty, "\(name)")
                let rejected = try copyParquet(
                    "\(originals)/\(name)", to: "\(copies)/\(name)",
                    optionSets[i % optionSets.count])
                #expect(rejected.isEmpty, "\(name)")
            }
            try Peers.run("parquet_compare.py", originals, copies)
        }
    }
}

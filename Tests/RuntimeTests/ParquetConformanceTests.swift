import Foundation
import PipelineDSL
import Runtime
import TestSupport
import Testing

/// apache/parquet-testing: every file is read as other engines read it, or refused for a reason.
@Suite(.disabled(if: SharedFolder.isMissing, "the folder `shared` is missing"))
struct ParquetConformanceTests {
    static let folder = "conformance/parquet-testing"

    /// Files that are refused, with the words of the message that say why.
    static let refused: [String: (DiagnosticCode, String)] = [
        "data/datapage_v1-corrupt-checksum.parquet": (.parquetDamaged, "checksum"),
        "data/rle-dict-uncompressed-corrupt-checksum.parquet": (.parquetDamaged, "checksum"),
        "data/large_string_map.brotli.parquet": (.parquetCodec, "BROTLI"),
        // Two filters without a file around them.
        "data/bloom_filter.bin": (.notParquet, "does not end with `PAR1`"),
        "data/bloom_filter.xxhash.bin": (.notParquet, "does not end with `PAR1`"),
        // There is no way to give a key.
        "data/encrypt_columns_and_footer.parquet.encrypted": (.parquetEncrypted, "footer"),
        "data/encrypt_columns_and_footer_aad.parquet.encrypted": (.parquetEncrypted, "footer"),
        "data/encrypt_columns_and_footer_bloom_filter.parquet.encrypted":
            (.parquetEncrypted, "footer"),
        "data/encrypt_columns_and_footer_ctr.parquet.encrypted": (.parquetEncrypted, "footer"),
        "data/encrypt_columns_and_footer_disable_aad_storage.parquet.encrypted":
            (.parquetEncrypted, "footer"),
        "data/encrypt_columns_plaintext_footer.parquet.encrypted": (.parquetEncrypted, "column"),
        "data/external_key_material_java.parquet.encrypted": (.parquetEncrypted, "footer"),
        "data/uniform_encryption.parquet.encrypted": (.parquetEncrypted, "footer"),
        // The metadata of a column chunk is of another kind than it says.
        "bad_data/ARROW-GH-41317.parquet": (.parquetDamaged, "unexpected type"),
        "bad_data/ARROW-GH-41321.parquet": (.parquetDamaged, "values of 254 bits"),
        "bad_data/ARROW-GH-45185.parquet": (.parquetDamaged, "starts inside a list"),
        // A required column with fewer values than rows.
        "bad_data/ARROW-GH-47662.parquet": (.parquetDamaged, "ends before its last value"),
        "bad_data/ARROW-RS-GH-6229-DICTHEADER.parquet": (.parquetDamaged, "outside the file"),
        "bad_data/ARROW-RS-GH-6229-LEVELS.parquet": (.parquetDamaged, "more values than it has"),
        "bad_data/PARQUET-1481.parquet": (.parquetDamaged, "unknown physical type -7"),
    ]

    /// Read, but not by pyarrow as it should be, so they are checked here.
    static let notComparable = [
        // Timestamps beyond 64-bit nanoseconds, which pyarrow lets overflow.
        "data/int96_from_spark.parquet",
        // pyarrow refuses a map whose keys may be null.
        "data/incorrect_map_schema.parquet",
    ]

    static func files() throws -> [String] {
        try ["data", "bad_data", "data/aes256"].flatMap { folder in
            try SharedFolder.files("\(Self.folder)/\(folder)").map { "\(folder)/\($0)" }
        }.filter { name in ![".md", ".csv", ".json", "aes256"].contains { name.hasSuffix($0) } }
    }

    @Test func everyFileIsReadOrRefusedForAReason() throws {
        var read = 0
        try Peers.withFolder { copies in
            for name in try Self.files() {
                let path = try SharedFolder.path("\(Self.folder)/\(name)")
                do {
                    let rejected = try copyParquet(
                        path, to: "\(copies)/\(name.replacing("/", with: "_"))", batchRows: 100)
                    #expect(rejected.isEmpty, "\(name)")
                    #expect(Self.refused[name] == nil, "\(name) is read now")
                    read += 1
                } catch let error as RunError {
                    let isEncrypted = name.hasPrefix("data/aes256/")
                    let why = Self.refused[name] ?? (isEncrypted ? (.parquetEncrypted, "") : nil)
                    let message = error.diagnostic.message
                    #expect(error.diagnostic.code == why?.0, "\(name): \(message)")
                    #expect(
                        why.map { $0.1.isEmpty || message.contains($0.1) } ?? false,
                        "\(name): \(message)")
                }
            }
        }
        #expect(read == 63)
    }

    @Test(.disabled(if: Peers.isMissing, "the peers are missing: run scripts/peers.sh"))
    func valuesAreThoseThatPyarrowReads() throws {
        try Peers.withFolder { folder in
            for name in try Self.files() where Self.refused[name] == nil {
                if Self.notComparable.contains(name) || name.hasPrefix("data/aes256/") { continue }
                let parts = name.split(separator: "/")
                try FileManager.default.createDirectory(
                    atPath: "\(folder)/\(parts[0])", withIntermediateDirectories: true)
                try copyParquet(
                    try SharedFolder.path("\(Self.folder)/\(name)"), to: "\(folder)/\(name)")
            }
            for part in ["data", "bad_data"] {
                try Peers.run(
                    "parquet_compare.py", try SharedFolder.path("\(Self.folder)/\(part)"),
                    "\(folder)/\(part)")
            }
        }
    }

    static func rows(_ name: String, _ options: ParquetReadOptions = .init()) throws -> ParquetRows
    {
        try ParquetRows(
            try ParquetFile(path: try SharedFolder.path("\(folder)/\(name)")), options)
    }

    @Test func sparkTimestampsBeyondNanoseconds() throws {
        let expected = [
            "1704141296123456", "1704070800000000", "253402225200000000", "1735599600000000",
            "null",
            "9089380393200000000",
        ]
        #expect(try Self.rows("data/int96_from_spark.parquet").cells == [expected])
    }

    @Test func mapsWithOptionalKeys() throws {
        let rows = try Self.rows("data/incorrect_map_schema.parquet")
        #expect(rows.schema.fields.map(\.type) == [.map(.string, .string)])
        #expect(rows.cells == [["[{parent, another}, {name, report}]"]])
    }

    @Test func columnsBesideAnEncryptedOneAreRead() throws {
        let name = "data/encrypt_columns_plaintext_footer.parquet.encrypted"
        let options = ParquetReadOptions(columns: [Field("int32_field", .time)])
        let rows = try Self.rows(name, options)
        #expect(rows.cells[0].prefix(3) == ["0", "1000", "2000"])
    }

    @Test func expectedCSVFilesAgree() throws {
        for name in ["delta_byte_array", "delta_encoding_optional_column", "delta_binary_packed"] {
            let rows = try Self.rows("data/\(name).parquet")
            let csv = String(
                decoding: try SharedFolder.bytes("\(Self.folder)/data/\(name)_expect.csv"),
                as: UTF8.self)
            let lines = csv.split(separator: "\n").dropFirst()
            #expect(rows.rowCount == lines.count, "\(name)")
            for (i, line) in lines.enumerated() {
                let cells = rows.cells.map { $0[i] == "null" ? "" : $0[i] }
                let values = String(line.filter { $0 != "\"" })
                #expect(values == cells.joined(separator: ","), "\(name), row \(i)")
            }
        }
    }
}

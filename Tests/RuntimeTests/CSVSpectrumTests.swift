import PipelineDSL
import Runtime
import TestSupport
import Testing

/// max-mapper/csv-spectrum: CSV files and what they mean, as JSON.
@Suite(.disabled(if: SharedFolder.isMissing, "the folder `shared` is missing"))
struct CSVSpectrumTests {
    @Test func everyFileMeansWhatItsJSONSays() throws {
        let files = try SharedFolder.files("conformance/csv-spectrum/csvs")
        #expect(files.count == 12)
        for file in files {
            let name = String(file.dropLast(4))
            let csv = try SharedFolder.bytes("conformance/csv-spectrum/csvs/\(file)")
            let json = try JSONValue.parse(
                try SharedFolder.bytes("conformance/csv-spectrum/json/\(name).json"))
            // `location_coordinates` is one object, with another phone number than its CSV.
            let expected = if case .array(let rows) = json { rows } else { [json] }
            guard case .object(let first)? = expected.first else {
                Issue.record("\(name).json holds no object")
                continue
            }
            let fields = first.map { Field($0.key, .string) }
                .filter { $0.name != "Contact Phone Number" }
            for blockBytes in [1, 5, 64, 1 << 20] {
                var options = CSVOptions()
                options.nulls = []
                let result = try readCSV(csv, fields, options, blockBytes: blockBytes)
                let rows = expected.map { row in fields.map { row[$0.name]?.string } }
                #expect(result.rows == rows, "\(file), blocks of \(blockBytes) bytes")
                #expect(result.rejected.isEmpty)
            }
        }
    }
}

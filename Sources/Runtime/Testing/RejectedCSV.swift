import PipelineDSL
import Planner

/// Takes the bytes of rejected CSV rows apart, so that a test can name their columns.
struct RejectedCSV: Sendable {
    private let fields: [Field]
    private let rename: [String: String]
    private let options: CSVOptions
    /// The line that names the columns; empty where there is none.
    private let header: [UInt8]

    /// - Parameter text: the start of the file that the rows come from.
    /// - Returns: `nil` where the source is no CSV.
    init?(_ scan: ScanPlan, text: [UInt8]) {
        guard let format = scan.format, format.name == "csv",
            var options = try? CSVOptions(format)
        else { return nil }
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .dropFirst(options.skipLines)
        let first = lines.first {
            !$0.isEmpty
                && (options.syntax.comment.isEmpty || !$0.starts(with: options.syntax.comment))
        }
        header = options.hasHeader ? Array(first ?? []) + [UInt8(ascii: "\n")] : []
        options.skipLines = 0
        self.options = options
        fields = scan.fields.fields
        rename = scan.rename
    }

    /// By column; without those that do not fit their type.
    func values(_ raw: [UInt8]) -> [String: Value] {
        let fields = fields.map { Field($0.name, $0.type) }
        let all = read(raw, fields)
        guard all.isEmpty else { return all }
        // One of them does not fit, and would take the others with it.
        return fields.reduce(into: [:]) { $0.merge(read(raw, [$1])) { $1 } }
    }

    private func read(_ raw: [UInt8], _ fields: [Field]) -> [String: Value] {
        let reader = CSVReader(
            input: MemoryInput(header + raw + [UInt8(ascii: "\n")]), object: "", source: "",
            options: options, fields: fields, rename: rename, declared: self.fields.map(\.name))
        var values: [String: Value] = [:]
        do {
            while let unit = try reader.next() {
                try unit.decode(batchRows: 1) { decoded in
                    guard let row = decoded.batch.rows.first, values.isEmpty else { return }
                    for (field, column) in zip(fields, decoded.batch.columns) {
                        values[field.name] = column.value(Int(row))
                    }
                }
            }
        } catch { return [:] }
        return values
    }
}

import PipelineDSL
import Planner

/// Some rows of a generated table, cut into units that any worker makes.
final class GenerateReader: SourceReader {
    private let table: GeneratedTable
    private var rest: Range<Int64>

    /// - Parameter rows: within 0….
    init(_ table: GeneratedTable, rows: Range<Int64>) {
        self.table = table
        rest = rows
    }

    func next() throws -> (any SourceUnit)? {
        guard let first = rest.first else { return nil }
        let end = min(rest.upperBound, first.saturatingAdd(GenerateUnit.rows))
        rest = end..<rest.upperBound
        return GenerateUnit(table: table, rows: first..<end)
    }
}

private struct GenerateUnit: SourceUnit {
    static let rows: Int64 = 16_384

    let table: GeneratedTable
    let rows: Range<Int64>

    /// What the rows will take, about.
    var byteCount: Int { rows.count * max(1, table.schema.fields.count) * 8 }
    var endPosition: Int64 { rows.upperBound }

    func decode(batchRows: Int, _ emit: (SourceBatch) throws -> Void) throws {
        var start = rows.lowerBound
        while start < rows.upperBound {
            let end = min(rows.upperBound, start.saturatingAdd(Int64(max(1, batchRows))))
            try emit(table.rows(start..<end))
            start = end
        }
    }
}

extension GeneratedTable {
    /// As a plan says.
    ///
    /// - Parameter now: microseconds since 1970: `start: now`, and `now()` in expressions.
    /// - Throws: ``RunError`` where the plan's settings make no sense, which the check of a spec says
    ///   before.
    package init(_ scan: ScanPlan, source: String, now: Int64) throws {
        let settings = Settings(scan.binding.settings, signatures: GenerateSettings.all)
        var builder = GenerateBuilder(settings, schema: scan.fields, now: now)
        let table = builder.table(source: source)
        if var error = builder.diagnostics.first(where: { $0.severity == .error }) {
            error.primary = scan.binding.span.map { .init($0) }
            throw RunError(error)
        }
        self = table
    }

    /// All rows; throws where they do not end.
    package func reader(at span: SourceSpan?) throws -> any SourceReader {
        guard let total = pace.total else {
            throw RunError(
                .generateEndless, "source `\(source)` never ends, and this run reads all of it",
                at: span,
                notes: ["say how much: `rows: 1000`, or `duration: 60 s` beside `rate`"])
        }
        return GenerateReader(self, rows: 0..<max(0, total))
    }
}

import PipelineDSL
import Planner

/// The columns of a source as a bounded sample of its data shows them.
///
/// Some files are looked at, evenly chosen, some thousand rows of each, through the same readers
/// that later read them: so quotes, nulls, formats and damaged rows mean the same. The names and
/// their order are those of the first file.
struct SchemaSample {
    struct Found {
        /// As in the data.
        var name: String
        var type: DataType
        var isNullable = true
        /// Whether a value was seen that tells the type.
        var isCertain = true
        /// Whether the first file has it. Columns of later files only are no columns of the source:
        /// the first could not be read.
        var isInFirst = true
    }

    static let fileLimit = 8
    static let rowLimit = 20_000
    static let unitLimit = 16
    static let columnLimit = 4096

    let project: ProjectDirectory
    let source: String
    let binding: BindingPlan
    let format: FormatPlan

    /// Throws ``RunError`` where there is nothing to infer from.
    func columns() throws -> [Found] {
        let paths = try SourceOpener.paths(binding, source: source, project: project)
        let step = max(1, paths.count / SchemaSample.fileLimit)
        let chosen = stride(from: 0, to: paths.count, by: step).prefix(SchemaSample.fileLimit)
            .map { paths[$0] }
        let columns: [Found]
        switch format.name {
        case "csv": columns = try csv(chosen)
        case "json", "jsonl": columns = try json(chosen)
        case "parquet": columns = try parquet(chosen[0])
        default: columns = []
        }
        let named = columns.filter { !$0.name.isEmpty }
        guard !named.isEmpty else {
            throw RunError(
                .nothingToInfer, "the data of source `\(source)` show no columns",
                at: binding.span, notes: ["declare them: `columns: { id: string not null, … }`"])
        }
        return named
    }

    /// The reader of one file, with these columns.
    private func open(_ path: String, _ fields: [Field]) throws -> any SourceReader {
        let scan = ScanPlan(
            binding: binding, format: format, fields: Schema(fields),
            projection: Array(fields.indices))
        return try ObjectFormat(scan, source: source)
            .open(path: project.resolve(path), object: path)
    }

    /// Calls `body` with the batches of the sample of one file.
    private func batches(
        _ path: String, _ fields: [Field], ofFiles count: Int, _ body: (Batch) -> Void
    ) throws {
        let reader = try open(path, fields)
        var left = SchemaSample.rowLimit / max(1, count)
        for _ in 0..<SchemaSample.unitLimit {
            guard left > 0, let unit = try reader.next() else { return }
            try unit.decode(batchRows: 4096) { decoded in
                guard left > 0 else { return }
                left -= decoded.rowsRead
                body(decoded.batch)
            }
        }
    }

    // MARK: - CSV

    private func csv(_ paths: [String]) throws -> [Found] {
        let options = try CSVOptions(format)
        guard options.hasHeader else {
            throw RunError(
                .nothingToInfer,
                "the files of source `\(source)` have no header to take names from",
                at: binding.span, notes: ["declare the columns in their order: `columns: { … }`"])
        }
        var names = try header(paths[0])
        let first = names.count
        for path in paths.dropFirst() {
            names += try header(path).filter { !names.contains($0) }
        }
        var guesses = names.map { _ in
            TypeGuess(
                .init(
                    point: options.decimal, timestamp: options.timestampFormat,
                    date: options.dateFormat))
        }
        for path in paths {
            // Files that lack columns are a matter of reading, not of the sample.
            let present = try Set(header(path))
            let wanted = names.indices.filter { !names[$0].isEmpty && present.contains(names[$0]) }
            let fields = wanted.map { Field(names[$0], .string) }
            guard !fields.isEmpty else { continue }
            try batches(path, fields, ofFiles: paths.count) { batch in
                for (position, index) in wanted.enumerated() {
                    see(batch.columns[position], batch.rows, &guesses[index])
                }
            }
        }
        return names.indices.map { index in
            Found(
                name: names[index], type: guesses[index].type,
                isCertain: guesses[index].count > 0, isInFirst: index < first)
        }
    }

    private func header(_ path: String) throws -> [String] {
        guard let reader = try open(path, []) as? CSVReader else { return [] }
        _ = try reader.next()
        return Array(reader.header.prefix(SchemaSample.columnLimit))
    }

    private func see(_ column: Column, _ rows: [UInt32], _ guess: inout TypeGuess) {
        guard case .strings(let v) = column.values else { return }
        for row in rows where !column.isNull(Int(row)) {
            v.views[Int(row)].withBytes(v.blocks) { bytes in
                let padded = ByteBlock(bytes)
                guess.see(text: padded.base.assumingMemoryBound(to: UInt8.self), bytes.count)
            }
        }
    }

    // MARK: - JSON

    private func json(_ paths: [String]) throws -> [Found] {
        let options = try JSONOptions(format)
        var sample = JSONSample(
            .init(timestamp: options.timestampFormat, date: options.dateFormat))
        for path in paths {
            try batches(path, [], ofFiles: paths.count) { batch in
                guard let origin = batch.origin else { return }
                for row in batch.rows {
                    if let raw = origin.source.raw(origin.row(Int(row))) { sample.see(raw) }
                }
            }
        }
        return sample.columns
    }

    // MARK: - Parquet

    /// The file says itself what its columns are.
    private func parquet(_ path: String) throws -> [Found] {
        try ParquetFile(path: project.resolve(path), object: path).schema.fields.map {
            Found(name: $0.name, type: $0.type, isNullable: $0.nullable)
        }
    }
}

import PipelineDSL
import Planner

/// Makes the reader of a source: its files, one after the other, in its format.
struct SourceOpener {
    let project: ProjectDirectory
    let settings: RunSettings

    func open(_ node: PlanNode, _ scan: ScanPlan) throws -> any SourceReader {
        switch scan.binding.connector {
        case "generate": return try generated(node, scan)
        case "kinesis" where scan.binding.isEmbedded, "http" where scan.binding.isEmbedded:
            return try streamed(node, scan)
        case "sqs" where scan.binding.isEmbedded:
            let queue = try QueueSource(node, scan, project) { [now = settings.now] in now }
            return completed(
                settings.looksOnly ? queue.glance() : try queue.everything(), node, scan)
        case "dynamodb" where scan.binding.isEmbedded:
            let settings = DynamoDBSettings(scan.binding, node: node.name)
            return completed(
                try items(settings.open(project), settings.table, node, scan), node, scan)
        case "redis" where scan.binding.isEmbedded:
            let prefix = RedisSettings(scan.binding).prefix
            return completed(
                try items(RedisSettings.open(project), "cache", prefix: prefix, node, scan), node,
                scan)
        case "redshift" where scan.binding.isEmbedded:
            let table = RedshiftSettings(scan.binding).stored(node, project)
            return completed(try table.reader(columns: scan.fields.fields), node, scan)
        default: break
        }
        return try open(
            node, scan,
            paths: SourceOpener.paths(scan.binding, source: node.name, project: project))
    }

    /// - Parameter paths: of its files, those that are read.
    func open(_ node: PlanNode, _ scan: ScanPlan, paths: [String]) throws -> any SourceReader {
        let places = settings.redrive?.places[node.name]
        let paths = paths.filter { places == nil || places?[$0] != nil }
        let format = try ObjectFormat(scan, source: node.name)
        let reader = ObjectsReader(paths: paths, onError: scan.onError, fields: scan.fields) {
            try format.open(path: project.resolve($0), object: $0)
        }
        return completed(reader, node, scan)
    }

    private func streamed(_ node: PlanNode, _ scan: ScanPlan) throws -> any SourceReader {
        let isRedriven = settings.redrive?.places[node.name] != nil
        // The letters of a redrive may be older than what a run begins with.
        let stream = try LogSource(
            node, scan, project, now: settings.now, start: isRedriven ? .earliest : nil)
        return completed(try stream.everything(), node, scan)
    }

    private func items(
        _ table: KeyValueTable, _ name: String, prefix: String = "", _ node: PlanNode,
        _ scan: ScanPlan
    ) throws -> any SourceReader {
        KeyValueReader(
            table, name: name, prefix: prefix, now: settings.now,
            RecordOptions(node, scan, json: try RecordOptions.json(scan.format, scan.binding)))
    }

    private func generated(_ node: PlanNode, _ scan: ScanPlan) throws -> any SourceReader {
        let table = try GeneratedTable(scan, source: node.name, now: settings.now)
        return completed(try table.reader(at: scan.binding.span), node, scan)
    }

    /// With the metadata columns; of a redrive only the rows that go back.
    private func completed(
        _ reader: any SourceReader, _ node: PlanNode, _ scan: ScanPlan
    ) -> any SourceReader {
        var rows = reader
        if let redrive = settings.redrive, let places = redrive.places[node.name] {
            rows = RedriveReader(reader, source: node.name, places: places, seen: redrive.seen)
        }
        if scan.metadata.isEmpty { return rows }
        return MetadataReader(rows, kinds: scan.metadata.map(\.kind))
    }

    /// The files of a source in the order in which they are read; throws where there are none.
    static func paths(
        _ binding: BindingPlan, source: String, project: ProjectDirectory
    ) throws -> [String] {
        let paths = try matches(binding, project: project)
        guard paths.isEmpty else { return paths }
        throw RunError(
            .nothingMatched, "source `\(source)` matches no file: \(try path(binding))",
            at: binding.span, notes: ["the pattern is relative to \(project.root)"])
    }

    /// The files that are there now, if any.
    func matches(_ binding: BindingPlan) throws -> [String] {
        try SourceOpener.matches(binding, project: project)
    }

    private static func matches(
        _ binding: BindingPlan, project: ProjectDirectory
    ) throws -> [String] {
        Glob.expand(try path(binding), base: project.root).filter {
            // What pipec itself keeps beside files it wrote.
            Files.lastComponent($0) != TableManifest.fileName
        }
    }

    private static func path(_ binding: BindingPlan) throws -> String {
        func text(_ name: String) -> String? {
            if case .string(let value) = binding.settings[name] { value } else { nil }
        }
        switch binding.connector {
        case "files": return try EmbeddedPaths.file(text("path") ?? "")
        case "s3" where binding.isEmbedded:
            return try EmbeddedPaths.object(bucket: text("bucket") ?? "", key: text("path") ?? "")
        case "dynamodb", "kinesis", "redis", "redshift", "sqs":
            throw RunError(
                .nothingToInfer,
                "the columns of a \(binding.connector) source are not inferred", at: binding.span,
                notes: ["declare them: `columns: { id: string not null, … }`"])
        default:
            throw RunError(
                .cannotRun, "the connector `\(binding.connector)` cannot be read here",
                at: binding.span, notes: ["use a profile in which it is embedded, such as `local`"])
        }
    }
}

/// Opens one object in the format of a scan.
struct ObjectFormat: Sendable {
    private let scan: ScanPlan
    private let source: String
    private let csv: CSVOptions
    private let json: JSONOptions
    /// `nil` where the files' names say.
    private let compression: Compression?
    /// All columns of files without header, in their order; `nil` where they are those of the scan.
    var declared: [String]?

    init(_ scan: ScanPlan, source: String) throws {
        self.scan = scan
        self.source = source
        let format = scan.format ?? FormatPlan(name: "")
        csv = try CSVOptions(format)
        json = try JSONOptions(format)
        compression = format.compression
    }

    private var rename: [String: String] { scan.rename }
    private var refusesUnknown: Bool { scan.unknownColumns == "reject" }

    func open(path: String, object: String) throws -> any SourceReader {
        switch scan.format?.name ?? "" {
        case "csv":
            return CSVReader(
                input: try Compression.open(path, name: object, as: compression), object: object,
                source: source,
                options: csv, fields: scan.fields.fields, rename: rename, declared: declared,
                refusesUnknown: refusesUnknown)
        case "jsonl":
            return JSONLinesReader(
                input: try Compression.open(path, name: object, as: compression), object: object,
                source: source,
                options: json, fields: scan.fields.fields, rename: rename,
                refusesUnknown: refusesUnknown)
        case "json":
            return JSONDocumentReader(
                input: try Compression.open(path, name: object, as: compression), object: object,
                source: source,
                options: json, fields: scan.fields.fields, rename: rename,
                refusesUnknown: refusesUnknown)
        case "parquet":
            let file = try ParquetFile(path: path, object: object)
            if refusesUnknown { try checkKnown(file, object) }
            return try ParquetReader(
                file,
                ParquetReadOptions(
                    columns: scan.fields.fields, rename: rename, source: source,
                    span: scan.binding.span))
        case let name:
            throw RunError(
                .cannotRun, "the format `\(name)` cannot be read yet", at: scan.binding.span)
        }
    }

    private func checkKnown(_ file: ParquetFile, _ object: String) throws {
        let known = Set(scan.fields.names.map { $0.lowercased() })
        let names = file.columns.map(\.name) + file.unreadable.keys.sorted()
        try UnknownColumns.refuse(
            names.filter { !known.contains((rename[$0] ?? $0).lowercased()) }, in: object,
            known: scan.fields.names)
    }
}

import PipelineDSL

/// Encodes row groups (in parallel) and appends them (in order) to the staged files of a table.
final class TableWriter: SerialOperator, @unchecked Sendable {
    private struct OpenFile {
        var path: String
        var file: any EncodedFile
        var rows = 0
        var lastUse = 0
        var ranges: KeyRanges
    }

    private let encoder: any FileEncoder
    private let staging: String
    private let filePrefix: String
    private let needsFile: Bool
    /// Columns whose ranges the manifest keeps.
    private let keys: [Int]
    private var open: [String: OpenFile] = [:]
    private var counters: [String: Int] = [:]
    private var clock = 0
    private(set) var files: [TableManifest.File] = []

    /// File descriptors are finite: past this many partitions at once, the one unused longest is
    /// completed and a later group of it starts a new file.
    private static let openLimit = 256

    /// - Parameter needsFile: whether there is a file, for the schema, where there are no rows.
    init(
        encoder: any FileEncoder, staging: String, filePrefix: String, needsFile: Bool = true,
        keys: [Int] = []
    ) {
        self.keys = keys
        self.encoder = encoder
        self.staging = staging
        self.filePrefix = filePrefix
        self.needsFile = needsFile
    }

    func prepare(_ payload: Payload, port: Int) throws -> Payload {
        guard case .group(let group) = payload else { return payload }
        var ranges = KeyRanges(columnCount: keys.count)
        if !keys.isEmpty { for batch in group.batches { ranges.add(batch, keys) } }
        return .encoded(
            EncodedGroup(
                partition: group.partition, rowCount: group.rowCount,
                content: try encoder.encode(group.batches), ranges: ranges))
    }

    func process(
        _ payload: Payload, port: Int, _ context: borrowing OperatorContext,
        emit: (Payload) throws -> Void
    ) throws {
        if case .cut = payload {
            for folder in open.keys.sorted() { try complete(folder) }
            return
        }
        guard case .encoded(let group) = payload else { return }
        let folder = group.partition
        if open[folder] == nil { try start(folder) }
        clock += 1
        open[folder]!.lastUse = clock
        open[folder]!.rows += group.rowCount
        open[folder]!.ranges.add(group.ranges)
        try open[folder]!.file.append(group.content)
        context.metrics.output.add(group.rowCount)
    }

    private func start(_ folder: String) throws {
        if open.count >= TableWriter.openLimit,
            let idle = open.min(by: { $0.value.lastUse < $1.value.lastUse })
        {
            try complete(idle.key)
        }
        let number = counters[folder, default: 0]
        counters[folder] = number + 1
        let digits = String(number)
        let name =
            "\(filePrefix)\(String(repeating: "0", count: max(0, 5 - digits.count)))\(digits)"
            + encoder.fileExtension
        let path = folder.isEmpty ? name : "\(folder)/\(name)"
        try Files.makeDirectory(folder.isEmpty ? staging : "\(staging)/\(folder)")
        open[folder] = OpenFile(
            path: path, file: try encoder.makeFile("\(staging)/\(path)"),
            ranges: KeyRanges(columnCount: keys.count))
    }

    private func complete(_ folder: String) throws {
        guard let part = open.removeValue(forKey: folder) else { return }
        let bytes = try part.file.finish()
        var values: [String: String]?
        for piece in folder.split(separator: "/") {
            guard let equals = piece.firstIndex(of: "=") else { continue }
            values = values ?? [:]
            values![String(piece[..<equals])] = String(piece[piece.index(after: equals)...])
        }
        files.append(
            TableManifest.File(
                path: part.path, rows: part.rows, bytes: bytes, partition: values,
                keys: keys.isEmpty ? nil : part.ranges.columns))
    }

    /// All files complete and durable.
    func finish(
        port: Int, _ context: borrowing OperatorContext, emit: (Payload) throws -> Void
    ) throws {
        if files.isEmpty, open.isEmpty, needsFile {
            try start("")
            try open[""]!.file.append(try encoder.encode([]))
        }
        for folder in open.keys.sorted() { try complete(folder) }
        files.sort { $0.path < $1.path }
        context.metrics.bytes.add(files.reduce(0) { $0 + $1.bytes })
    }
}

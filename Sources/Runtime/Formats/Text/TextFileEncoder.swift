import PipelineDSL

/// A format whose files are text: pieces of rows between a start and an end.
protocol TextRows: Sendable {
    /// With the point: `.csv`.
    var fileExtension: String { get }
    /// What every file starts with.
    var header: [UInt8] { get }
    /// What stands between two pieces that have rows.
    var separator: [UInt8] { get }
    /// What every file ends with.
    var footer: [UInt8] { get }
    /// The rows of the batches; empty where there are none.
    func text(_ batches: [Batch]) -> [UInt8]
}

extension TextRows {
    var separator: [UInt8] { [] }
    var footer: [UInt8] { [] }
}

/// Writes text formats, compressed if wanted: each piece by itself, so that it happens in parallel.
struct TextFileEncoder: FileEncoder {
    private let rows: any TextRows
    private let compression: Compression
    let groupRows = 65_536

    init(_ rows: any TextRows, compression: Compression) {
        self.rows = rows
        self.compression = compression
    }

    var fileExtension: String { rows.fileExtension + compression.fileExtension }

    func encode(_ batches: [Batch]) throws -> any Sendable {
        let text = rows.text(batches)
        return text.isEmpty ? text : try compression.compress(text)
    }

    func makeFile(_ path: String) throws -> any EncodedFile {
        func mark(_ bytes: [UInt8]) throws -> [UInt8] {
            bytes.isEmpty ? bytes : try compression.compress(bytes)
        }
        return try TextFile(
            path, header: mark(rows.header), separator: mark(rows.separator),
            footer: mark(rows.footer), ifEmpty: compression.compress([]))
    }
}

/// A file of pieces that are bytes already.
final class TextFile: EncodedFile {
    private let writer: FileWriter
    private let separator: [UInt8]
    private let footer: [UInt8]
    private let ifEmpty: [UInt8]
    private var hasRows = false

    /// - Parameter ifEmpty: what a file without any bytes holds: nothing compressed is not nothing.
    init(
        _ path: String, header: [UInt8], separator: [UInt8], footer: [UInt8], ifEmpty: [UInt8]
    ) throws {
        writer = try FileWriter(path)
        self.separator = separator
        self.footer = footer
        self.ifEmpty = ifEmpty
        try write(header)
    }

    private func write(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try writer.write($0) }
    }

    func append(_ piece: any Sendable) throws {
        guard let bytes = piece as? [UInt8], !bytes.isEmpty else { return }
        if hasRows { try write(separator) }
        hasRows = true
        try write(bytes)
    }

    func finish() throws -> Int {
        try write(footer)
        if writer.byteCount == 0 { try write(ifEmpty) }
        try writer.close(sync: true)
        return writer.byteCount
    }
}

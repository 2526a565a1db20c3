import Foundation
import PipelineDSL
import Runtime
import Testing

/// The Python environment that `scripts/peers.sh` makes, with pyarrow, DuckDB and Polars. Tests that
/// need it are skipped where it is absent, except in CI.
enum Peers {
    static let python: String? = {
        let environment = ProcessInfo.processInfo.environment
        let home = environment["HOME"] ?? ""
        let folder = environment["PIPEC_PEERS"] ?? "\(home)/.cache/pipec/peers"
        let python = "\(folder)/bin/python"
        return FileManager.default.isExecutableFile(atPath: python) ? python : nil
    }()

    static var isMissing: Bool {
        python == nil && ProcessInfo.processInfo.environment["CI"] != "true"
    }

    /// Runs a script of Tests/peers and returns what it printed; fails unless it ends with 0.
    static func run(_ script: String, _ arguments: String...) throws {
        let scripts = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("peers")
        let process = Process()
        process.executableURL = URL(
            fileURLWithPath: try #require(python, "run scripts/peers.sh first"))
        process.arguments = [scripts.appendingPathComponent(script).path] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["PYTHONDONTWRITEBYTECODE": "1"], uniquingKeysWith: { $1 })
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(script) says:\n\(text)")
    }

    /// A folder that is gone after `body`.
    static func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("pipec-peers-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }
}

/// Reads a Parquet file with our reader and writes it with our writer; returns the rejected rows.
@discardableResult
func copyParquet(
    _ from: String, to: String, batchRows: Int = 999,
    _ options: ParquetWriteOptions = ParquetWriteOptions()
) throws -> [RejectedRow] {
    let reader = try ParquetReader(try ParquetFile(path: from))
    let file = try FileWriter(to)
    let writer = ParquetWriter(try ParquetEncoder(reader.schema, options), to: file)
    var rejected: [RejectedRow] = []
    while let unit = try reader.next() {
        try unit.decode(batchRows: batchRows) { source in
            rejected += source.rejected
            try writer.append(source.batch)
        }
    }
    _ = try writer.finish()
    try file.close(sync: false)
    return rejected
}

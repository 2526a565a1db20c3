import Foundation

/// The Python environment that `scripts/peers.sh` makes, with pyarrow, DuckDB and Polars. Tests that
/// need it are skipped where it is absent, except in CI.
public enum Peers {
    public static let python: String? = {
        let environment = ProcessInfo.processInfo.environment
        let home = environment["HOME"] ?? ""
        let folder = environment["PIPEC_PEERS"] ?? "\(home)/.cache/pipec/peers"
        let python = "\(folder)/bin/python"
        return FileManager.default.isExecutableFile(atPath: python) ? python : nil
    }()

    public static var isMissing: Bool {
        python == nil && ProcessInfo.processInfo.environment["CI"] != "true"
    }

    /// Runs a script of Tests/peers and returns what it printed.
    ///
    /// - Throws: with that text, unless the script ends with 0.
    @discardableResult
    public static func run(_ script: String, _ arguments: String...) throws -> String {
        guard let python else {
            throw SharedFolder.Failure(description: "run scripts/peers.sh first")
        }
        let result = try PipecBinary.execute(
            python, [TestRun.root.path + "/Tests/peers/" + script] + arguments,
            in: TestRun.root.path, environment: ["PYTHONDONTWRITEBYTECODE": "1"])
        guard result.status == 0 else {
            throw SharedFolder.Failure(
                description: "\(script) says:\n\(result.output)\(result.errors)")
        }
        return result.output
    }

    /// A folder that is gone after `body`.
    public static func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("pipec-peers-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }
}

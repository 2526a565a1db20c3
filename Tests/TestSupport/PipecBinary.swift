import Foundation

/// The `pipec` that was built together with the tests.
public enum PipecBinary {
    public struct Result: Sendable {
        public var status: Int32
        public var output: String
        public var errors: String
    }

    /// Beside the test bundle.
    public static let path: String? = {
        var folders = [TestRun.root.path + "/.build/debug", TestRun.root.path + "/.build/release"]
        var url = URL(fileURLWithPath: CommandLine.arguments.first ?? "").standardizedFileURL
        while url.path != "/" {
            url.deleteLastPathComponent()
            folders.insert(url.path, at: folders.count - 2)
        }
        return folders.map { $0 + "/pipec" }.first {
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: $0, isDirectory: &isFolder)
                && !isFolder.boolValue && FileManager.default.isExecutableFile(atPath: $0)
        }
    }()

    /// Runs `pipec` in `folder` and waits for its end.
    public static func run(
        _ arguments: [String], in folder: String, environment: [String: String] = [:]
    ) throws -> Result {
        guard let path else { throw SharedFolder.Failure(description: "pipec is not built") }
        return try execute(path, arguments, in: folder, environment: environment)
    }

    /// Runs a program; what it prints goes through files, so that no pipe can fill up.
    public static func execute(
        _ program: String, _ arguments: [String], in folder: String,
        environment: [String: String] = [:]
    ) throws -> Result {
        let prefix = FileManager.default.temporaryDirectory
            .appendingPathComponent("pipec-command-\(UUID().uuidString)").path
        let (out, err) = (prefix + ".out", prefix + ".err")
        defer {
            try? FileManager.default.removeItem(atPath: out)
            try? FileManager.default.removeItem(atPath: err)
        }
        for path in [out, err] { _ = FileManager.default.createFile(atPath: path, contents: nil) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.environment = ProcessInfo.processInfo.environment
            .merging(environment, uniquingKeysWith: { $1 })
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: out)
        process.standardError = FileHandle(forWritingAtPath: err)
        try process.run()
        process.waitUntilExit()
        func text(_ path: String) throws -> String {
            String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
        }
        return Result(
            status: process.terminationStatus, output: try text(out), errors: try text(err))
    }
}

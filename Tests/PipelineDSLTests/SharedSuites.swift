import Foundation
import Testing

/// Test suites of others, which are not part of the repository: the folder `shared` beside it, or
/// where the environment variable PIPEC_SHARED says. Where it is absent tests that need it are
/// skipped, except in CI.
enum SharedSuites {
    static let folder: String? = {
        let environment = ProcessInfo.processInfo.environment
        var candidates = environment["PIPEC_SHARED"].map { [$0] } ?? []
        var url = URL(fileURLWithPath: #filePath)
        while url.path != "/" {
            url.deleteLastPathComponent()
            candidates.append(url.appendingPathComponent("shared").path)
        }
        return candidates.first { FileManager.default.fileExists(atPath: $0 + "/conformance") }
    }()

    static var isMissing: Bool {
        folder == nil && ProcessInfo.processInfo.environment["CI"] != "true"
    }

    /// Unpacks an archive of the conformance folder; the caller removes the result.
    static func unpack(_ archive: String) throws -> URL {
        let folder = try #require(folder, "the folder `shared` is missing")
        let target = FileManager.default.temporaryDirectory
            .appendingPathComponent("pipec-suite-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["tar", "xzf", "\(folder)/conformance/\(archive)", "-C", target.path]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return target
    }
}

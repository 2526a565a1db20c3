import Foundation

/// Test suites and data of others, which are not part of the repository: the folder `shared` beside
/// it, or where the environment variable PIPEC_SHARED says. Where it is absent tests that need it are
/// skipped, except in CI.
public enum SharedFolder {
    public struct Failure: Error, CustomStringConvertible {
        public var description: String
    }

    public static let folder: String? = {
        var candidates = environment["PIPEC_SHARED"].map { [$0] } ?? []
        var url = URL(fileURLWithPath: #filePath)
        while url.path != "/" {
            url.deleteLastPathComponent()
            candidates.append(url.appendingPathComponent("shared").path)
        }
        return candidates.first { FileManager.default.fileExists(atPath: $0 + "/conformance") }
    }()

    private static var environment: [String: String] { ProcessInfo.processInfo.environment }

    public static var isMissing: Bool { folder == nil && environment["CI"] != "true" }

    public static func path(_ relative: String) throws -> String {
        guard let folder else { throw Failure(description: "the folder `shared` is missing") }
        return folder + "/" + relative
    }

    public static func bytes(_ relative: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(relative))))
    }

    public static func files(_ relative: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path(relative)).sorted()
    }

    /// Unpacks an archive into a new folder; the caller removes it.
    public static func unpack(_ archive: String) throws -> URL {
        let archive = try path(archive)
        let target = FileManager.default.temporaryDirectory
            .appendingPathComponent("pipec-suite-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["tar", "xzf", archive, "-C", target.path]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "cannot unpack \(archive)")
        }
        return target
    }
}

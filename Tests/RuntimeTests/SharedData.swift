import Foundation
import Testing

/// Test suites and data of others, which are not part of the repository: the folder `shared` beside
/// it, or where the environment variable PIPEC_SHARED says. Where it is absent tests that need it are
/// skipped, except in CI.
enum SharedData {
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

    static func path(_ relative: String) throws -> String {
        try #require(folder, "the folder `shared` is missing") + "/" + relative
    }

    static func bytes(_ relative: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(relative))))
    }

    static func files(_ relative: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path(relative)).sorted()
    }
}

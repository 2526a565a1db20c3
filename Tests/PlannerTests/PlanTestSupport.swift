import Foundation
import PipelineDSL
import Planner
import TestSupport
import Testing

/// A spec read, checked and planned with the test catalogue.
struct PlanTest {
    var plan: Plan?
    var checked: CheckedPipeline?
    var diagnostics: [Diagnostic]

    init(
        _ yaml: String, file: String = "pipec.yaml", profile: String = "local",
        parameters: [String: String] = [:], environment: [String: String] = [:],
        mode: Plan.Mode = .batch, options: Planner.Options = .init(),
        inferred: @escaping (SourceDeclaration) -> Schema? = { _ in nil }
    ) {
        let catalogue = PlanTestCatalogue.catalogue
        let (spec, problems) = SpecReader.read(
            file: file, bytes: Array(yaml.utf8),
            values: InterpolationValues(parameters: parameters) { environment[$0] },
            connectors: Set(catalogue.connectors.map(\.name)))
        diagnostics = problems
        guard let spec else { return }
        let (checked, found) = Checker.check(
            spec, catalogue: catalogue, profile: profile, parameters: parameters,
            environment: { environment[$0] }, mode: mode,
            isComplete: !problems.contains { $0.severity == .error },
            inference: { question in
                (inferred(question.source).map { InferredColumns(fields: $0) }, [])
            })
        self.checked = checked
        diagnostics += found
        let hasErrors = diagnostics.contains { $0.severity == .error }
        plan = hasErrors ? nil : checked.map { Planner.plan($0, options: options) }
    }

    /// As a user sees them, one a line: `pipec.yaml:4:9 PIPE0203 message`.
    var lines: [String] {
        diagnostics.map { diagnostic in
            let place = diagnostic.primary.map {
                "\($0.span.start.line):\($0.span.start.column) "
            }
            let severity = diagnostic.severity == .error ? "" : "\(diagnostic.severity.rawValue) "
            return "\(place ?? "")\(severity)\(diagnostic.code) \(diagnostic.message)"
        }
    }
}

/// Files under `Tests/Golden` that are compared with what the code says now.
enum PlanGolden {
    static var isUpdating: Bool {
        TestRun.isUpdatingGoldens
    }

    static var root: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Golden")
    }

    static func folders(_ name: String) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(
            at: root.appendingPathComponent(name), includingPropertiesForKeys: nil
        ).filter(\.hasDirectoryPath).sorted { $0.path < $1.path }
    }

    static func text(_ url: URL) throws -> String {
        String(decoding: try Data(contentsOf: url), as: UTF8.self)
    }

    /// Compares, or writes down when updating.
    static func check(
        _ actual: String, _ url: URL, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        if isUpdating {
            try Data(actual.utf8).write(to: url)
            return
        }
        let expected = (try? text(url)) ?? ""
        let name = url.pathComponents.suffix(2).joined(separator: "/")
        #expect(
            actual == expected, "\(name) differs (PIPEC_UPDATE_GOLDEN=1 accepts it)",
            sourceLocation: sourceLocation)
    }
}

import Foundation
import PipelineDSL
import Testing

/// Every mistake a user can make in a spec, and the words for it.
@Suite struct DiagnosticGoldenTests {
    @Test func mistakesAreExplainedAsWritten() throws {
        var count = 0
        for url in try GoldenFile.all(in: "diagnostics", suffix: ".yaml-case") {
            var file = try GoldenFile(url)
            count += file.cases.count
            try file.check { render($0, url.lastPathComponent) }
        }
        #expect(count >= 60)
    }

    private func render(_ test: GoldenFile.Case, _ name: String) -> String {
        let diagnostics = read(test)
        if name.hasPrefix("format-json") { return JSONRenderer.render(diagnostics) }
        if name.hasPrefix("format-github") { return GitHubRenderer.render(diagnostics) }
        let isColored = name.hasPrefix("format-color")
        let renderer = TerminalRenderer(isColored: isColored) { file in
            file == "pipec.yaml"
                ? test.input : test.files.first { $0.name == file }.map { $0.text }
        }
        let text = renderer.render(diagnostics)
        return isColored
            ? text.split(separator: "\u{1B}", omittingEmptySubsequences: false).joined(
                separator: "␛") : text.isEmpty ? "nothing to say\n" : text
    }

    private func read(_ test: GoldenFile.Case) -> [Diagnostic] {
        let files = test.files.map { SpecFile(name: $0.name, bytes: Array($0.text.utf8)) }
        let (_, diagnostics) = SpecReader.read(
            file: "pipec.yaml", bytes: Array(test.input.utf8),
            values: InterpolationValues(environment: { $0 == "HOME" ? "/home/me" : nil })
        ) { pattern, including in
            if pattern == "pipec.yaml" {
                return [SpecFile(name: pattern, bytes: Array(test.input.utf8))]
            }
            let folder = including.split(separator: "/").dropLast().map { $0 + "/" }.joined()
            let path = folder + pattern
            guard path.hasSuffix("*.yaml") else { return files.filter { $0.name == path } }
            return files.filter { $0.name.hasPrefix(path.dropLast(6)) }
        }
        return diagnostics
    }
}

import Foundation
import PipelineDSL
import TestSupport
import Testing

/// Text in, canonical text and diagnostics out: `Tests/Golden/sql/*.txt`.
///
/// A file holds cases; each is a line `=== kind`, the text, a line `---`, and what came out. The
/// kinds are `expression`, `query`, `type`, `order` and `items`. `make golden` rewrites the second
/// halves.
@Suite struct SQLGoldenTests {
    struct Case {
        var kind: String
        var text: String
        var expected: String
    }

    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Golden/sql")

    static let files: [String] = {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return all.filter { $0.hasSuffix(".txt") }.sorted()
    }()

    @Test func thereAreGoldens() { #expect(!Self.files.isEmpty) }

    @Test(arguments: files) func golden(file: String) throws {
        let url = Self.folder.appendingPathComponent(file)
        let cases = Self.cases(in: try String(contentsOf: url, encoding: .utf8))
        try #require(!cases.isEmpty)
        if TestRun.isUpdatingGoldens {
            let text = cases.map { "=== \($0.kind)\n\($0.text)\n---\n\(Self.output($0))\n" }
            try text.joined(separator: "\n").write(to: url, atomically: true, encoding: .utf8)
            return
        }
        for item in cases {
            let actual = Self.output(item)
            #expect(
                actual == item.expected,
                "\(file), `\(item.text)`:\n\(actual)\ninstead of\n\(item.expected)")
        }
    }

    /// Every fix removes the mistake it belongs to and brings no further one.
    @Test(arguments: files) func fixesMend(file: String) throws {
        let url = Self.folder.appendingPathComponent(file)
        for item in Self.cases(in: try String(contentsOf: url, encoding: .utf8)) {
            let before = Self.diagnostics(item.kind, item.text)
            for mistake in before {
                guard let fix = mistake.fix else { continue }
                var bytes = Array(item.text.utf8)
                let range = fix.span.start.offset..<fix.span.end.offset
                try #require(range.upperBound <= bytes.count)
                bytes.replaceSubrange(range, with: Array(fix.replacement.utf8))
                let mended = String(decoding: bytes, as: UTF8.self)
                let after = Self.diagnostics(item.kind, mended)
                let remains = after.contains {
                    $0.message == mistake.message
                        && $0.primary?.span.start == mistake.primary?.span.start
                }
                #expect(
                    !remains && after.count <= before.count,
                    "`\(item.text)` became `\(mended)`: \(after.flatMap(rendered))")
            }
        }
    }

    private static func diagnostics(_ kind: String, _ text: String) -> [Diagnostic] {
        let source = SourceText(sql: text)
        return switch kind {
        case "expression": SQLParser.expression(source).1
        case "query": SQLParser.query(source).1
        case "type": SQLParser.type(source).1
        case "order": SQLParser.orderItems(source).1
        default: SQLParser.selectItems(source).1
        }
    }

    static func cases(in text: String) -> [Case] {
        var cases: [Case] = []
        var isOutput = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("=== ") {
                cases.append(Case(kind: String(line.dropFirst(4)), text: "", expected: ""))
                isOutput = false
            } else if line == "---" {
                isOutput = true
            } else if let last = cases.indices.last {
                if isOutput {
                    cases[last].expected += line + "\n"
                } else {
                    cases[last].text += line + "\n"
                }
            }
        }
        return cases.map {
            Case(
                kind: $0.kind, text: String($0.text.dropLast()),
                expected: $0.expected.trimmingCharacters(in: .newlines))
        }
    }

    static func output(_ item: Case) -> String {
        let source = SourceText(sql: item.text)
        let (text, diagnostics): (String, [Diagnostic])
        switch item.kind {
        case "expression":
            let result = SQLParser.expression(source)
            (text, diagnostics) = (SQLPrinter.text(result.0), result.1)
        case "query":
            let result = SQLParser.query(source)
            (text, diagnostics) = (result.0.map { SQLPrinter.text($0) } ?? "nothing", result.1)
        case "type":
            let result = SQLParser.type(source)
            let type = result.0.type?.description ?? "?"
            (text, diagnostics) = (type + (result.0.isNotNull ? " not null" : ""), result.1)
        case "order":
            let result = SQLParser.orderItems(source)
            (text, diagnostics) = (
                result.0.map { SQLPrinter.text($0) }.joined(separator: " | "), result.1
            )
        case "items":
            let result = SQLParser.selectItems(source)
            (text, diagnostics) = (
                result.0.map { SQLPrinter.text($0) }.joined(separator: " | "), result.1
            )
        default: return "unknown kind `\(item.kind)`"
        }
        return ([text] + diagnostics.flatMap(rendered)).joined(separator: "\n")
    }
}

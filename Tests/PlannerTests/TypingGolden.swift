import Foundation
import PipelineDSL
import TestSupport
import Testing

import Planner

/// A file of texts with what the checker makes of them.
///
/// ```
/// -- Numbers widen.
/// columns silver.telemetry: id integer not null; speed double
///
/// speed + id
///   speed + CAST(id AS double) : double nullable
/// ```
///
/// A block ends with an empty line; its indented lines are the expected output. `columns name: …`
/// declares a relation, `parameter name type value` a parameter; both hold from there on.
/// `PIPEC_UPDATE_GOLDEN=1` (`make golden`) writes the outputs anew.
struct TypingGolden {
    struct Environment {
        var relations: [(name: String, schema: Schema)] = []
        var parameters: [String: (value: Value, type: DataType)] = [:]
    }

    let url: URL
    private var blocks: [(input: [String], expected: [String])] = []

    static func files(suffix: String) throws -> [URL] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Golden/typing")
        return try FileManager.default.contentsOfDirectory(
            at: root, includingPropertiesForKeys: nil
        ).filter { $0.pathExtension == suffix }.sorted { $0.path < $1.path }
    }

    init(_ url: URL) throws {
        self.url = url
        let text = String(decoding: try Data(contentsOf: url), as: UTF8.self)
        var input: [String] = []
        var expected: [String] = []
        for line in text.components(separatedBy: "\n") + [""] {
            if line.hasPrefix("  ") {
                expected.append(String(line.dropFirst(2)))
            } else if line.isEmpty {
                if !input.isEmpty { blocks.append((input, expected)) }
                (input, expected) = ([], [])
            } else {
                input.append(line)
            }
        }
    }

    /// Compares the output of every block, or writes it down; returns how many there were.
    mutating func check(_ output: (String, Environment) -> [String]) throws -> Int {
        var environment = Environment()
        var count = 0
        for index in blocks.indices {
            let lines = blocks[index].input.filter { !$0.hasPrefix("-- ") && $0 != "--" }
            let body = lines.filter { !environment.accept($0) }
            guard !body.isEmpty else { continue }
            count += 1
            let actual = output(body.joined(separator: "\n"), environment)
            if TestRun.isUpdatingGoldens {
                blocks[index].expected = actual
            } else if actual != blocks[index].expected {
                Issue.record(
                    """
                    \(url.lastPathComponent): \(body.joined(separator: "\n"))
                    expected:
                    \(blocks[index].expected.joined(separator: "\n"))
                    actual:
                    \(actual.joined(separator: "\n"))
                    (PIPEC_UPDATE_GOLDEN=1 accepts it)
                    """)
            }
        }
        if TestRun.isUpdatingGoldens {
            let text = blocks.map {
                ($0.input + $0.expected.map { "  " + $0 }).joined(separator: "\n")
            }
            try Data((text.joined(separator: "\n\n") + "\n").utf8).write(to: url)
        }
        return count
    }
}

extension TypingGolden.Environment {
    /// Whether the line was a declaration.
    mutating func accept(_ line: String) -> Bool {
        if line.hasPrefix("columns "), let colon = line.firstIndex(of: ":") {
            let name = line[line.index(line.startIndex, offsetBy: 8)..<colon]
            let columns = line[line.index(after: colon)...].split(separator: ";")
            relations.removeAll { $0.name == name }
            relations.append((String(name), Schema(columns.compactMap(field))))
            return true
        }
        if line.hasPrefix("parameter ") {
            let words = line.split(separator: " ", maxSplits: 3).map(String.init)
            guard words.count == 4, let type = type(words[2])?.type,
                let value = Value.parse(words[3], as: type)
            else { return false }
            parameters[words[1]] = (value, type)
            return true
        }
        return false
    }

    private func field(_ text: Substring) -> Field? {
        let words = text.drop { $0 == " " }.split(separator: " ", maxSplits: 1)
        guard words.count == 2, let type = type(String(words[1])) else { return nil }
        return type.type.map { Field(String(words[0]), $0, nullable: !type.isNotNull) }
    }

    private func type(_ text: String) -> ColumnType? {
        SQLParser.type(SourceText(text: text, file: "golden")).0
    }

    var checker: ExpressionChecker {
        ExpressionChecker(
            parameters: ExpressionParameters(values: parameters, environment: ["REGION": "eu"]))
    }
}

/// A diagnostic on a few lines, with the text it underlines.
func lines(of diagnostic: Diagnostic, in text: String) -> [String] {
    func slice(_ span: SourceSpan) -> String {
        let bytes = Array(text.utf8)
        let range = min(span.start.offset, bytes.count)..<min(span.end.offset, bytes.count)
        return String(decoding: bytes[range], as: UTF8.self)
    }
    var lines = ["\(diagnostic.severity)[\(diagnostic.code)] \(diagnostic.message)"]
    if let primary = diagnostic.primary {
        lines.append(
            "  at «\(slice(primary.span))»\(primary.text.isEmpty ? "" : " \(primary.text)")")
    }
    for label in diagnostic.secondary {
        lines.append("  also «\(slice(label.span))» \(label.text)")
    }
    for note in diagnostic.notes { lines.append("  = \(note)") }
    if let fix = diagnostic.fix {
        lines.append("  fix «\(slice(fix.span))» → «\(fix.replacement)»")
    }
    return lines.flatMap { $0.components(separatedBy: "\n") }
}

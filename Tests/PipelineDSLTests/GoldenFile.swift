import Foundation
import TestSupport
import Testing

/// A file of inputs with the output each must have, in plain text so that a change is read as a
/// diff. `PIPEC_UPDATE_GOLDEN=1 swift test` (or `make golden`) writes the outputs anew.
///
/// ```
/// ==== case a key that is not known
/// version: 1
/// ==== file contracts/orders.yaml
/// contracts: {}
/// ==== expect
/// error[PIPE0100]: …
/// ```
///
/// The lines after `case` are the main input, further files follow with their names, the output
/// comes last. Text before the first case is for readers.
struct GoldenFile {
    struct Case {
        var title: String
        var input: String
        var files: [(name: String, text: String)] = []
        var expected: String
    }

    let url: URL
    private var preamble = ""
    private(set) var cases: [Case] = []

    static var isUpdating: Bool {
        TestRun.isUpdatingGoldens
    }

    /// The files of a folder of `Tests/Golden`, by name.
    static func all(in folder: String, suffix: String) throws -> [URL] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Golden/\(folder)")
        return try FileManager.default.contentsOfDirectory(
            at: root, includingPropertiesForKeys: nil
        )
        .filter { $0.lastPathComponent.hasSuffix(suffix) }
        .sorted { $0.lastPathComponent < $1.lastPathComponent }
    }

    init(_ url: URL) throws {
        self.url = url
        let text = String(decoding: try Data(contentsOf: url), as: UTF8.self)
        var append: (inout GoldenFile, String) -> Void = { $0.preamble += $1 }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("==== case ") {
                cases.append(Case(title: String(line.dropFirst(10)), input: "", expected: ""))
                append = { $0.cases[$0.cases.count - 1].input += $1 }
            } else if line.hasPrefix("==== file "), !cases.isEmpty {
                cases[cases.count - 1].files.append((String(line.dropFirst(10)), ""))
                append = {
                    let last = $0.cases.count - 1
                    $0.cases[last].files[$0.cases[last].files.count - 1].text += $1
                }
            } else if line == "==== expect" {
                append = { $0.cases[$0.cases.count - 1].expected += $1 }
            } else {
                append(&self, line + "\n")
            }
        }
        // The split leaves an empty piece after the last line end.
        if let last = cases.indices.last, cases[last].expected.hasSuffix("\n") {
            cases[last].expected.removeLast()
        }
    }

    /// Compares each case's output with what is expected, or writes it down.
    mutating func check(_ output: (Case) throws -> String) throws {
        for index in cases.indices {
            let actual = try output(cases[index])
            if Self.isUpdating {
                cases[index].expected = actual
            } else if actual != cases[index].expected {
                Issue.record(
                    """
                    \(url.lastPathComponent): \(cases[index].title)
                    expected:
                    \(cases[index].expected)
                    actual:
                    \(actual)
                    (PIPEC_UPDATE_GOLDEN=1 accepts it)
                    """)
            }
        }
        if Self.isUpdating { try Data(text.utf8).write(to: url) }
    }

    private var text: String {
        cases.reduce(preamble) { text, next in
            var text = text + "==== case \(next.title)\n\(next.input)"
            for file in next.files { text += "==== file \(file.name)\n\(file.text)" }
            return text + "==== expect\n\(next.expected)"
        }
    }
}

import Foundation
import PipelineDSL
import Runtime

/// What came of the tests of a spec, in the formats it is said in.
struct TestReport {
    let pipeline: String
    let results: [SpecTestResult]
    let seconds: Double

    var passed: Bool { results.allSatisfy(\.passed) }
    private var failed: Int { results.count { !$0.passed } }

    // MARK: - Text

    /// - Parameter render: shows diagnostics with the place they are at.
    func text(isQuiet: Bool, _ render: ([Diagnostic]) -> String) -> String {
        let width = results.map(\.name.count).max() ?? 0
        var text = ""
        for result in results where !isQuiet || !result.passed {
            let name = result.name + String(repeating: " ", count: width - result.name.count)
            text += "  \(result.passed ? "ok  " : "FAIL")  \(name)  (\(time(result.seconds)))\n"
            if !result.passed { text += "\n" + render(result.failures) + "\n" }
        }
        if isQuiet && passed { return text }
        let count = "\(results.count) test\(results.count == 1 ? "" : "s")"
        let verdict = passed ? "all passed" : "\(failed) failed"
        return text + "\(count), \(verdict) (\(time(seconds)))\n"
    }

    private func time(_ seconds: Double) -> String {
        seconds < 0.01
            ? "\((seconds * 10_000).rounded() / 10) ms" : seconds.readableSeconds
    }

    // MARK: - JSON

    private struct Document: Encodable {
        struct Test: Encodable {
            var name: String
            var passed: Bool
            var seconds: Double
            var file: String
            var line: Int
            var failures: [Diagnostic]
        }
        var pipeline: String
        var passed: Bool
        var seconds: Double
        var tests: [Test]
    }

    func json() throws -> String {
        let document = Document(
            pipeline: pipeline, passed: passed, seconds: seconds,
            tests: results.map {
                Document.Test(
                    name: $0.name, passed: $0.passed, seconds: $0.seconds, file: $0.span.file,
                    line: $0.span.start.line, failures: $0.failures)
            })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
    }

    // MARK: - JUnit

    /// JUnit XML as CI servers read it: one suite, a case for each test, a failure with the
    /// diagnostics of each that failed.
    func junit() -> [UInt8] {
        var xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        let counts =
            "tests=\"\(results.count)\" failures=\"\(failed)\" errors=\"0\" "
            + "time=\"\(decimal(seconds))\""
        xml += "<testsuites name=\"pipec\" \(counts)>\n"
        xml += "  <testsuite name=\"\(XMLText.attribute(pipeline))\" \(counts) skipped=\"0\">\n"
        for result in results {
            xml +=
                "    <testcase name=\"\(XMLText.attribute(result.name))\" "
                + "classname=\"\(XMLText.attribute(pipeline))\" "
                + "file=\"\(XMLText.attribute(result.span.file))\" "
                + "line=\"\(result.span.start.line)\" time=\"\(decimal(result.seconds))\""
            if let first = result.failures.first {
                xml += ">\n      <failure message=\"\(XMLText.attribute(first.message))\" "
                xml += "type=\"\(first.code)\">"
                xml += XMLText.content(result.failures.map(Self.plain).joined(separator: "\n\n"))
                xml += "</failure>\n    </testcase>\n"
            } else {
                xml += "/>\n"
            }
        }
        xml += "  </testsuite>\n</testsuites>\n"
        return Array(xml.utf8)
    }

    private static func plain(_ diagnostic: Diagnostic) -> String {
        var lines: [String] = []
        if let place = diagnostic.primary {
            let start = place.span.start
            lines.append(
                "\(place.span.file):\(start.line):\(start.column): \(diagnostic.message)"
                    + (place.text.isEmpty ? "" : " (\(place.text))"))
        } else {
            lines.append(diagnostic.message)
        }
        return (lines + diagnostic.notes.map { "  " + $0 }).joined(separator: "\n")
    }

    private func decimal(_ seconds: Double) -> String {
        String(format: "%.6f", locale: Locale(identifier: "en_US_POSIX"), seconds)
    }
}

/// Text in XML 1.0: what it cannot hold at all becomes U+FFFD.
enum XMLText {
    static func content(_ text: String) -> String {
        escaped(text) { $0 == "\n" || $0 == "\t" ? String($0) : nil }
    }

    static func attribute(_ text: String) -> String {
        escaped(text) { $0 == "\n" ? "&#10;" : $0 == "\t" ? "&#9;" : nil }
    }

    private static func escaped(
        _ text: String, _ blank: (Unicode.Scalar) -> String?
    ) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n", "\t": result += blank(scalar) ?? ""
            case "\r": result += "&#13;"
            case "\u{0}"..<" ", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

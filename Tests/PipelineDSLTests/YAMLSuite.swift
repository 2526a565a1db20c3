import Foundation
import PipelineDSL
import TestSupport
import Testing

/// One case of the YAML test suite (github.com/yaml/yaml-test-suite, `src/`).
struct YAMLSuiteCase: Sendable {
    /// `DK95`, or `DK95/01` in a file of several.
    var id: String
    var name: String
    var yaml: String
    /// The event tree, unindented.
    var tree: String
    var json: String?
    var mustFail: Bool
}

enum YAMLSuite {
    /// The cases and the number of files they come from.
    static func load() throws -> (files: Int, cases: [YAMLSuiteCase]) {
        let folder = try SharedFolder.unpack("conformance/yaml-test-suite-src.tar.gz")
        defer { try? FileManager.default.removeItem(at: folder) }
        let source = folder.appendingPathComponent("yaml-test-suite/src")
        let names = try FileManager.default.contentsOfDirectory(atPath: source.path)
            .filter { $0.hasSuffix(".yaml") }.sorted()
        var cases: [YAMLSuiteCase] = []
        for name in names {
            let bytes = [UInt8](try Data(contentsOf: source.appendingPathComponent(name)))
            let (root, diagnostics) = YAMLReader.read(bytes, file: name)
            try #require(diagnostics.isEmpty, "\(name): \(diagnostics)")
            let items = try #require(root?.items)
            let stem = String(name.dropLast(5))
            if items.first?["skip"] != nil { continue }
            var tree = ""
            var json: String?
            for (index, item) in items.enumerated() {
                // What a later case does not say is as in the case before.
                if let text = item["tree"]?.scalar?.text { tree = unindented(decoded(text)) }
                if let text = item["json"]?.scalar?.text { json = decoded(text) }
                let number = index < 10 ? "0\(index)" : "\(index)"
                cases.append(
                    YAMLSuiteCase(
                        id: items.count == 1 ? stem : "\(stem)/\(number)",
                        name: items.first?["name"]?.scalar?.text ?? "",
                        yaml: decoded(item["yaml"]?.scalar?.text ?? ""), tree: tree, json: json,
                        mustFail: item["fail"]?.scalar?.text == "true"))
            }
        }
        return (names.count, cases)
    }

    /// The suite shows what is hard to see with signs of its own; see its README.
    private static func decoded(_ text: String) -> String {
        var result = ""
        var dashes = 0
        for scalar in text.unicodeScalars {
            if scalar == "—" {
                dashes += 1
                continue
            }
            if scalar == "»" {
                result += "\t"
                dashes = 0
                continue
            }
            result += String(repeating: "—", count: dashes)
            dashes = 0
            switch scalar {
            case "␣": result += " "
            case "↵": break
            case "←": result += "\r"
            case "⇔": result += "\u{FEFF}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        if result.hasSuffix("∎\n") { result.removeLast(2) }
        return result.split(separator: "<SPC>", omittingEmptySubsequences: false)
            .joined(separator: " ")
    }

    private static func unindented(_ tree: String) -> String {
        tree.split(separator: "\n").map { $0.drop { $0 == " " } }.joined(separator: "\n")
    }
}

extension YAMLEvent {
    /// As the suite writes events: `=VAL &a <tag> :text`.
    var suiteText: String {
        var properties = ""
        if let anchor { properties += " &\(anchor)" }
        if let tag { properties += " <\(tag)>" }
        switch kind {
        case .streamStart: return "+STR"
        case .streamEnd: return "-STR"
        case .documentStart(let isExplicit): return isExplicit ? "+DOC ---" : "+DOC"
        case .documentEnd(let isExplicit): return isExplicit ? "-DOC ..." : "-DOC"
        case .alias(let name): return "=ALI *\(name)"
        case .sequenceStart(let isFlow): return "+SEQ" + (isFlow ? " []" : "") + properties
        case .sequenceEnd: return "-SEQ"
        case .mappingStart(let isFlow): return "+MAP" + (isFlow ? " {}" : "") + properties
        case .mappingEnd: return "-MAP"
        case .scalar(let text, let style):
            let sign =
                switch style {
                case .plain: ":"
                case .singleQuoted: "'"
                case .doubleQuoted: "\""
                case .literal: "|"
                case .folded: ">"
                }
            return "=VAL\(properties) \(sign)\(Self.escaped(text))"
        }
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case "\u{8}": result += "\\b"
            case "\0": result += "\\0"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

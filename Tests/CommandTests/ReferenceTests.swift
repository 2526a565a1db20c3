import Foundation
import PipelineDSL
import Planner
import Runtime
import TestSupport
import Testing

/// `docs/reference` is made from the signatures that the checker itself reads, so it cannot be out of
/// date: `make golden` writes it, this test compares.
@Suite struct ReferenceTests {
    @Test(arguments: Reference.pages.map(\.name)) func pageIsUpToDate(_ name: String) throws {
        let page = try #require(Reference.pages.first { $0.name == name })
        let url = TestRun.root.appendingPathComponent("docs/reference/\(name).md")
        if TestRun.isUpdatingGoldens {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try page.text.write(to: url, atomically: true, encoding: .utf8)
        }
        let written = try String(contentsOf: url, encoding: .utf8)
        #expect(written == page.text, "docs/reference/\(name).md is out of date: make golden")
    }
}

/// The reference, as Markdown.
enum Reference {
    static var pages: [(name: String, text: String)] {
        let catalogue = Registry.catalogue()
        return [
            ("spec", spec), ("steps", steps(catalogue)), ("functions", functions),
            ("connectors", connectors(catalogue)), ("formats", formats(catalogue)),
            ("diagnostics", diagnostics),
        ]
    }

    private static let origin =
        "<!-- Written by `make golden` from what the checker reads; do not edit. -->\n\n"

    private static var spec: String {
        var text = "# The keys of a spec\n\n" + origin
        text += table(SpecGrammar.root) + "\n"
        for signature in SpecGrammar.root {
            guard let parts = parts(of: signature.kind) else { continue }
            text += "## `\(signature.name)`\n\n\(signature.documentation)\n\n"
            for (title, settings) in parts {
                if let title { text += "### `\(title)`\n\n" }
                text += table(settings) + "\n"
            }
            if signature.name == "tests" { text += tests }
        }
        return text
    }

    private static var tests: String {
        let parts = [
            ("A node in `given`, where it is no list of rows", TestGrammar.given),
            ("A step of `then`, one of", TestGrammar.step),
            ("A node in `expect`, where it is no list of rows", TestGrammar.rows),
            ("Beside nodes in `expect`", TestGrammar.outcomes),
        ]
        return parts.map { "### \($0)\n\n\(table($1))\n" }.joined()
    }

    /// What stands under each name of a section: its keys, or the keys of each variant.
    private static func parts(of kind: SettingKind) -> [(String?, [SettingSignature])]? {
        switch kind {
        case .mapping(let element), .list(let element): parts(of: element)
        case .object(let settings): settings.isEmpty ? nil : [(nil, settings)]
        case .variant(let variants):
            variants.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        case .either(let kinds): kinds.lazy.compactMap(parts).first
        default: nil
        }
    }

    private static func steps(_ catalogue: Catalogue) -> String {
        var text =
            "# Steps\n\n" + origin
            + "What may stand in the list `steps:` of a transform, each applied to what the one"
            + " before it yields.\n\n"
        for step in catalogue.steps.sorted(by: { $0.name < $1.name }) {
            text += "## `\(step.name)`\n\n\(step.documentation)\n\n"
            if case .object(let settings) = step.body { text += table(settings) + "\n" }
        }
        return text
    }

    private static var functions: String {
        var text =
            "# Functions\n\n" + origin
            + "Arguments that are null make the result null unless it is said otherwise.\n\n"
        for family in FunctionCatalogue.families {
            text += "## \(family.title)\n\n"
            for function in family.functions {
                let name = function.operatorSymbol ?? function.spelling
                text += "### `\(name)`\n\n"
                text += "```\n\(function.usage.joined(separator: "\n"))\n```\n\n"
                text += function.documentation + "\n\n"
                if !function.aliases.isEmpty {
                    let names = function.aliases.map { "`\($0)`" }.joined(separator: ", ")
                    text += "Also called \(names).\n\n"
                }
                if !function.examples.isEmpty {
                    text += "| example | value |\n|---|---|\n"
                    for example in function.examples {
                        text += "| `\(cell(example.expression))` | `\(cell(example.result))` |\n"
                    }
                    text += "\n"
                }
            }
        }
        return text
    }

    private static func connectors(_ catalogue: Catalogue) -> String {
        var text = "# Connectors\n\n" + origin
        for connector in catalogue.connectors.sorted(by: { $0.name < $1.name }) {
            let roles = connector.roles.map(\.rawValue).sorted().joined(separator: ", ")
            text += "## `\(connector.name)`\n\nFor: \(roles).\n\n\(connector.documentation)\n\n"
            text += table(connector.settings) + "\n"
        }
        return text
    }

    private static func formats(_ catalogue: Catalogue) -> String {
        var text = "# Formats\n\n" + origin
        for format in catalogue.formats.sorted(by: { $0.name < $1.name }) {
            let roles = format.roles.map(\.rawValue).sorted().joined(separator: ", ")
            text += "## `\(format.name)`\n\nFor: \(roles).\n\n\(format.documentation)\n\n"
            if !format.settings.isEmpty { text += table(format.settings) + "\n" }
        }
        return text
    }

    private static var diagnostics: String {
        var text =
            "# Diagnostics\n\n" + origin
            + "What each code means and the way out. `pipec explain CODE` says the same.\n\n"
        for code in DiagnosticCode.all {
            text += "## \(code): \(code.title)\n\n"
            if !code.explanation.isEmpty { text += code.explanation + "\n\n" }
        }
        return text
    }

    // MARK: Tables

    private static func table(_ settings: [SettingSignature]) -> String {
        var text = "| key | what it takes | default | |\n|---|---|---|---|\n"
        for setting in settings {
            let initial =
                setting.isRequired ? "required" : setting.defaultText.map { "`\($0)`" } ?? ""
            text +=
                "| `\(setting.name)` | \(cell(setting.kind.expected)) | \(cell(initial)) |"
                + " \(cell(setting.documentation)) |\n"
        }
        return text
    }

    private static func cell(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: true).joined(separator: " ")
            .replacingOccurrences(of: "|", with: "\\|")
    }
}

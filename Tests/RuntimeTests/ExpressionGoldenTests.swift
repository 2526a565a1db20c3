import Foundation
import PipelineDSL
import TestSupport
import Testing

import Planner
import Runtime

/// Expressions and their values: `Tests/Golden/functions/*.txt`, and every example of the catalogue.
///
/// ```
/// # a heading
/// 7 / 2 => 3
/// 1 / 0 => PIPE0551
/// ```
@Suite struct ExpressionGoldenTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Golden/functions")

    private static func files() throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "txt" }.sorted { $0.path < $1.path }
    }

    @Test func expressionsHaveTheValuesTheGoldensSay() throws {
        var count = 0
        for url in try Self.files() {
            let text = try String(contentsOf: url, encoding: .utf8)
            var lines: [String] = []
            for line in text.components(separatedBy: "\n") {
                guard let arrow = line.range(of: " => "), !line.hasPrefix("#") else {
                    lines.append(line)
                    continue
                }
                count += 1
                let expression = String(line[..<arrow.lowerBound])
                let actual = check(expression)
                let expected = String(line[arrow.upperBound...])
                if actual != expected, !isUpdating {
                    Issue.record(
                        "\(url.lastPathComponent): \(expression)\nexpected: \(expected)\nactual:   \(actual)"
                    )
                }
                lines.append("\(expression) => \(actual)")
            }
            if isUpdating {
                try lines.joined(separator: "\n").write(to: url, atomically: true, encoding: .utf8)
            }
        }
        #expect(count > 500)
    }

    private var isUpdating: Bool { TestRun.isUpdatingGoldens }

    @Test func examplesOfTheCatalogueAreTrue() throws {
        var count = 0
        for function in FunctionCatalogue.standard.functions where function.kind == .scalar {
            for example in function.examples {
                count += 1
                let actual = check(example.expression)
                #expect(
                    actual == example.result, "\(function.name): \(example.expression)")
            }
        }
        #expect(count > 150)
    }

    /// The value as text, computed three ways that must agree: folded when compiled, over columns
    /// in one batch, and over columns of which every third row is null.
    private func check(_ text: String) -> String {
        do {
            let typed = try Evaluate.typed(text)
            let one = Batch(columns: [], count: 1)
            let folded = Evaluate.texts(try Evaluate.evaluate(typed, one, Schema()))[0]
            try compareOverColumns(typed, text, expected: folded)
            return folded
        } catch let error as RunError {
            return error.diagnostic.code.description
        } catch {
            return "\(error)"
        }
    }

    private func compareOverColumns(
        _ typed: TypedExpression, _ text: String, expected: String
    ) throws {
        var constants: [(value: Value, type: DataType)] = []
        let general = typed.literalsAsColumns(&constants)
        let schema = Schema(
            constants.enumerated().map { Field("c\($0)", $1.type) })
        let rows = 131
        for withNulls in [false, true] {
            let columns = try constants.map { constant in
                let values = (0..<rows).map { withNulls && $0 % 3 == 1 ? .null : constant.value }
                return try #require(Column.from(values, type: constant.type))
            }
            let batch = Batch(columns: columns, count: rows)
            let actual = Evaluate.texts(try Evaluate.evaluate(general, batch, schema))
            for row in 0..<rows where !withNulls || row % 3 != 1 {
                guard actual[row] != expected else { continue }
                Issue.record(
                    "\(text): \(actual[row]) over columns (row \(row)), folded \(expected)")
                break
            }
        }
    }
}

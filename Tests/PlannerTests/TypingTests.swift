import PipelineDSL
import Testing

import Planner

/// Expressions with the type, nullability and fallibility they get, or what is wrong with them.
@Suite struct TypingTests {
    @Test func expressionsGetTheTypesTheGoldensSay() throws {
        var count = 0
        for url in try TypingGolden.files(suffix: "expr") {
            var golden = try TypingGolden(url)
            count += try golden.check(describe)
        }
        #expect(count > 200)
    }

    private func describe(_ text: String, _ environment: TypingGolden.Environment) -> [String] {
        let relation = environment.relations.last ?? (name: "t", schema: Schema())
        let scope = Scope(relation.schema, name: relation.name)
        var bag = DiagnosticBag()
        let source = SourceText(text: text, file: "golden")
        let typed = environment.checker.check(source, in: scope, diagnostics: &bag)
        var result = bag.sorted.flatMap { lines(of: $0, in: text) }
        if let typed {
            let marks =
                (typed.isNullable ? " nullable" : "") + (typed.isFallible ? " fallible" : "")
            result.append("\(typed.sql(relation.schema)) : \(typed.type)\(marks)")
        }
        return result
    }
}

import PipelineDSL
import Testing

import Planner

/// The catalogue agrees with itself and with the checker.
@Suite struct FunctionsTests {
    private let catalogue = FunctionCatalogue.standard

    @Test func namesAreUnique() {
        var names: Set<String> = []
        for function in catalogue.functions {
            #expect(names.insert(function.name).inserted, "\(function.name) is there twice")
        }
        var callable: [String: [FunctionSignature.Kind]] = [:]
        for function in catalogue.functions where function.isCallable {
            for name in [function.spelling] + function.aliases {
                callable[name, default: []].append(function.kind)
            }
        }
        for (name, kinds) in callable {
            #expect(kinds.count == 1, "\(name) is called by \(kinds.count) functions")
        }
    }

    @Test func everyFunctionIsDocumented() {
        for function in catalogue.functions {
            #expect(!function.documentation.isEmpty)
            #expect(!function.overloads.isEmpty, "\(function.name)")
            #expect(function.documentation.hasSuffix("."), "\(function.name)")
            for line in function.usage { #expect(line.contains("→")) }
        }
    }

    @Test func everyExampleTypes() {
        let checker = ExpressionChecker()
        var count = 0
        for function in catalogue.functions {
            for example in function.examples {
                var bag = DiagnosticBag()
                let source = SourceText(text: example.expression, file: "example")
                let typed = checker.check(source, in: Scope(), diagnostics: &bag)
                #expect(typed != nil, "\(function.name): \(example.expression): \(bag.all)")
                count += 1
            }
        }
        #expect(count > 150)
    }

    /// A call in a plan is found again by its name and the types of its arguments.
    @Test func callsInPlansFitTheirOverloadExactly() {
        let checker = ExpressionChecker()
        for function in catalogue.functions {
            for example in function.examples {
                var bag = DiagnosticBag()
                let source = SourceText(text: example.expression, file: "example")
                guard let typed = checker.check(source, in: Scope(), diagnostics: &bag) else {
                    continue
                }
                expectExactCalls(typed)
            }
        }
    }

    private func expectExactCalls(_ expression: TypedExpression) {
        if case .call(let name, let arguments) = expression.kind {
            let overload = catalogue.overload(of: name, arguments)
            #expect(overload != nil, "\(name) \(arguments.map(\.type))")
            #expect(overload?.resultType(arguments) == expression.type, "\(name)")
        }
        for child in expression.children { expectExactCalls(child) }
    }

    @Test func literalsOfEveryTypeAreReadAndWritten() {
        let cases: [(DataType, String, String?)] = [
            (.boolean, "yes", "TRUE"), (.boolean, "maybe", nil), (.integer, " 12 ", "12"),
            (.integer, "2147483648", nil), (.integer, "1.0", nil), (.bigint, "-5", "-5"),
            (.double, "1e3", "1000.0"), (.double, "0x10", nil),
            (.double, "nan", "CAST('NaN' AS double)"),
            (.real, "0.1", "0.1"), (.real, "1e39", nil),
            (.decimal(precision: 5, scale: 2), "1.5", "1.50"),
            (.decimal(precision: 5, scale: 2), "1.505", nil),
            (.decimal(precision: 5, scale: 2), "1000", nil),
            (.decimal(precision: 5, scale: 2), "1.5e2", "150.00"),
            (
                .decimal(precision: 38, scale: 0), String(repeating: "9", count: 38),
                String(repeating: "9", count: 38)
            ),
            (.date, "2026-02-28", "DATE '2026-02-28'"), (.date, "2026-02-29", nil),
            (.date, "2024-02-29", "DATE '2024-02-29'"), (.date, "0001-01-01", "DATE '0001-01-01'"),
            (.time, "8:15", "TIME '08:15:00'"), (.time, "24:00", nil),
            (.timestamp, "2026-01-01", "TIMESTAMP '2026-01-01 00:00:00'"),
            (.timestamp, "1969-12-31T23:59:59.999999Z", "TIMESTAMP '1969-12-31 23:59:59.999999'"),
            (.timestamp, "2026-01-01 00:00:00 UTC", "TIMESTAMP '2026-01-01 00:00:00'"),
            (.timestamp, "2026-01-01 00:00:00+25:00", nil),
            (.interval, "5 minutes", "INTERVAL '5 minutes'"), (.interval, "soon", nil),
            (
                .uuid, "123E4567-e89b-12d3-a456-426614174000",
                "UUID '123e4567-e89b-12d3-a456-426614174000'"
            ),
            (.uuid, "123", nil), (.json, "[1, {\"a\": null}]", "JSON '[1, {\"a\": null}]'"),
            (.json, "[1,", nil), (.json, "01", nil),
            (.json, String(repeating: "[", count: 600), nil),
            (.bytes, "\\x00ff", "X'00ff'"), (.bytes, "\\x0", nil), (.string, "it's", "'it''s'"),
            (.array(.integer), "[1]", nil),
        ]
        for (type, text, expected) in cases {
            #expect(Value.parse(text, as: type)?.sql(type) == expected, "\(type) \(text)")
        }
    }

    @Test func decimalsHaveTheTypesOfSQLServer() {
        func decimal(_ precision: Int, _ scale: Int) -> DataType {
            .decimal(precision: precision, scale: scale)
        }
        #expect(DecimalTypes.adding(decimal(12, 2), decimal(10, 4)) == decimal(15, 4))
        #expect(DecimalTypes.multiplying(decimal(12, 2), decimal(12, 2)) == decimal(25, 4))
        #expect(DecimalTypes.dividing(decimal(12, 2), decimal(12, 2)) == decimal(27, 15))
        #expect(DecimalTypes.multiplying(decimal(38, 10), decimal(38, 10)) == decimal(38, 6))
        #expect(DecimalTypes.dividing(decimal(38, 0), decimal(38, 38)) == decimal(38, 6))
        #expect(DecimalTypes.adding(decimal(38, 0), decimal(38, 0)) == decimal(38, 0))
        #expect(DecimalTypes.adding(decimal(38, 38), decimal(38, 0)) == decimal(38, 6))
        #expect(DecimalTypes.modulo(decimal(5, 2), decimal(3, 0)) == decimal(5, 2))
        #expect(DecimalTypes.rounded(decimal(5, 2), digits: 0) == decimal(4, 0))
        #expect(DecimalTypes.rounded(decimal(5, 2), digits: 7) == decimal(5, 2))
        #expect(DecimalTypes.rounded(decimal(2, 2), digits: -3) == decimal(1, 0))
    }
}

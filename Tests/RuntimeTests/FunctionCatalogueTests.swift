import PipelineDSL
import Testing

import Planner
import Runtime

/// The catalogue promises functions; the runtime must have a kernel for every overload of each.
@Suite struct FunctionCatalogueTests {
    /// Types a type variable is tried with.
    static let any: [DataType] = [
        .boolean, .integer, .bigint, .real, .double, .decimal(precision: 12, scale: 3), .string,
        .bytes, .date, .time, .timestamp, .interval, .uuid, .array(.string),
        .structure([Field("a", .bigint), Field("b", .string)]), .json, .map(.string, .double),
    ]

    @Test func everyScalarOverloadHasAKernel() throws {
        var count = 0
        for function in FunctionCatalogue.standard.functions
        where function.kind == .scalar && function.hasKernel {
            for call in CatalogueCalls.calls(of: function) {
                count += 1
                do {
                    _ = try CompiledExpression(
                        call, input: CatalogueCalls.schema(call), run: Evaluate.run)
                } catch let error as RunError {
                    Issue.record("\(function.name): \(error.diagnostic.message)")
                }
            }
        }
        #expect(count > 500)
    }

    @Test func everyKernelIsInTheCatalogue() {
        let known = Set(FunctionCatalogue.standard.functions.map(\.name))
        let unknown = KernelTable.names.filter { !known.contains($0) }
        #expect(unknown == [])
    }

    @Test func everyAggregateOverloadHasAnAccumulator() throws {
        var count = 0
        for function in FunctionCatalogue.standard.functions
        where function.kind == .aggregate && function.name != "grouping" {
            for call in CatalogueCalls.calls(of: function) {
                count += 1
                _ = try CompiledAggregate(
                    CatalogueCalls.aggregate(call), input: CatalogueCalls.schema(call),
                    run: Evaluate.run)
            }
        }
        #expect(count > 80)
    }
}

/// A call of every overload, over columns.
enum CatalogueCalls {
    static func calls(of function: FunctionSignature) -> [TypedExpression] {
        function.overloads.flatMap { overload in
            variables(overload).flatMap { variable in
                keywords(overload).map { word in
                    call(function, overload, variable: variable, keyword: word)
                }
            }
        }
    }

    /// What T stands for, one call each.
    private static func variables(_ overload: Overload) -> [DataType] {
        let all = overload.parameters + overload.repeated
        var types: [DataType]?
        for parameter in all {
            switch parameter.kind {
            case .common(let typeClass):
                types = FunctionCatalogueTests.any.filter { TypeRules.belongs($0, to: typeClass) }
            case .array, .any, .map: types = types ?? FunctionCatalogueTests.any
            default: break
            }
        }
        return types ?? [.null]
    }

    private static func keywords(_ overload: Overload) -> [String] {
        for parameter in overload.parameters {
            if case .keyword(let words) = parameter.kind { return words }
        }
        return [""]
    }

    private static func call(
        _ function: FunctionSignature, _ overload: Overload, variable: DataType, keyword: String
    ) -> TypedExpression {
        var parameters = overload.parameters
        parameters += overload.repeated + overload.repeated
        let arguments = parameters.enumerated().map { index, parameter in
            argument(parameter, index, function, variable, keyword)
        }
        let type: DataType =
            switch overload.result {
            case .type(let type): type
            case .common: variable
            case .arrayOfCommon: .array(variable)
            case .argument(let index): arguments[index].type
            case .computed(_, let rule): rule(arguments)
            }
        return TypedExpression(
            .call(function.name, arguments), type: type, nullable: true, fallible: true)
    }

    private static func argument(
        _ parameter: Parameter, _ index: Int, _ function: FunctionSignature, _ variable: DataType,
        _ keyword: String
    ) -> TypedExpression {
        let type: DataType =
            switch parameter.kind {
            case .type(let type): type
            case .decimal: .decimal(precision: 12, scale: 3)
            case .common, .any: variable
            case .array: .array(variable)
            case .map: .map(.string, variable)
            case .mapKey: .string
            case .structure: .structure([Field("a", .bigint), Field("b", .string)])
            case .keyword: .string
            }
        if case .keyword = parameter.kind { return .literal(.string(keyword), .string) }
        if parameter.isConstant { return .literal(constant(parameter, type, function), type) }
        return TypedExpression(.column(index), type: type, nullable: true, fallible: false)
    }

    private static func constant(
        _ parameter: Parameter, _ type: DataType, _ function: FunctionSignature
    ) -> Value {
        switch (parameter.name, type) {
        case ("options", _): .string("i")
        case ("escape", _): .string("#")
        case ("format", _): .string("%Y-%m-%d")
        case ("pattern", _): .string("YYYY-MM-DD")
        case (_, .string): .string(", ")
        case (_, .double): .double(0.25)
        default: .integer(0)
        }
    }

    /// The columns the call reads.
    static func schema(_ call: TypedExpression) -> Schema {
        Schema(call.children.enumerated().map { Field("c\($0)", $1.type) })
    }

    static func aggregate(
        _ call: TypedExpression, distinct: Bool = false
    ) -> Aggregate.Call {
        guard case .call(let name, let arguments) = call.kind else {
            return Aggregate.Call(
                name: "", function: "", arguments: [], type: .null, nullable: true)
        }
        return Aggregate.Call(
            name: "x", function: name, arguments: arguments, isDistinct: distinct, type: call.type,
            nullable: true)
    }
}

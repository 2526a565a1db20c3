import PipelineDSL
import Planner

/// Whether a call is one that the checker could have made. A plan file may be edited, and kernels
/// rely on the number and the types of their arguments.
enum CallCheck {
    static func isSound(
        _ name: String, _ arguments: [TypedExpression], to result: DataType,
        kind: FunctionSignature.Kind
    ) -> Bool {
        guard let function = FunctionCatalogue.standard[name], function.kind == kind else {
            return false
        }
        return function.overloads.contains { overload in
            overload.accepts(count: arguments.count) && isSound(overload, arguments, result)
        }
    }

    private static func isSound(
        _ overload: Overload, _ arguments: [TypedExpression], _ result: DataType
    ) -> Bool {
        var variable: DataType?
        for (index, argument) in arguments.enumerated() {
            guard let parameter = overload.parameter(index),
                fits(argument, parameter, first: arguments[0].type, &variable)
            else { return false }
        }
        switch overload.result {
        case .type(let type): return type == result
        case .common: return variable.map { $0.isAlike(result) } ?? true
        case .arrayOfCommon: return variable.map { DataType.array($0).isAlike(result) } ?? true
        case .argument(let index):
            return arguments.indices.contains(index) && arguments[index].type.isAlike(result)
        case .computed(_, let rule):
            // The scale of a decimal may follow from a constant that a rewrite has changed.
            let type = rule(arguments)
            return type.isAlike(result) || (type.isDecimal && result.isDecimal)
        }
    }

    private static func fits(
        _ argument: TypedExpression, _ parameter: Parameter, first: DataType,
        _ variable: inout DataType?
    ) -> Bool {
        if parameter.isConstant {
            guard case .literal(let value) = argument.kind, value != .null else { return false }
        }
        switch parameter.kind {
        case .any: return true
        case .type(let type): return argument.type == type
        case .decimal: return argument.type.isDecimal
        case .structure: if case .structure = argument.type { return true }
        case .map: if case .map = argument.type { return true }
        case .mapKey: if case .map(let key, _) = first { return key.isAlike(argument.type) }
        case .keyword(let words):
            if case .literal(.string(let word)) = argument.kind { return words.contains(word) }
        case .common: return unify(argument.type, &variable)
        case .array:
            if case .array(let element) = argument.type { return unify(element, &variable) }
        }
        return false
    }

    private static func unify(_ type: DataType, _ variable: inout DataType?) -> Bool {
        guard let known = variable else {
            variable = type
            return true
        }
        return known.isAlike(type)
    }
}

extension DataType {
    /// The same but for what inside structs may be null, which makes no difference to values.
    func isAlike(_ other: DataType) -> Bool {
        switch (self, other) {
        case (.array(let a), .array(let b)): return a.isAlike(b)
        case (.map(let k1, let v1), .map(let k2, let v2)): return k1.isAlike(k2) && v1.isAlike(v2)
        case (.structure(let a), .structure(let b)):
            return a.count == b.count && zip(a, b).allSatisfy { $0.type.isAlike($1.type) }
        default: return self == other
        }
    }
}

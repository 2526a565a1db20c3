import PipelineDSL

/// The one form of all expressions that say the same in another order.
///
/// Operands of `AND`, `OR`, `=`, `<>`, `+` and `*` are sorted, comparisons have the constant on the
/// right, `NOT` moves into an equality, the values of `IN` are sorted. Each of these keeps the value
/// for every row, nulls and errors included.
enum Canonical {
    /// As SQL, with columns named by `name`.
    static func text(_ expression: TypedExpression, _ name: @escaping (Int) -> String) -> String {
        form(expression, name).sql(name)
    }

    private static func form(
        _ expression: TypedExpression, _ name: @escaping (Int) -> String
    ) -> TypedExpression {
        expression.rewritten { step($0, name) }
    }

    private static func step(
        _ expression: TypedExpression, _ name: @escaping (Int) -> String
    ) -> TypedExpression {
        var copy = expression
        switch expression.kind {
        case .literal(let value): return number(value, expression)
        case .and(let operands): copy.kind = .and(sorted(operands.flatMap(\.conjuncts), name))
        case .or(let operands): copy.kind = .or(sorted(operands.flatMap(disjuncts), name))
        case .not(let operand): return negated(copy, operand)
        case .inList(let operand, let values):
            let sorted = Set(values).sorted { $0.sql(operand.type) < $1.sql(operand.type) }
            copy.kind = .inList(operand, sorted)
        case .call(let function, let operands) where operands.count == 2:
            copy.kind = ordered(function, operands, name)
        default: break
        }
        return copy
    }

    /// A number without the zeros its type gives it: 180 for 180.0 and 180.00.
    private static func number(_ value: Value, _ expression: TypedExpression) -> TypedExpression {
        switch (value, expression.type) {
        case (.double(let double), _):
            guard let whole = Int64(exactly: double), whole.magnitude < 1_000_000_000_000_000 else {
                return expression
            }
            return .literal(.integer(whole), .bigint, span: expression.span)
        case (.wide(var digits), .decimal(_, var scale)):
            while scale > 0, digits % 10 == 0 {
                digits /= 10
                scale -= 1
            }
            return .literal(
                .wide(digits), .decimal(precision: 38, scale: scale), span: expression.span)
        default: return expression
        }
    }

    private static func disjuncts(_ expression: TypedExpression) -> [TypedExpression] {
        if case .or(let operands) = expression.kind { operands.flatMap(disjuncts) } else { [expression] }
    }

    /// Without repetitions, in the order of their text; bounds of one value stand together, the
    /// lower one first.
    private static func sorted(
        _ operands: [TypedExpression], _ name: @escaping (Int) -> String
    ) -> [TypedExpression] {
        var kept: [(key: (String, Int, String), operand: TypedExpression)] = []
        for operand in operands where !kept.contains(where: { $0.operand == operand }) {
            kept.append((sortKey(operand, name), operand))
        }
        return kept.sorted { $0.key < $1.key }.map(\.operand)
    }

    private static func sortKey(
        _ operand: TypedExpression, _ name: @escaping (Int) -> String
    ) -> (String, Int, String) {
        let text = operand.sql(name)
        guard case .call(let function, let operands) = operand.kind, operands.count == 2,
            let rank = ["eq", "ne", "gt", "ge", "lt", "le"].firstIndex(of: function)
        else { return (text, -1, text) }
        return (operands[0].sql(name), rank, text)
    }

    private static func negated(
        _ expression: TypedExpression, _ operand: TypedExpression
    ) -> TypedExpression {
        switch operand.kind {
        case .not(let inner): return inner
        case .call("eq", let operands): return expression.with(.call("ne", operands))
        case .call("ne", let operands): return expression.with(.call("eq", operands))
        default: return expression
        }
    }

    private static let mirrored = [
        "eq": "eq", "ne": "ne", "lt": "gt", "gt": "lt", "le": "ge", "ge": "le", "add": "add",
        "multiply": "multiply",
    ]

    private static func ordered(
        _ function: String, _ operands: [TypedExpression], _ name: @escaping (Int) -> String
    ) -> TypedExpression.Kind {
        let (left, right) = (operands[0], operands[1])
        let same = TypedExpression.Kind.call(function, operands)
        guard let mirror = mirrored[function], left.type == right.type else { return same }
        let isArithmetic = function == "add" || function == "multiply"
        // A product reads better with its constant in front, and a chain must keep its order.
        if isArithmetic, left.literal != nil || right.literal != nil { return same }
        let before = (left.literal == nil ? 0 : 1, left.sql(name))
        let after = (right.literal == nil ? 0 : 1, right.sql(name))
        return before <= after ? same : .call(mirror, [right, left])
    }
}

extension TypedExpression {
    func with(_ kind: Kind) -> TypedExpression {
        var copy = self
        copy.kind = kind
        return copy
    }
}

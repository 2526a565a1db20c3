import PipelineDSL

// Where null can and cannot be, after a filter has been passed.

extension Filter {
    /// The input's columns, never null where the predicate could not be true otherwise:
    /// `km > 0` leaves no row without `km`.
    public func schema(_ input: Schema) -> Schema {
        var schema = input
        for index in predicate.columnsIfTrue where schema.fields.indices.contains(index) {
            schema.fields[index].nullable = false
        }
        return schema
    }
}

extension Validate {
    /// The input's columns, never null where a rule could not hold otherwise. A rule that is unknown
    /// lets a row pass, so only one that never is proves anything.
    public func schema(_ input: Schema) -> Schema {
        var schema = input
        for rule in rules where rule.severity != .warn && !rule.check.isNullable {
            for index in rule.check.columnsIfTrue where schema.fields.indices.contains(index) {
                schema.fields[index].nullable = false
            }
        }
        return schema
    }
}

extension TypedExpression {
    /// Columns that are not null wherever this is true.
    var columnsIfTrue: Set<Int> {
        switch kind {
        case .and(let operands):
            operands.reduce(into: []) { $0.formUnion($1.columnsIfTrue) }
        case .or(let operands):
            operands.dropFirst().reduce(operands.first?.columnsIfTrue ?? []) {
                $0.intersection($1.columnsIfTrue)
            }
        case .not(let operand):
            if case .isNull(let tested) = operand.kind {
                tested.columnsIfKnown
            } else {
                operand.columnsIfKnown
            }
        default: columnsIfKnown
        }
    }

    /// Columns that are not null wherever this is not.
    private var columnsIfKnown: Set<Int> {
        switch kind {
        case .column(let index): [index]
        case .cast(let operand, _), .not(let operand), .inList(let operand, _):
            operand.columnsIfKnown
        case .call where isStrictCall:
            children.reduce(into: []) { $0.formUnion($1.columnsIfKnown) }
        default: []
        }
    }

    /// Whether a null argument makes it null.
    private var isStrictCall: Bool { nullRule?.isStrict ?? false }

    /// What the call does with nulls; `nil` where its overloads differ in it, or it is none.
    private var nullRule: NullRule? {
        guard case .call(let name, let arguments) = kind,
            let function = FunctionCatalogue.standard[name]
        else { return nil }
        let rules = Set(
            function.overloads.filter { $0.accepts(count: arguments.count) }.map(\.nulls))
        return rules.count == 1 ? rules.first : nil
    }

    /// The same, never null where the columns of `schema` leave no way for it.
    func tightened(over schema: Schema) -> TypedExpression {
        rewritten { expression in
            guard expression.isNullable else { return expression }
            var copy = expression
            switch expression.kind {
            case .column(let index):
                copy.isNullable = schema.fields[safe: index]?.nullable ?? true
            case .and, .or, .not, .inList, .cast(_, isTry: false):
                // A null among the values of IN makes the answer unknown.
                if case .inList(_, let values) = expression.kind, values.contains(.null) { break }
                copy.isNullable = expression.children.contains { $0.isNullable }
            case .call where expression.nullRule == .strict:
                copy.isNullable = expression.children.contains { $0.isNullable }
            case .coalesce(let operands):
                copy.isNullable = operands.allSatisfy(\.isNullable)
            case .caseWhen(let branches, let otherwise):
                copy.isNullable = (branches.map(\.then) + [otherwise]).contains(where: \.isNullable)
            default: break
            }
            return copy
        }
    }
}

extension LogicalNode {
    /// The same tree with what filters prove carried on to the operations above them.
    func tightened() -> LogicalNode {
        rewritten { node in
            var copy = node
            let first = node.inputs.first?.schema ?? Schema()
            let second = node.inputs.count > 1 ? node.inputs[1].schema : Schema()
            copy.operation = node.operation.mapExpressions { expression, input in
                switch input {
                case 0: expression.tightened(over: first)
                case 1: expression.tightened(over: second)
                default: expression.tightened(over: Schema(first.fields + second.fields))
                }
            }
            guard !node.inputs.isEmpty,
                let yielded = try? copy.operation.schema(
                    of: node.inputs.map(\.schema), declared: node.schema, relation: { _ in nil }),
                yielded.fields.count == node.schema.fields.count
            else { return copy }
            for index in copy.schema.fields.indices where !yielded.fields[index].nullable {
                copy.schema.fields[index].nullable = false
            }
            return copy
        }
    }
}

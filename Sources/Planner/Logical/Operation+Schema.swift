import PipelineDSL

/// What an operation yields for given inputs, or why it cannot stand there.
///
/// This is the one definition of every operation's output. The steps and the query planner build
/// nodes whose schema must agree with it, the driver of the rewrites checks that it still does,
/// and the validator of plan files refuses a plan that does not.
extension Operation {
    /// Why an operation does not fit its inputs: which part of it, and what is wrong.
    public struct Misfit: Error, Hashable, Sendable {
        /// Into the JSON form of the operation: `predicate`, `columns/2/expression`.
        public var path: [String]
        public var reason: String

        public init(_ path: [String], _ reason: String) {
            self.path = path
            self.reason = reason
        }
    }

    /// How many inputs it takes.
    public var arity: ClosedRange<Int> {
        switch self {
        // One, but it is a node and no operator.
        case .input, .late: 0...0
        case .values: 0...0
        case .lookup, .join, .setOperation: 2...2
        case .union: 1...Int.max
        default: 1...1
        }
    }

    /// The relation it yields. `relation` is what `input` reads from a node of the pipeline;
    /// `declared` is what `values` and `late`, which have no other place for it, say their columns are.
    public func schema(
        of inputs: [Schema], declared: Schema, relation: (String) -> Schema?
    ) throws(Misfit) -> Schema {
        guard arity.contains(inputs.count) else {
            throw Misfit([], "`\(name.rawValue)` cannot have \(inputs.count) inputs")
        }
        let first = inputs.first ?? Schema()
        switch self {
        case .input(let payload): return try payload.schema(relation)
        case .late(let payload):
            guard relation(payload.node) != nil else {
                throw Misfit(["node"], "there is no node `\(payload.node)` before this one")
            }
            return declared
        case .values(let payload): return try payload.schema(declared)
        case .filter(let payload):
            try payload.predicate.expect(.boolean, first, ["predicate"])
            return payload.schema(first)
        case .project(let payload):
            for (index, column) in payload.columns.enumerated() {
                try column.expression.expect(nil, first, ["columns", "\(index)", "expression"])
            }
            return payload.schema
        case .validate(let payload):
            for (index, rule) in payload.rules.enumerated() {
                try rule.check.expect(.boolean, first, ["rules", "\(index)", "check"])
            }
            return payload.schema(first)
        case .dedupe(let payload): return try payload.schema(first)
        case .lookup(let payload): return try payload.schema(first, inputs[1])
        case .join(let payload): return try payload.schema(first, inputs[1])
        case .aggregate(let payload): return try payload.schema(first)
        case .latest(let payload):
            try first.expectPositions(payload.by, ["by"])
            try payload.order.expect(nil, first, ["order"])
            return first
        case .distinctOn(let payload):
            try payload.on.expect(first, ["on"])
            try payload.orderBy.expect(first, ["order_by"])
            return first
        case .window(let payload): return try payload.schema(first)
        case .unnest(let payload): return try payload.schema(first)
        case .sort(let payload):
            try payload.keys.expect(first, ["keys"])
            try expectNotNegative(payload.limit, ["limit"])
            return first
        case .limit(let payload):
            try expectNotNegative(payload.count, ["count"])
            try expectNotNegative(payload.offset, ["offset"])
            return first
        case .union, .setOperation: return try Self.common(inputs)
        }
    }

    /// The columns of inputs that are put under each other: one to one, of equal types.
    private static func common(_ inputs: [Schema]) throws(Misfit) -> Schema {
        var result = inputs.first ?? Schema()
        for input in inputs.dropFirst() {
            guard input.fields.count == result.fields.count else {
                throw Misfit([], "its inputs have different numbers of columns")
            }
            for index in result.fields.indices {
                guard input.fields[index].type == result.fields[index].type else {
                    throw Misfit([], "column \(index) of its inputs has different types")
                }
                if input.fields[index].nullable { result.fields[index].nullable = true }
                result.fields[index].pii = mergedPII(
                    result.fields[index].pii, input.fields[index].pii)
            }
        }
        return result
    }
}

/// The class of what holds data of both classes: `email, name`.
func mergedPII(_ a: String?, _ b: String?) -> String? {
    guard let a else { return b }
    guard let b, a != b else { return a }
    let classes = Set((a + ", " + b).split(separator: ", ").map(String.init))
    return classes.sorted().joined(separator: ", ")
}

private func expectNotNegative(_ value: Int64?, _ path: [String]) throws(Operation.Misfit) {
    if let value, value < 0 { throw .init(path, "is negative") }
}

private func expectPositive(_ value: Int64, _ path: [String]) throws(Operation.Misfit) {
    if value <= 0 { throw .init(path, "is not positive") }
}

private func expectCall(
    _ name: String, _ kinds: Set<FunctionSignature.Kind>, _ arguments: [TypedExpression],
    _ type: DataType, _ path: [String]
) throws(Operation.Misfit) {
    if let reason = FunctionCatalogue.standard.misfit(name, kinds, arguments, type) {
        throw .init(path + ["function"], reason)
    }
}

extension Schema {
    func expectPositions(_ positions: [Int], _ path: [String]) throws(Operation.Misfit) {
        for (index, position) in positions.enumerated() where !fields.indices.contains(position) {
            throw .init(
                path + ["\(index)"],
                "there is no column \(position); there are \(fields.count) columns")
        }
    }
}

extension [TypedExpression] {
    fileprivate func expect(_ schema: Schema, _ path: [String]) throws(Operation.Misfit) {
        for (index, expression) in enumerated() {
            try expression.expect(nil, schema, path + ["\(index)"])
        }
    }
}

extension [SortKey] {
    fileprivate func expect(_ schema: Schema, _ path: [String]) throws(Operation.Misfit) {
        for (index, key) in enumerated() {
            try key.expression.expect(nil, schema, path + ["\(index)", "expression"])
        }
    }
}

extension Input {
    fileprivate func schema(_ relation: (String) -> Schema?) throws(Operation.Misfit) -> Schema {
        guard let all = relation(node) else {
            throw .init(["node"], "there is no node `\(node)` before this one")
        }
        guard let columns else { return all }
        try all.expectPositions(columns, ["columns"])
        guard zip(columns, columns.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw .init(["columns"], "the positions are not ascending")
        }
        return Schema(columns.map { all.fields[$0] })
    }
}

extension Values {
    fileprivate func schema(_ declared: Schema) throws(Operation.Misfit) -> Schema {
        for (index, row) in rows.enumerated() {
            guard row.count == declared.fields.count else {
                throw .init(
                    ["rows", "\(index)"], "has \(row.count) values, not \(declared.fields.count)")
            }
            for (column, value) in row.enumerated() {
                let path = ["rows", "\(index)", "\(column)"]
                try value.expect(declared.fields[column].type, Schema(), path)
            }
        }
        return declared
    }
}

extension Dedupe {
    fileprivate func schema(_ input: Schema) throws(Operation.Misfit) -> Schema {
        try input.expectPositions(on, ["on"])
        try expectNotNegative(within, ["within"])
        if let eventTime {
            try input.expectPositions([eventTime], ["event_time"])
            guard input.fields[eventTime].type == .timestamp else {
                throw .init(["event_time"], "column \(eventTime) is not a timestamp")
            }
        } else if within != nil {
            throw .init(["within"], "needs `event_time`")
        }
        if case .bloom(let rate) = method, !(rate > 0 && rate < 1) {
            throw .init(["method", "bloom"], "is not between 0 and 1")
        }
        return input
    }
}

extension Lookup {
    fileprivate func schema(_ input: Schema, _ table: Schema) throws(Operation.Misfit) -> Schema {
        try input.expectPositions(keys, ["keys"])
        try table.expectPositions(tableKeys, ["table_keys"])
        try table.expectPositions(take, ["take"])
        guard keys.count == tableKeys.count, !keys.isEmpty else {
            throw .init(["table_keys"], "there must be as many as `keys`, and at least one")
        }
        for (key, tableKey) in zip(keys, tableKeys)
        where input.fields[key].type != table.fields[tableKey].type {
            throw .init(["table_keys"], "column \(tableKey) has another type than its key")
        }
        if let versions {
            try input.expectPositions([versions.time], ["versions", "time"])
            try table.expectPositions([versions.from], ["versions", "from"])
            let type = input.fields[versions.time].type
            guard Lookup.Versions.isOrdered(type), type == table.fields[versions.from].type else {
                throw .init(["versions"], "the columns are not of one type that orders versions")
            }
        }
        let taken = take.map { position in
            var field = table.fields[position]
            field.nullable = field.nullable || missing == .null
            return field
        }
        return Schema(input.fields + taken)
    }
}

extension Join {
    fileprivate func schema(_ left: Schema, _ right: Schema) throws(Operation.Misfit) -> Schema {
        try leftKeys.expect(left, ["left_keys"])
        try rightKeys.expect(right, ["right_keys"])
        guard leftKeys.count == rightKeys.count else {
            throw .init(["right_keys"], "there must be as many as `left_keys`")
        }
        for (index, pair) in zip(leftKeys, rightKeys).enumerated()
        where pair.0.type != pair.1.type {
            throw .init(["right_keys", "\(index)"], "has another type than the left key")
        }
        try residual?.expect(.boolean, Schema(left.fields + right.fields), ["residual"])
        try expectNotNegative(within, ["within"])
        return outputSchema(left, right)
    }

    /// The columns of both sides, nullable where the side may be missing.
    public func outputSchema(_ left: Schema, _ right: Schema) -> Schema {
        func nullable(_ schema: Schema) -> [Field] {
            schema.fields.map { field in
                var field = field
                field.nullable = true
                return field
            }
        }
        switch kind {
        case .semi, .anti: return left
        case .inner, .cross: return Schema(left.fields + right.fields)
        case .left: return Schema(left.fields + nullable(right))
        case .right: return Schema(nullable(left) + right.fields)
        case .full: return Schema(nullable(left) + nullable(right))
        }
    }
}

extension Window {
    fileprivate func schema(_ input: Schema) throws(Operation.Misfit) -> Schema {
        for (index, call) in calls.enumerated() {
            let path = ["calls", "\(index)"]
            try call.arguments.expect(input, path + ["arguments"])
            try call.filter?.expect(.boolean, input, path + ["filter"])
            try call.partitionBy.expect(input, path + ["partition_by"])
            try call.orderBy.expect(input, path + ["order_by"])
            try call.frame.expect(input, path + ["frame"])
            try expectCall(call.function, [.aggregate, .window], call.arguments, call.type, path)
        }
        return Schema(
            input.fields + calls.map { Field($0.name, $0.type, nullable: $0.isNullable) })
    }
}

extension Window.Frame {
    fileprivate func expect(_ input: Schema, _ path: [String]) throws(Operation.Misfit) {
        for (name, bound) in [("start", start), ("end", end)] {
            switch bound {
            case .preceding(let offset): try offset.expect(nil, input, path + [name, "preceding"])
            case .following(let offset): try offset.expect(nil, input, path + [name, "following"])
            case .unboundedPreceding, .currentRow, .unboundedFollowing: break
            }
        }
    }
}

extension Unnest {
    fileprivate func schema(_ input: Schema) throws(Operation.Misfit) -> Schema {
        try list.expect(nil, input, ["list"])
        guard case .array(let element) = list.type else {
            throw .init(["list"], "is not an array")
        }
        var fields = input.fields + [Field(name, element)]
        if let ordinality { fields.append(Field(ordinality, .bigint, nullable: keepEmpty)) }
        return Schema(fields)
    }
}

extension Aggregate {
    fileprivate func schema(_ input: Schema) throws(Operation.Misfit) -> Schema {
        try groups.map(\.expression).expect(input, ["groups"])
        for (index, call) in calls.enumerated() {
            let path = ["calls", "\(index)"]
            try call.arguments.expect(input, path + ["arguments"])
            try call.filter?.expect(.boolean, input, path + ["filter"])
            try call.orderBy.expect(input, path + ["order_by"])
            try expectCall(call.function, [.aggregate], call.arguments, call.type, path)
        }
        for (index, set) in (groupingSets ?? []).enumerated() {
            for group in set where !groups.indices.contains(group) {
                throw .init(["grouping_sets", "\(index)"], "there is no group \(group)")
            }
        }
        try eventWindow?.expect(input)
        return outputSchema
    }

    /// Window bounds, groups, then one column for each call.
    public var outputSchema: Schema {
        var fields: [Field] = []
        if eventWindow != nil {
            fields = ["window_start", "window_end"].map { Field($0, .timestamp, nullable: false) }
        }
        fields += groups.enumerated().map { index, group in
            var field = group.field
            // A group that a set leaves out is null in that set's rows.
            if let groupingSets, !groupingSets.allSatisfy({ $0.contains(index) }) {
                field.nullable = true
            }
            return field
        }
        return Schema(fields + calls.map { Field($0.name, $0.type, nullable: $0.isNullable) })
    }
}

extension Aggregate.EventWindow {
    fileprivate func expect(_ input: Schema) throws(Operation.Misfit) {
        let path = ["event_window"]
        switch self {
        case .tumble(_, let size): try expectPositive(size, path + ["size"])
        case .hop(_, let slide, let size):
            try expectPositive(slide, path + ["slide"])
            try expectPositive(size, path + ["size"])
        case .session(_, let gap): try expectPositive(gap, path + ["gap"])
        }
        try time.expect(.timestamp, input, path + ["time"])
    }

    public var time: TypedExpression {
        switch self {
        case .tumble(let time, _), .hop(let time, _, _), .session(let time, _): time
        }
    }
}

import PipelineDSL

extension TypedExpression {
    /// Deeper than any expression of the language gets; every walk over an expression may rely on
    /// it. Its JSON form then stays within what JSON decoders accept.
    public static let maximumDepth = 240

    /// Levels of the tree, itself included; stops counting past the bound.
    public var depth: Int { depth(atMost: Self.maximumDepth + 1) }

    private func depth(atMost limit: Int) -> Int {
        guard limit > 1 else { return 1 }
        return 1 + (children.map { $0.depth(atMost: limit - 1) }.max() ?? 0)
    }

    /// Whether it may be evaluated over rows of `schema`, and yields `wanted` where that is given.
    func expect(_ wanted: DataType?, _ schema: Schema, _ path: [String]) throws(Operation.Misfit) {
        if let wanted, type != wanted {
            throw .init(path, "yields \(type), not \(wanted)")
        }
        if let reason = misfit(schema, level: 1) { throw .init(path, reason) }
    }

    private func misfit(_ schema: Schema, level: Int) -> String? {
        guard level <= Self.maximumDepth else {
            return "is nested more than \(Self.maximumDepth) levels deep"
        }
        if let reason = ownMisfit(schema) { return reason }
        for child in children {
            if let reason = child.misfit(schema, level: level + 1) { return reason }
        }
        return nil
    }

    private func ownMisfit(_ schema: Schema) -> String? {
        func booleans(_ operands: [TypedExpression]) -> String? {
            let other = operands.first { $0.type != .boolean && $0.type != .null }
            return other.map { "has an operand of type \($0.type), not boolean" }
        }
        switch kind {
        case .column(let index):
            guard schema.fields.indices.contains(index) else {
                return "reads column \(index); there are \(schema.fields.count) columns"
            }
            let field = schema.fields[index]
            guard field.type == type else {
                return "reads column \(index) as \(type); it is \(field.type)"
            }
            return field.nullable && !isNullable
                ? "reads column \(index) as never null; it may be null" : nil
        case .literal(let value):
            if value == .null { return isNullable ? nil : "is null but says it never is" }
            return value.fits(type) ? nil : "is a constant that is no \(type)"
        case .and(let operands), .or(let operands): return booleans(operands)
        case .not(let operand): return booleans([operand])
        case .caseWhen(let branches, let otherwise):
            if let reason = booleans(branches.map(\.when)) { return reason }
            let results = branches.map(\.then) + [otherwise]
            return results.allSatisfy { $0.type == type } ? nil : "has branches of different types"
        case .coalesce(let operands):
            guard !operands.isEmpty else { return "has no operands" }
            return operands.allSatisfy { $0.type == type } ? nil : "has operands of different types"
        case .inList(let operand, let values):
            let fit = values.allSatisfy { $0 == .null || $0.fits(operand.type) }
            return fit ? nil : "compares with a value that is no \(operand.type)"
        case .call(let name, let operands): return callMisfit(name, operands)
        case .cast, .isNull: return nil
        }
    }
}

extension Value {
    /// Whether it is a value of `type`; null is one of every type.
    public func fits(_ type: DataType) -> Bool { fits(type, level: 0) }

    private func fits(_ type: DataType, level: Int) -> Bool {
        guard level < 64 else { return false }
        switch (self, type) {
        case (.null, _), (.boolean, .boolean), (.double, .real), (.double, .double): return true
        case (.integer(let value), .integer), (.integer(let value), .date):
            return Int32(exactly: value) != nil
        case (.integer, .bigint), (.integer, .timestamp): return true
        case (.integer(let value), .time): return (0...86_400_000_000).contains(value)
        case (.wide(let value), .decimal(let precision, _)):
            return String(value.magnitude).utf8.count <= precision
        case (.wide, .uuid), (.string, .string), (.string, .json), (.bytes, .bytes): return true
        case (.interval, .interval): return true
        case (.list(let values), .array(let element)):
            return values.allSatisfy { $0.fits(element, level: level + 1) }
        case (.structure(let values), .structure(let fields)):
            return values.count == fields.count
                && zip(values, fields).allSatisfy { $0.fits($1.type, level: level + 1) }
        case (.map(let pairs), .map(let key, let value)):
            return pairs.allSatisfy {
                $0.count == 2 && $0[0].fits(key, level: level + 1)
                    && $0[1].fits(value, level: level + 1)
            }
        default: return false
        }
    }
}

extension TypedExpression {
    private func callMisfit(_ name: String, _ operands: [TypedExpression]) -> String? {
        name.isEmpty ? "calls nothing" : nil
    }
}

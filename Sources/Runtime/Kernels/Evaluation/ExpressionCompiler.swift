import PipelineDSL
import Planner

/// Turns a typed expression into nodes, folding what is constant.
struct ExpressionCompiler {
    let input: Schema
    let run: RunConstants
    /// The parser bounds what it reads; this bounds a plan file.
    static let maxDepth = 2000

    func compile(_ expression: TypedExpression, depth: Int) throws -> any ExpressionNode {
        guard depth < ExpressionCompiler.maxDepth else {
            throw RunError(.noKernel, "the expression nests too deep", at: expression.span)
        }
        let node = try node(expression, depth: depth + 1)
        return fold(node)
    }

    private func node(_ expression: TypedExpression, depth: Int) throws -> any ExpressionNode {
        switch expression.kind {
        case .column(let index):
            guard input.fields.indices.contains(index) else {
                throw invalid("column \(index) of \(input.fields.count)", expression)
            }
            let field = input.fields[index]
            guard field.type == expression.type else {
                throw invalid(
                    "column \(field.name) is \(field.type), not \(expression.type)", expression)
            }
            return ColumnNode(index: index)
        case .literal(let value):
            guard let column = Column.from([value], type: expression.type) else {
                throw invalid("a literal that is no \(expression.type)", expression)
            }
            return ConstantNode(vector: Vector(column, isConstant: true))
        case .call(let name, let operands): return try call(name, operands, expression, depth)
        case .and(let operands):
            return LogicNode(operands: try booleans(operands, depth), isAnd: true)
        case .or(let operands):
            return LogicNode(operands: try booleans(operands, depth), isAnd: false)
        case .not(let operand): return NotNode(operand: try booleans([operand], depth)[0])
        case .caseWhen(let branches, let otherwise):
            return try caseNode(branches, otherwise, expression, depth)
        case .coalesce(let operands):
            try check(operands, are: expression.type)
            guard !operands.isEmpty else { throw invalid("coalesce of nothing", expression) }
            return CoalesceNode(
                operands: try operands.map { try compile($0, depth: depth) }, type: expression.type)
        case .cast(let operand, let isTry): return try cast(operand, isTry, expression, depth)
        case .isNull(let operand): return IsNullNode(operand: try compile(operand, depth: depth))
        case .inList(let operand, let values):
            guard let set = ValueSet(values, type: operand.type) else {
                throw invalid("an IN list whose values are no \(operand.type)", expression)
            }
            return InListNode(operand: try compile(operand, depth: depth), set: set)
        }
    }

    private func call(
        _ name: String, _ operands: [TypedExpression], _ expression: TypedExpression, _ depth: Int
    ) throws -> any ExpressionNode {
        let arguments = try operands.map { try compile($0, depth: depth) }
        let request = KernelRequest(
            name: name, arguments: operands.map(\.type), result: expression.type,
            constants: arguments.map { ($0 as? ConstantNode)?.vector.column }, run: run,
            span: expression.span)
        guard let kernel = try KernelTable.resolve(request) else {
            let types = operands.map { $0.type.description }.joined(separator: ", ")
            throw invalid("\(name)(\(types)) → \(expression.type)", expression)
        }
        return CallNode(
            name: name, arguments: arguments, kernel: kernel, type: expression.type,
            span: expression.span)
    }

    private func cast(
        _ operand: TypedExpression, _ isTry: Bool, _ expression: TypedExpression, _ depth: Int
    ) throws -> any ExpressionNode {
        let node = try compile(operand, depth: depth)
        if operand.type == expression.type { return node }
        guard let kernel = CastTable.kernel(from: operand.type, to: expression.type) else {
            throw invalid("a cast of \(operand.type) to \(expression.type)", expression)
        }
        return CastNode(
            operand: node, kernel: kernel, type: expression.type, isTry: isTry,
            span: expression.span)
    }

    private func caseNode(
        _ branches: [TypedExpression.Branch], _ otherwise: TypedExpression,
        _ expression: TypedExpression, _ depth: Int
    ) throws -> any ExpressionNode {
        try check(branches.map(\.then) + [otherwise], are: expression.type)
        return CaseNode(
            conditions: try booleans(branches.map(\.when), depth),
            results: try (branches.map(\.then) + [otherwise]).map { try compile($0, depth: depth) },
            type: expression.type)
    }

    private func booleans(_ operands: [TypedExpression], _ depth: Int) throws
        -> [any ExpressionNode]
    {
        for operand in operands where operand.type != .boolean && operand.type != .null {
            throw invalid("\(operand.type) where a boolean belongs", operand)
        }
        return try operands.map { try compile($0, depth: depth) }
    }

    private func check(_ operands: [TypedExpression], are type: DataType) throws {
        for operand in operands where operand.type != type && operand.type != .null {
            throw invalid("\(operand.type) where \(type) belongs", operand)
        }
    }

    private func invalid(_ what: String, _ expression: TypedExpression) -> RunError {
        RunError(.noKernel, "the plan has \(what), which cannot be evaluated", at: expression.span)
    }

    /// A node over constants only is computed now, unless it fails: an error belongs to the rows.
    private func fold(_ node: any ExpressionNode) -> any ExpressionNode {
        guard node.isConstantFoldable else { return node }
        let outcome = node.evaluate(Batch(columns: [], count: 1))
        guard outcome.errors == nil else { return node }
        return ConstantNode(
            vector: Vector(outcome.vector.materialised(1), isConstant: true))
    }
}

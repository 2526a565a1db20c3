import Foundation
import PipelineDSL
import Testing

import Planner
import Runtime

/// Expressions from text to values, as tests need them.
enum Evaluate {
    static let run = RunConstants(now: 1_785_571_200_000_000)

    struct Mistake: Error, CustomStringConvertible {
        let description: String
    }

    static func typed(_ text: String, _ schema: Schema = Schema()) throws -> TypedExpression {
        var bag = DiagnosticBag()
        let source = SourceText(text: text, file: "test")
        let checked = ExpressionChecker().check(source, in: Scope(schema), diagnostics: &bag)
        guard let checked else {
            throw Mistake(description: "\(text): " + bag.all.map(\.message).joined(separator: "; "))
        }
        return checked
    }

    static func evaluate(
        _ expression: TypedExpression, _ batch: Batch, _ schema: Schema
    ) throws -> Evaluation {
        try CompiledExpression(expression, input: schema, run: run).evaluate(batch)
    }

    static func evaluate(_ text: String, _ batch: Batch, _ schema: Schema) throws -> Evaluation {
        try evaluate(typed(text, schema), batch, schema)
    }

    /// Values of the rows, an error as its code.
    static func texts(_ evaluation: Evaluation) -> [String] {
        var texts = (0..<evaluation.column.count).map { evaluation.column.text($0) }
        if let errors = evaluation.errors {
            for index in 0..<errors.count {
                texts[Int(errors.rows[index])] = errors.code(index).description
            }
        }
        return texts
    }

    static func texts(_ text: String, _ batch: Batch, _ schema: Schema) throws -> [String] {
        texts(try evaluate(text, batch, schema))
    }
}

/// Columns written as text: `"a bigint": ["1", nil]`.
struct TestTable {
    var schema: Schema
    var batch: Batch

    init(_ columns: KeyValuePairs<String, [String?]>) throws {
        var fields: [Field] = []
        var built: [Column] = []
        for (declaration, values) in columns {
            let words = declaration.split(separator: " ", maxSplits: 1).map(String.init)
            let type = try #require(SQLParser.type(SourceText(text: words[1], file: "test")).0.type)
            let parsed = try values.map { text -> Value in
                guard let text else { return .null }
                return try #require(Value.parse(text, as: type), "\(text) as \(type)")
            }
            fields.append(Field(words[0], type))
            built.append(try #require(Column.from(parsed, type: type)))
        }
        schema = Schema(fields)
        batch = Batch(columns: built, count: built.first?.count ?? 0)
    }

    func texts(_ expression: String) throws -> [String] {
        try Evaluate.texts(expression, batch, schema)
    }
}

/// xorshift64*: the same numbers on every machine.

extension TypedExpression {
    /// With every literal that need not be constant replaced by a column that holds it in all rows:
    /// the same expression over columns instead of constants.
    func literalsAsColumns(_ columns: inout [(value: Value, type: DataType)]) -> TypedExpression {
        if case .literal(let value) = kind, type != .null {
            columns.append((value, type))
            return TypedExpression(
                .column(columns.count - 1), type: type, nullable: true, fallible: false, span: span)
        }
        var children: [TypedExpression] = []
        for (index, child) in self.children.enumerated() {
            children.append(
                mustStayConstant(index) ? child : child.literalsAsColumns(&columns))
        }
        return withChildren(children)
    }

    private func mustStayConstant(_ index: Int) -> Bool {
        guard case .call(let name, let arguments) = kind,
            let function = FunctionCatalogue.standard[name]
        else { return false }
        return function.overloads.contains { overload in
            guard overload.accepts(count: arguments.count),
                let parameter = overload.parameter(index)
            else { return false }
            if case .keyword = parameter.kind { return true }
            return parameter.isConstant
        }
    }
}

import PipelineDSL
import Planner

/// Reads what a test writes for columns: YAML values as values of the columns' types.
///
/// It is strict where YAML is lenient: `1` is no text and `'1'` no number, so that a fixture says
/// what it means. Each misfit is a diagnostic at the value.
struct TestValues {
    private(set) var diagnostics = DiagnosticBag()

    mutating func report(_ diagnostic: Diagnostic) { diagnostics.add(diagnostic) }

    /// - Parameter column: for messages; of a nested value with its path, `address.city`.
    /// - Returns: `nil`, with a diagnostic, where it does not fit.
    mutating func value(_ node: YAMLNode, _ field: Field, column: String) -> Value? {
        if node.isNull {
            if field.nullable { return .null }
            report(
                Diagnostic(
                    .testValue, "`\(column)` cannot be null", at: node.span,
                    label: "it is \(field.type) not null",
                    notes: ["a row that breaks this can be given as `lines:` of a file"]))
            return nil
        }
        switch field.type {
        case .array(let element): return list(node, element, field, column)
        case .map(let key, let value): return map(node, key, value, field, column)
        case .structure(let fields): return structure(node, fields, field, column)
        case .json: return json(node, field, column)
        default: return scalar(node, field, column)
        }
    }

    // MARK: - Scalars

    private mutating func scalar(_ node: YAMLNode, _ field: Field, _ column: String) -> Value? {
        guard let scalar = node.scalar else { return misfit(node, field, column) }
        let plain = PlainValue(scalar, tag: node.tag)
        switch (field.type, plain) {
        case (.string, .text), (.string, .formerBoolean): return .string(scalar.text)
        case (.string, _):
            let quoted = "'\(scalar.text)'"
            return misfit(
                node, field, column, label: "write `\(quoted)`",
                fix: .init("write `\(quoted)`", span: node.span, replacement: quoted))
        case (.boolean, .boolean(let value)): return .boolean(value)
        case (.boolean, .formerBoolean(let value)):
            return misfit(
                node, field, column, label: "write `\(value)`",
                fix: .init("write `\(value)`", span: node.span, replacement: "\(value)"))
        case (.boolean, _): return misfit(node, field, column)
        case (.integer, .integer(let value)) where Int32(exactly: value) == nil:
            return misfit(node, field, column, label: "beyond 32 bits")
        case (.integer, .integer(let value)), (.bigint, .integer(let value)):
            return .integer(value)
        case (.double, .number(let value)): return .double(value)
        case (.double, .integer(let value)): return .double(Double(value))
        case (.real, .number(let value)): return .double(Double(Float(value)))
        case (.real, .integer(let value)): return .double(Double(Float(value)))
        case (.integer, _), (.bigint, _), (.double, _), (.real, _):
            return number(node, scalar, field, column)
        default: return parsed(node, scalar, plain, field, column)
        }
    }

    /// A number in quotes is nearly one.
    private mutating func number(
        _ node: YAMLNode, _ scalar: YAMLNode.Scalar, _ field: Field, _ column: String
    ) -> Value? {
        let isNumber = Value.parse(scalar.text, as: field.type) != nil
        guard isNumber, PlainValue(scalar, tag: node.tag) == .text else {
            return misfit(node, field, column)
        }
        return misfit(
            node, field, column, label: "write `\(scalar.text)`",
            fix: .init(
                "write `\(scalar.text)`", span: node.span, replacement: scalar.text))
    }

    /// What is written as a text in YAML: moments, decimals, bytes.
    private mutating func parsed(
        _ node: YAMLNode, _ scalar: YAMLNode.Scalar, _ plain: PlainValue, _ field: Field,
        _ column: String
    ) -> Value? {
        switch plain {
        case .boolean, .formerBoolean, .null: return misfit(node, field, column)
        case .integer, .number:
            // Of these only decimals are numbers.
            guard field.type.isDecimal else { return misfit(node, field, column) }
        case .text: break
        }
        if let value = Value.parse(scalar.text, as: field.type) { return value }
        return misfit(node, field, column)
    }

    @discardableResult
    private mutating func misfit(
        _ node: YAMLNode, _ field: Field, _ column: String, label: String = "",
        fix: Diagnostic.Fix? = nil
    ) -> Value? {
        let example = field.type.testExample
        report(
            Diagnostic(
                .testValue, "`\(column)` is \(field.type), not \(node.described)", at: node.span,
                label: label, notes: example.map { ["write it as `\($0)`"] } ?? [], fix: fix))
        return nil
    }

    // MARK: - Nested values, as deep as the type is

    private mutating func list(
        _ node: YAMLNode, _ element: DataType, _ field: Field, _ column: String
    ) -> Value? {
        guard let items = node.items else { return misfit(node, field, column) }
        var values: [Value] = []
        for (index, item) in items.enumerated() {
            guard let value = value(item, Field("", element), column: "\(column)[\(index)]")
            else { return nil }
            values.append(value)
        }
        return .list(values)
    }

    private mutating func map(
        _ node: YAMLNode, _ key: DataType, _ value: DataType, _ field: Field, _ column: String
    ) -> Value? {
        guard let entries = node.entries else { return misfit(node, field, column) }
        var pairs: [[Value]] = []
        for entry in entries {
            guard let name = Value.parse(entry.name.value, as: key) else {
                return misfit(entry.key, Field("", key), "a key of \(column)")
            }
            guard
                let item = self.value(
                    entry.value, Field("", value), column: "\(column).\(entry.name.value)")
            else { return nil }
            pairs.append([name, item])
        }
        return .map(pairs)
    }

    private mutating func structure(
        _ node: YAMLNode, _ fields: [Field], _ field: Field, _ column: String
    ) -> Value? {
        guard let entries = node.entries else { return misfit(node, field, column) }
        let schema = Schema(fields)
        var values = [Value?](repeating: nil, count: fields.count)
        var isGood = true
        for entry in entries {
            guard let index = schema.index(of: entry.name.value) else {
                unknown(entry.name, among: schema.names, of: "`\(column)`")
                isGood = false
                continue
            }
            values[index] = value(
                entry.value, fields[index], column: "\(column).\(fields[index].name)")
            if values[index] == nil { isGood = false }
        }
        for (index, inner) in fields.enumerated() where values[index] == nil && isGood {
            guard inner.nullable else {
                missing([inner.name], at: node.span, of: "`\(column)`")
                return nil
            }
            values[index] = .null
        }
        return isGood ? .structure(values.map { $0 ?? .null }) : nil
    }

    /// A text is JSON text; anything else is what it is in YAML.
    private mutating func json(_ node: YAMLNode, _ field: Field, _ column: String) -> Value? {
        if let scalar = node.scalar, PlainValue(scalar, tag: node.tag) == .text {
            if JSONText.error(Array(scalar.text.utf8)) == nil { return .string(scalar.text) }
            return misfit(
                node, field, column, label: "write a text in JSON's own quotes: `'\"…\"'`")
        }
        return .string(JSONValue(node).text)
    }

    // MARK: - Columns

    mutating func unknown(
        _ column: Spanned<String>, among names: [String], of owner: String, notes: [String] = []
    ) {
        let near = nearName(column.value, among: names)
        report(
            Diagnostic(
                .testColumn, "\(owner) has no column `\(column.value)`", at: column.span,
                label: near.map { "did you mean `\($0)`?" } ?? "",
                notes: ["its columns: \(quotedList(names))"] + notes,
                fix: near.map { .init("use `\($0)`", span: column.span, replacement: $0) }))
    }

    mutating func missing(_ names: [String], at span: SourceSpan, of owner: String) {
        report(
            Diagnostic(
                .testColumnMissing, "a row of \(owner) lacks \(quotedList(names))", at: span,
                label: names.count == 1 ? "it is `not null`" : "they are `not null`",
                notes: [
                    "to see what becomes of such a row, give it as `lines:` of a file"
                ]))
    }
}

extension DataType {
    /// How a value is written, where that needs to be said.
    fileprivate var testExample: String? {
        switch self {
        case .date: "2026-01-31"
        case .time: "08:15:00"
        case .timestamp: "2026-01-31T08:15:00Z"
        case .interval: "1 hour"
        case .uuid: "00112233-4455-6677-8899-aabbccddeeff"
        case .bytes: "\\x00ff"
        case .boolean: "true"
        case .decimal(_, let scale):
            scale == 0 ? "12" : "1." + String(repeating: "5", count: scale)
        case .array: "[ … ]"
        case .map: "{ key: value }"
        case .structure(let fields): "{ \(fields.first?.name ?? ""): … }"
        default: nil
        }
    }
}

extension JSONValue {
    /// A YAML node as JSON; nesting is bounded by the YAML reader.
    init(_ node: YAMLNode) {
        switch node.kind {
        case .sequence(let items): self = .array(items.map { JSONValue($0) })
        case .mapping(let entries):
            self = .object(entries.map { Member($0.name.value, JSONValue($0.value)) })
        case .scalar(let scalar):
            switch PlainValue(scalar, tag: node.tag) {
            case .null: self = .null
            case .boolean(let value): self = .boolean(value)
            case .integer(let value): self = .number(String(value))
            case .number(let value) where value.isFinite: self = .number(value.description)
            case .number, .text, .formerBoolean: self = .string(scalar.text)
            }
        }
    }
}

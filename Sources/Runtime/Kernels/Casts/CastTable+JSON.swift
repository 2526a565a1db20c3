import PipelineDSL

extension CastTable {
    /// A JSON number, boolean or string as its text would be cast; a JSON null gives null. Arrays
    /// and objects become arrays, maps and structs (members by name, missing ones null).
    static func fromJSON(_ to: DataType) -> BoundKernel? {
        guard canRead(to) else { return nil }
        return BoundKernel { call in
            call.withStrings(0) { strings in
                var collector = RowCollector(count: call.count)
                var values = [Value](repeating: .null, count: call.count)
                call.forEachValid { row in
                    guard let tree = try? JSONValue.parse(Array(strings[row])),
                        let value = JSONReader.value(tree, to)
                    else { return collector.note(.fault(.badCast), row) }
                    values[row] = value
                    if value == .null { collector.setNull(row) }
                }
                let column = Column.from(values, type: to) ?? .nulls(to, count: call.count)
                return collector.result(column.values)
            }
        }
    }

    private static func canRead(_ type: DataType) -> Bool {
        switch type {
        case .null: false
        case .array(let element): canRead(element)
        case .map(let key, let value): key == .string && canRead(value)
        case .structure(let fields): fields.allSatisfy { canRead($0.type) }
        default: true
        }
    }
}

import Planner

/// JSON trees as values of a type.
enum JSONReader {
    /// `nil` where it is none.
    static func value(_ tree: JSONValue, _ type: DataType) -> Value? {
        switch (tree, type) {
        case (.null, .json): .string("null")
        case (.null, _): .null
        case (_, .json): .string(tree.text)
        case (.string(let text), .string): .string(text)
        case (_, .string): .string(tree.text)
        case (.array(let items), .array(let element)): list(items, element)
        case (.object(let members), .map(.string, let element)): map(members, element)
        case (.object(let members), .structure(let fields)): structure(members, fields)
        case (.string(let text), _), (.number(let text), _): scalar(text, type)
        case (.boolean(let value), _): scalar(value ? "true" : "false", type)
        default: nil
        }
    }

    private static func list(_ items: [JSONValue], _ element: DataType) -> Value? {
        var values: [Value] = []
        for item in items {
            guard let one = value(item, element) else { return nil }
            values.append(one)
        }
        return .list(values)
    }

    private static func map(_ members: [JSONValue.Member], _ element: DataType) -> Value? {
        var entries: [[Value]] = []
        for member in members {
            guard let one = value(member.value, element) else { return nil }
            entries.append([.string(member.key), one])
        }
        return .map(entries)
    }

    private static func structure(_ members: [JSONValue.Member], _ fields: [Field]) -> Value? {
        var values: [Value] = []
        for field in fields {
            let member = members.first { $0.key == field.name }
            guard let one = member.map({ value($0.value, field.type) }) ?? .null else { return nil }
            values.append(one)
        }
        return .structure(values)
    }

    private static func scalar(_ text: String, _ type: DataType) -> Value? {
        guard let kernel = CastTable.fromText(type) else { return nil }
        let column = Column(.string, .strings(Strings([text])))
        let result = kernel.body(
            KernelCall(arguments: [Vector(column)], count: 1, validity: nil, result: type))
        guard result.faults.isEmpty else { return nil }
        return Column(type, result.values).value(0)
    }
}

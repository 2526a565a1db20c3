import PipelineDSL

/// Words for a fault. Values stand in them only where the caller allows it: they may be personal.
enum FaultText {
    static func call(
        _ name: String, _ arguments: [Vector], _ type: DataType, _ fault: Fault, row: Int,
        showValues: Bool
    ) -> String {
        let shown =
            showValues
            ? ": \(spelled(name, arguments.map { text($0, row) }))"
            : " in `\(spelled(name, arguments.map { $0.type.description }))`"
        switch fault {
        case .overflow: return "the result is out of the range of \(type)" + shown
        case .divisionByZero: return "division by zero" + shown
        case .domain: return "the function is not defined here" + shown
        case .pattern: return "the pattern is malformed or not supported" + shown
        case .argument: return "an argument is out of its range" + shown
        case .time: return "the date or time does not exist or is out of range" + shown
        case .tooLarge: return "the result is too large" + shown
        case .timeZone: return "the time zone is not known" + shown
        default: return "the value is not what the function takes" + shown
        }
    }

    static func cast(
        _ vector: Vector, _ type: DataType, _ fault: Fault, row: Int, showValues: Bool
    ) -> String {
        let value = showValues ? text(vector, row) : "the \(vector.type) value"
        switch fault {
        case .badCast: return "\(value) is not a valid \(type)"
        case .tooLarge: return "the result of the cast is too large"
        default: return "\(value) is out of the range of \(type)"
        }
    }

    private static func text(_ vector: Vector, _ row: Int) -> String {
        let index = vector.isConstant ? 0 : row
        guard index < vector.column.count else { return "…" }
        if vector.column.isNull(index) { return "NULL" }
        let text = vector.column.text(index)
        let cut = text.count > 60 ? text.prefix(60) + "…" : text[...]
        switch vector.type {
        case .string, .json, .bytes, .uuid, .date, .time, .timestamp, .interval: return "'\(cut)'"
        default: return String(cut)
        }
    }

    /// Operators as they are written, functions as calls.
    private static func spelled(_ name: String, _ arguments: [String]) -> String {
        if let symbol = symbols[name] {
            if arguments.count == 2 { return "\(arguments[0]) \(symbol) \(arguments[1])" }
            if arguments.count == 1 { return "\(symbol)\(arguments[0])" }
        }
        return "\(name)(\(arguments.joined(separator: ", ")))"
    }

    private static let symbols: [String: String] = [
        "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "modulo": "%", "power": "^",
        "negate": "-", "concat": "||", "bit_and": "&", "bit_or": "|", "bit_xor": "#",
        "bit_not": "~", "shift_left": "<<", "shift_right": ">>", "json_get": "->",
        "json_get_text": "->>", "regexp_matches": "~", "eq": "=", "ne": "<>", "lt": "<",
        "le": "<=", "gt": ">", "ge": ">=",
    ]
}

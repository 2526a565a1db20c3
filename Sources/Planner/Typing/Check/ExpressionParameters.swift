import PipelineDSL

/// What `${…}` stands for in expressions: a closure, so that profiles and the command line decide.
public struct ExpressionParameters: Sendable {
    public enum Lookup: Sendable {
        /// A literal of that type.
        case value(Value, DataType)
        case unknown(among: [String])
        /// A parameter whose declaration is wrong; a diagnostic already says so.
        case invalid
    }

    public var lookup: @Sendable (ParameterReference) -> Lookup

    public init(_ lookup: @escaping @Sendable (ParameterReference) -> Lookup) {
        self.lookup = lookup
    }

    /// No parameters; environment variables have only their defaults.
    public static let none = ExpressionParameters(values: [:])

    /// Parameters by name; environment variables are text.
    public init(
        values: [String: (value: Value, type: DataType)], environment: [String: String] = [:]
    ) {
        self.init { reference in
            switch reference {
            case .parameter(let name):
                values[name].map { .value($0.value, $0.type) }
                    ?? .unknown(among: values.keys.sorted())
            case .environment(let name, let fallback):
                (environment[name] ?? fallback).map { .value(.string($0), .string) }
                    ?? .unknown(among: [])
            case .secret: .unknown(among: [])
            }
        }
    }
}

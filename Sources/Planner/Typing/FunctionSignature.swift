import PipelineDSL

/// A function, operator, aggregate or window function of the language: what it is called, what it
/// takes and yields, and what it does. Documentation, checker and runtime all read this value.
public struct FunctionSignature: Sendable {
    public enum Kind: String, Hashable, Sendable, Codable { case scalar, aggregate, window }

    /// When two evaluations with the same arguments agree.
    public enum Volatility: String, Hashable, Sendable, Codable {
        case immutable
        /// Within one run: `now()`.
        case stable
    }

    /// Who does the work.
    public enum Implementation: Sendable {
        /// The runtime has a kernel, found by name and argument types.
        case kernel
        /// It is short for another expression, which the checker puts in its place.
        case expansion(@Sendable (_ arguments: [Expression], _ span: SourceSpan) -> Expression)
        /// The checker builds it from the kinds of ``TypedExpression``, `coalesce` for instance.
        case form
    }

    /// An expression and the text of its value; `NULL` for null.
    public struct Example: Hashable, Sendable {
        public var expression: String
        public var result: String

        public init(_ expression: String, _ result: String) {
            self.expression = expression
            self.result = result
        }
    }

    /// What plans and the runtime call it; unique in the catalogue.
    public var name: String
    /// What users call it, the name by default.
    public var spelling: String
    /// Other names it answers to.
    public var aliases: [String]
    public var kind: Kind
    /// The infix or prefix operator, for what is written as one and cannot be called by name.
    public var operatorSymbol: String?
    public var overloads: [Overload]
    public var volatility: Volatility
    public var implementation: Implementation
    /// Markdown, one short paragraph.
    public var documentation: String
    public var examples: [Example]

    public init(
        _ name: String, spelling: String? = nil, aliases: [String] = [], kind: Kind = .scalar,
        operator symbol: String? = nil, _ documentation: String, _ overloads: [Overload],
        volatility: Volatility = .immutable, implementation: Implementation = .kernel,
        examples: [(String, String)] = []
    ) {
        self.name = name
        self.spelling = spelling ?? name
        self.aliases = aliases
        self.kind = kind
        self.operatorSymbol = symbol
        self.overloads = overloads
        self.volatility = volatility
        self.implementation = implementation
        self.documentation = documentation
        self.examples = examples.map { Example($0.0, $0.1) }
    }

    /// Whether a user may write `name(…)`.
    public var isCallable: Bool { operatorSymbol == nil }

    public var hasKernel: Bool { if case .kernel = implementation { true } else { false } }

    /// `substring(text string, start bigint, length bigint) → string`, one an overload.
    public var usage: [String] { overloads.map { usage(of: $0) } }

    func usage(of overload: Overload) -> String {
        operatorSymbol.flatMap { overload.usage(of: $0) }
            ?? "\(spelling)(\(overload.parameterText)) → \(overload.result)"
    }
}

/// One combination of argument types that a function takes.
public struct Overload: Sendable {
    public var parameters: [Parameter]
    /// May follow the parameters, all of them together, any number of times.
    public var repeated: [Parameter]
    public var result: ResultType
    public var nulls: NullRule
    public var fallibility: Fallibility

    public init(
        _ parameters: [Parameter], variadic: Parameter? = nil, to result: ResultType,
        nulls: NullRule = .strict, fails fallibility: Fallibility = .never
    ) {
        self.init(
            parameters, repeated: variadic.map { [$0] } ?? [], to: result, nulls: nulls,
            fails: fallibility)
    }

    public init(
        _ parameters: [Parameter], repeated: [Parameter], to result: ResultType,
        nulls: NullRule = .strict, fails fallibility: Fallibility = .never
    ) {
        self.parameters = parameters
        self.repeated = repeated
        self.result = result
        self.nulls = nulls
        self.fallibility = fallibility
    }

    /// The parameter an argument is for; `nil` where there is none.
    public func parameter(_ index: Int) -> Parameter? {
        if index < parameters.count { return parameters[index] }
        return repeated.isEmpty ? nil : repeated[(index - parameters.count) % repeated.count]
    }

    public func accepts(count: Int) -> Bool {
        if repeated.isEmpty { return count == parameters.count }
        return count >= parameters.count && (count - parameters.count) % repeated.count == 0
    }

    /// `integer + integer → integer`, `array<T>[bigint] → T`
    fileprivate func usage(of symbol: String) -> String? {
        let operands = parameters.map(\.kind.description)
        switch operands.count {
        case 1: return "\(symbol)\(operands[0]) → \(result)"
        case 2 where symbol == "[]": return "\(operands[0])[\(operands[1])] → \(result)"
        case 2: return "\(operands[0]) \(symbol) \(operands[1]) → \(result)"
        case 3: return "\(operands[0]) \(symbol) \(operands[1]) ESCAPE \(operands[2]) → \(result)"
        default: return nil
        }
    }

    var parameterText: String {
        let fixed = parameters.map { "\($0.name) \($0.kind)" }
        guard !repeated.isEmpty else { return fixed.joined(separator: ", ") }
        let more = repeated.map { "\($0.name) \($0.kind)" }.joined(separator: ", ")
        return (fixed + ["\(more)…"]).joined(separator: ", ")
    }
}

/// What an overload takes in one place.
public struct Parameter: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// This type, or what converts to it without loss.
        case type(DataType)
        /// A decimal of any precision and scale; integers become decimals without a fraction.
        case decimal
        /// T: all of these, and the elements of all `array`s, are brought to one type.
        case common(TypeClass)
        /// `array<T>`
        case array
        case map
        /// The key type of the `map` before it.
        case mapKey
        case structure
        /// Any type, independent of the others.
        case any
        /// Constant text, one of these in any letter case; the plan has it in lower case.
        case keyword([String])
    }

    public var name: String
    public var kind: Kind
    /// Must be a constant (a literal, after parameters are filled in).
    public var isConstant: Bool

    public init(_ name: String, _ kind: Kind, constant: Bool = false) {
        self.name = name
        self.kind = kind
        self.isConstant = constant
    }
}

/// Which types a type variable may stand for.
public enum TypeClass: String, Hashable, Sendable {
    case any
    /// Has an equality: all but `json` and `map`, and what contains them.
    case comparable
    /// Has an order: comparable, and no `struct`.
    case orderable
}

public enum ResultType: Sendable {
    case type(DataType)
    /// T
    case common
    /// `array<T>`
    case arrayOfCommon
    /// The type of that argument.
    case argument(Int)
    /// From the checked arguments; the text is for the documentation.
    case computed(String, @Sendable ([TypedExpression]) -> DataType)
}

/// What an overload does with null arguments, and whether it can yield null.
public enum NullRule: String, Hashable, Sendable {
    /// A null argument gives null; nothing else does.
    case strict
    /// A null argument gives null; other things may, too.
    case strictNullable
    /// It sees null arguments and never yields null.
    case never
    /// It sees null arguments and may yield null.
    case nullable
    /// It skips null arguments; null only where all are.
    case nullIfAllNull
    /// It sees null arguments; null only where the first one is.
    case nullIfFirstNull
    /// Of aggregates: it skips null arguments; null where no row is left.
    case nullIfNoRow

    /// Whether the runtime must not evaluate it where an argument is null.
    public var isStrict: Bool { self == .strict || self == .strictNullable }
}

/// Whether evaluating an overload can be a row error.
public enum Fallibility: Sendable {
    case never
    case always
    case computed(@Sendable ([TypedExpression]) -> Bool)
}

extension Parameter.Kind: CustomStringConvertible {
    public var description: String {
        switch self {
        case .type(let type): type.description
        case .decimal: "decimal"
        case .common: "T"
        case .array: "array<T>"
        case .map: "map<K, V>"
        case .mapKey: "K"
        case .structure: "struct"
        case .any: "any"
        case .keyword: "keyword"
        }
    }
}

extension ResultType: CustomStringConvertible {
    public var description: String {
        switch self {
        case .type(let type): type.description
        case .common: "T"
        case .arrayOfCommon: "array<T>"
        case .argument: "the same"
        case .computed(let text, _): text
        }
    }
}

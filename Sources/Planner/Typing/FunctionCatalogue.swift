import PipelineDSL

/// Every function of the language, as a value: the checker is given one, and the runtime proves
/// that it has a kernel for each.
public struct FunctionCatalogue: Sendable {
    /// In the order of the reference: family by family.
    public let functions: [FunctionSignature]
    private let positions: [String: Int]
    private let callable: [String: Int]
    /// What is wrong with the text of a regular expression, or `nil`. The runtime, which owns the
    /// matcher, provides it, so that a bad constant pattern is an error of the check.
    public var patternProblem: @Sendable (String) -> String?

    public init(
        _ functions: [FunctionSignature],
        patternProblem: @escaping @Sendable (String) -> String? = { _ in nil }
    ) {
        self.functions = functions
        self.patternProblem = patternProblem
        var positions: [String: Int] = [:]
        var callable: [String: Int] = [:]
        for (index, function) in functions.enumerated() {
            positions[function.name] = index
            guard function.isCallable else { continue }
            for name in [function.spelling] + function.aliases { callable[name] = index }
        }
        self.positions = positions
        self.callable = callable
    }

    /// By the name that plans use.
    public subscript(name: String) -> FunctionSignature? { positions[name].map { functions[$0] } }

    /// What a user means by `name(…)`, in any letter case.
    public func callable(_ name: String) -> FunctionSignature? {
        callable[name.lowercased()].map { functions[$0] }
    }

    /// The overload that a call of a plan has: the one whose types the arguments are, without any
    /// conversion. `nil` where the call is none that the checker makes.
    public func overload(of name: String, _ arguments: [TypedExpression]) -> Overload? {
        self[name]?.overloads.first { overload in
            guard overload.accepts(count: arguments.count),
                case .success(let fit) = overload.fit(arguments)
            else { return false }
            return zip(fit.arguments, arguments).allSatisfy {
                $0.type == $1.type && $0.kind == $1.kind
            }
        }
    }

    /// Every name that can be called, for suggestions.
    public var callableNames: [String] { callable.keys.sorted() }

    /// The language's own.
    public static let standard = FunctionCatalogue(families.flatMap(\.functions))

    /// Chapters of the reference.
    public static let families: [(title: String, functions: [FunctionSignature])] = [
        ("Operators", operators), ("Text", strings), ("Patterns", patterns), ("Numbers", numeric),
        ("Dates and times", dateTime), ("Conditions", conditional), ("Hashes", hashes),
        ("JSON", json), ("Arrays", arrays), ("Places on the Earth", geo),
        ("Aggregates", aggregates), ("Window functions", windowFunctions),
    ]
}

// Shorthands in which the families are written.
extension Parameter {
    static func boolean(_ name: String) -> Self { Self(name, .type(.boolean)) }
    static func integer(_ name: String) -> Self { Self(name, .type(.integer)) }
    static func bigint(_ name: String) -> Self { Self(name, .type(.bigint)) }
    static func real(_ name: String) -> Self { Self(name, .type(.real)) }
    static func double(_ name: String) -> Self { Self(name, .type(.double)) }
    static func decimal(_ name: String) -> Self { Self(name, .decimal) }
    static func string(_ name: String) -> Self { Self(name, .type(.string)) }
    static func bytes(_ name: String) -> Self { Self(name, .type(.bytes)) }
    static func date(_ name: String) -> Self { Self(name, .type(.date)) }
    static func time(_ name: String) -> Self { Self(name, .type(.time)) }
    static func timestamp(_ name: String) -> Self { Self(name, .type(.timestamp)) }
    static func interval(_ name: String) -> Self { Self(name, .type(.interval)) }
    static func json(_ name: String) -> Self { Self(name, .type(.json)) }
    static func array(_ name: String) -> Self { Self(name, .array) }
    static func map(_ name: String) -> Self { Self(name, .map) }
    static func any(_ name: String) -> Self { Self(name, .any) }
    static func common(_ name: String) -> Self { Self(name, .common(.any)) }
    static func comparable(_ name: String) -> Self { Self(name, .common(.comparable)) }
    static func orderable(_ name: String) -> Self { Self(name, .common(.orderable)) }
    static func keyword(_ name: String, _ words: [String]) -> Self { Self(name, .keyword(words)) }

    var constant: Self { Self(name, kind, constant: true) }
}

extension ResultType {
    static let boolean = Self.type(.boolean)
    static let integer = Self.type(.integer)
    static let bigint = Self.type(.bigint)
    static let real = Self.type(.real)
    static let double = Self.type(.double)
    static let string = Self.type(.string)
    static let bytes = Self.type(.bytes)
    static let date = Self.type(.date)
    static let time = Self.type(.time)
    static let timestamp = Self.type(.timestamp)
    static let interval = Self.type(.interval)
    static let json = Self.type(.json)
}

extension Fallibility {
    /// Infallible where that argument is a constant.
    static func unlessConstant(_ index: Int) -> Self {
        .computed { arguments in
            guard index < arguments.count, case .literal = arguments[index].kind else {
                return true
            }
            return false
        }
    }

    /// Infallible where that argument is a constant whole number that passes the test.
    static func unlessConstant(
        _ index: Int, where test: @escaping @Sendable (Int64) -> Bool
    ) -> Self {
        .computed { arguments in
            guard index < arguments.count,
                case .literal(.integer(let value)) = arguments[index].kind
            else { return true }
            return !test(value)
        }
    }
}

/// A secret by name. Its value is fetched where it is needed and is never part of a text.
public struct SecretReference: Hashable, Sendable {
    public var name: String
    public var span: SourceSpan

    public init(name: String, span: SourceSpan) {
        self.name = name
        self.span = span
    }
}

/// What `${…}` may be filled with.
public struct InterpolationValues: Sendable {
    /// Parameters: defaults with those given on the command line laid over.
    public var parameters: [String: String]
    public var environment: @Sendable (String) -> String?

    public init(
        parameters: [String: String] = [:],
        environment: @escaping @Sendable (String) -> String? = { _ in nil }
    ) {
        self.parameters = parameters
        self.environment = environment
    }
}

/// A text with its parameters filled in and its secrets still references.
public struct InterpolatedText: Hashable, Sendable, CustomStringConvertible {
    public enum Part: Hashable, Sendable {
        case text(String)
        case secret(SecretReference)
    }

    public var parts: [Part]

    public init(_ parts: [Part]) { self.parts = parts }

    public var secrets: [SecretReference] {
        parts.compactMap { if case .secret(let secret) = $0 { secret } else { nil } }
    }

    /// `nil` where a secret is part of it.
    public var text: String? { secrets.isEmpty ? description : nil }

    /// For plans and messages: secrets as they were written, `${secret:NAME}`.
    public var description: String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .secret(let secret): "${secret:\(secret.name)}"
            }
        }.joined()
    }
}

/// `${name}`, `${env:NAME}`, `${env:NAME:-default}` and `${secret:NAME}` inside a string;
/// `$${` is a literal `${`.
public enum Interpolation {
    public struct Part: Hashable, Sendable {
        public enum Kind: Hashable, Sendable {
            case literal(String)
            case reference(ParameterReference)
        }

        public var kind: Kind
        /// In UTF-8 bytes of the decoded text.
        public var range: Range<Int>
        public var span: SourceSpan
    }

    /// Whether a text has anything to fill in.
    public static func isNeeded(_ text: String) -> Bool { text.utf8.contains(UInt8(ascii: "$")) }

    /// With all secrets as references; diagnostics for what is missing.
    public static func resolve(
        _ source: SourceText, _ values: InterpolationValues
    ) -> (InterpolatedText, [Diagnostic]) {
        let (parts, problems) = parts(source)
        var diagnostics = problems
        var resolved: [InterpolatedText.Part] = []
        for part in parts {
            switch part.kind {
            case .literal(let text): resolved.append(.text(text))
            case .reference(.secret(let name)):
                resolved.append(.secret(.init(name: name, span: part.span)))
            case .reference(.parameter(let name)):
                if let value = values.parameters[name] {
                    resolved.append(.text(value))
                } else {
                    diagnostics.append(unknownParameter(name, part, values, source))
                }
            case .reference(.environment(let name, let defaultText)):
                if let value = values.environment(name) ?? defaultText {
                    resolved.append(.text(value))
                } else {
                    diagnostics.append(missingVariable(name, part))
                }
            }
        }
        return (InterpolatedText(resolved), diagnostics)
    }

    /// The text with everything filled in; a secret is refused with a diagnostic.
    public static func fill(
        _ source: SourceText, _ values: InterpolationValues
    ) -> (String, [Diagnostic]) {
        guard isNeeded(source.text) else { return (source.text, []) }
        var (text, diagnostics) = resolve(source, values)
        for secret in text.secrets {
            diagnostics.append(
                Diagnostic(
                    .secretInText, "the secret `\(secret.name)` cannot be part of this setting",
                    at: secret.span,
                    notes: [
                        "this value is shown in plans and logs; a secret may stand in settings that "
                            + "are only given to a connector, such as a password or a key"
                    ]))
        }
        text.parts.removeAll { if case .secret = $0 { true } else { false } }
        return (text.description, diagnostics)
    }

    private static func unknownParameter(
        _ name: String, _ part: Part, _ values: InterpolationValues, _ source: SourceText
    ) -> Diagnostic {
        let near = nearName(name, among: values.parameters.keys)
        let known = values.parameters.keys.sorted().map { "`\($0)`" }.joined(separator: ", ")
        return Diagnostic(
            .unknownParameter, "no parameter `\(name)`", at: part.span,
            label: near.map { "did you mean `${\($0)}`?" } ?? "",
            notes: [
                known.isEmpty
                    ? "declare it: `parameters: { \(name): { type: string, default: … } }`"
                    : "parameters here: \(known)",
                "an environment variable is `${env:NAME}`, a text `${` is written `$${`",
            ],
            fix: near.map {
                .init("use `${\($0)}`", span: part.span, replacement: "${\($0)}")
            })
    }

    private static func missingVariable(_ name: String, _ part: Part) -> Diagnostic {
        Diagnostic(
            .missingVariable, "the environment variable `\(name)` is not set", at: part.span,
            notes: ["set it, or give a default: `${env:\(name):-default}`"])
    }
}

/// Setting signatures as JSON Schema.
struct SchemaWriter {
    typealias Member = JSONText.Member

    // MARK: Objects

    /// The members of an object schema.
    ///
    /// - Parameters:
    ///   - overriding: schemas that replace what a signature says of the value.
    ///   - extra: further properties.
    ///   - isOpen: whether unknown keys are accepted.
    func object(
        _ signatures: [SettingSignature], overriding: [String: JSONText] = [:],
        extra: [Member] = [], isOpen: Bool = false, allowsNull: Bool = false
    ) -> [Member] {
        let properties = signatures.map { signature in
            Member(signature.name, property(signature, overriding[signature.name], allowsNull))
        }
        var members: [Member] = [
            .init("type", .string("object")), .init("properties", .object(properties + extra)),
        ]
        let required = signatures.filter(\.isRequired).map { JSONText.string($0.name) }
        if !required.isEmpty { members.append(.init("required", .array(required))) }
        if !isOpen { members.append(.init("additionalProperties", .boolean(false))) }
        return members
    }

    private func property(
        _ signature: SettingSignature, _ override: JSONText?, _ allowsNull: Bool
    ) -> JSONText {
        var members: [Member] = [.init("description", .string(signature.documentation))]
        if let text = signature.defaultText {
            members.append(.init("default", defaultValue(text, signature.kind)))
        }
        let schema = override ?? self.schema(signature.kind)
        guard case .object(let own) = schema else { return .object(members) }
        for member in own {
            // A section with nothing in it yet is no mistake.
            let isObject = member.name == "type" && member.value == .string("object")
            members.append(
                allowsNull && isObject
                    ? .init("type", .array([.string("object"), .string("null")])) : member)
        }
        return .object(members)
    }

    private func defaultValue(_ text: String, _ kind: SettingKind) -> JSONText {
        switch (kind, PlainValue(plain: text)) {
        case (.boolean, .boolean(let value)): .boolean(value)
        case (.integer, .integer(let value)), (.number, .integer(let value)): .integer(value)
        case (.number, .number(let value)): .number(value)
        default: .string(text)
        }
    }

    /// Any name, every value of one schema.
    func named(_ value: JSONText) -> JSONText {
        .object([.init("type", .string("object")), .init("additionalProperties", value)])
    }

    // MARK: Choices

    func definitions(_ choices: [SpecSchema.Choice]) -> JSONText {
        .object(
            choices.map { choice in
                var members: [Member] =
                    choice.documentation.isEmpty
                    ? [] : [.init("description", .string(choice.documentation))]
                if case .object(let own) = schema(choice.kind) { members += own }
                return .init(choice.name, .object(members))
            })
    }

    /// A mapping with exactly one of the keys.
    func oneOf(
        _ choices: [SpecSchema.Choice], in definition: String, alsoOpenIf isOpen: Bool
    ) -> JSONText {
        .object([
            .init("type", .string("object")),
            .init(
                "properties",
                .object(choices.map { .init($0.name, reference(definition, $0.name)) })),
            .init("additionalProperties", .boolean(isOpen)),
            .init("minProperties", .integer(1)), .init("maxProperties", .integer(1)),
        ])
    }

    /// `#/$defs/a/b`
    func reference(_ path: String...) -> JSONText {
        let escaped = path.map { part in
            part.split(separator: "~", omittingEmptySubsequences: false).joined(separator: "~0")
                .split(separator: "/", omittingEmptySubsequences: false).joined(separator: "~1")
        }
        return .object([.init("$ref", .string("#/$defs/" + escaped.joined(separator: "/")))])
    }

    // MARK: Kinds

    func schema(_ kind: SettingKind) -> JSONText {
        switch kind {
        case .string: return reference("text")
        case .expression: return reference("expression")
        case .query: return reference("query")
        case .name: return reference("name")
        case .type: return reference("type")
        case .duration: return reference("duration")
        case .size: return reference("size")
        case .rate: return reference("rate")
        case .fraction: return reference("fraction")
        case .boolean: return orReference(["type": .string("boolean")])
        case .choice(let choices):
            return .object([.init("enum", .array(choices.map { .string($0) }))])
        case .integer(let range):
            return orReference([
                "type": .string("integer"),
                "minimum": range.lowerBound == .min ? nil : .integer(range.lowerBound),
                "maximum": range.upperBound == .max ? nil : .integer(range.upperBound),
            ])
        case .number(let range):
            let limit = Double.greatestFiniteMagnitude
            return orReference([
                "type": .string("number"),
                "minimum": range.lowerBound <= -limit ? nil : .number(range.lowerBound),
                "maximum": range.upperBound >= limit ? nil : .number(range.upperBound),
            ])
        case .names: return oneOrList(reference("name"))
        case .list(let element): return list(schema(element))
        case .oneOrMany(let element): return oneOrList(schema(element))
        case .mapping(let element): return named(schema(element))
        case .object(let signatures): return .object(object(signatures))
        case .variant(let variants):
            let choices = variants.keys.sorted().map { name in
                Member(name, .object(object(variants[name] ?? [])))
            }
            return .object([
                .init("type", .string("object")), .init("properties", .object(choices)),
                .init("additionalProperties", .boolean(false)),
                .init("minProperties", .integer(1)), .init("maxProperties", .integer(1)),
            ])
        case .either(let kinds): return .object([.init("anyOf", .array(kinds.map(schema)))])
        case .node: return .object([])
        }
    }

    private func list(_ items: JSONText) -> JSONText {
        .object([.init("type", .string("array")), .init("items", items)])
    }

    private func oneOrList(_ element: JSONText) -> JSONText {
        .object([.init("anyOf", .array([element, list(element)]))])
    }

    /// The value itself, or `${name}` in its place.
    private func orReference(_ members: KeyValuePairs<String, JSONText?>) -> JSONText {
        let own = members.compactMap { name, value in value.map { Member(name, $0) } }
        return .object([.init("anyOf", .array([.object(own), reference("reference")]))])
    }

    // MARK: Scalars

    var scalarDefinitions: [Member] {
        let scalar = JSONText.array(["string", "number", "boolean"].map { .string($0) })
        let amount = #"\d+(\.\d+)?\s*"#
        return [
            .init(
                "reference",
                text("A parameter `${name}` or environment variable `${env:NAME}`.", #"\$\{"#)),
            .init("text", .object([.init("type", scalar)])),
            .init(
                "expression",
                .object([
                    .init("description", .string("An expression in SQL.")), .init("type", scalar),
                ])),
            .init("query", text("A `SELECT`.", nil)),
            .init("name", text("A name.", nil)),
            .init(
                "type", text("A type: `string not null`, `decimal(12,2)`, `array<string>`.", nil)),
            .init(
                "duration",
                text("A duration: `10 minutes`.", "^\\s*(\(amount)[A-Za-zµ]+\\s*)+$|\\$\\{")),
            .init(
                "size",
                text("A size: `512 MB`, `100 MiB`.", "^\\s*(\(amount)[A-Za-z]+\\s*)+$|\\$\\{")),
            .init(
                "rate",
                text("A rate: `2000 / second`.", "^\\s*\(amount)(/|per)\\s*[A-Za-z]+\\s*$|\\$\\{")),
            .init(
                "fraction",
                .object([
                    .init("description", .string("A fraction: `1%` or `0.01`.")),
                    .init(
                        "anyOf",
                        .array([
                            .object([
                                .init("type", .string("number")), .init("minimum", .integer(0)),
                                .init("maximum", .integer(1)),
                            ]),
                            .object([
                                .init("type", .string("string")),
                                .init("pattern", .string("^\\s*\(amount)%?\\s*$|\\$\\{")),
                            ]),
                        ])),
                ])),
        ]
    }

    private func text(_ description: String, _ pattern: String?) -> JSONText {
        var members: [Member] = [
            .init("description", .string(description)), .init("type", .string("string")),
        ]
        if let pattern { members.append(.init("pattern", .string(pattern))) }
        return .object(members)
    }
}

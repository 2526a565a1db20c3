import PipelineDSL

/// Checks rules; a row that breaks a `reject` rule goes to the dead letters under the first rule it
/// breaks. A rule that is unknown (null) is not broken, as a SQL `CHECK` constraint is not.
public struct Validate: Hashable, Sendable, Codable {
    public struct Rule: Hashable, Sendable, Codable {
        public var name: String
        public var check: TypedExpression
        public var severity: RuleDeclaration.Severity
        /// The check as written, in canonical spelling.
        public var text: String

        public init(
            name: String, check: TypedExpression, severity: RuleDeclaration.Severity, text: String
        ) {
            self.name = name
            self.check = check
            self.severity = severity
            self.text = text
        }
    }

    public var contract: String
    public var rules: [Rule]

    public init(contract: String, rules: [Rule]) {
        self.contract = contract
        self.rules = rules
    }
}

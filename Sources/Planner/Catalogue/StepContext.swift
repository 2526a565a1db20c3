import PipelineDSL

/// What a step may ask the checker.
public struct StepContext {
    /// The transform the step is part of.
    public var transform: String
    public var diagnostics = DiagnosticBag()
    /// Event-time column of the input, where one is known.
    public var eventTime: String?
    public var mode: Plan.Mode
    /// The relation another node yields; `nil` (with a diagnostic already added) where it has none.
    public var relation: (Spanned<String>, inout DiagnosticBag) -> LogicalNode?
    public var contract: (Spanned<String>, inout DiagnosticBag) -> ContractDeclaration?

    public init(
        transform: String, mode: Plan.Mode, eventTime: String?,
        relation: @escaping (Spanned<String>, inout DiagnosticBag) -> LogicalNode?,
        contract: @escaping (Spanned<String>, inout DiagnosticBag) -> ContractDeclaration?
    ) {
        self.transform = transform
        self.mode = mode
        self.eventTime = eventTime
        self.relation = relation
        self.contract = contract
    }
}

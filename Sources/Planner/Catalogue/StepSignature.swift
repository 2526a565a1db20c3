import PipelineDSL

/// One step of `steps:`: what its body may be, and what it does to a relation. Each is one file in
/// `Steps/` and one line in `Steps.all`.
public protocol StepSignature: Sendable {
    var name: String { get }
    /// Markdown with a YAML example that runs as a test.
    var documentation: String { get }
    /// What the body may be, for the reference and the JSON Schema.
    var body: SettingKind { get }
    /// The relation after the step, or `nil` where the body is wrong; diagnostics say how.
    func apply(
        _ step: StepDeclaration, to input: LogicalNode, in context: inout StepContext
    ) -> LogicalNode?
    /// Nodes of the pipeline it reads besides its input, as far as its body can be read: what the
    /// order of the nodes follows from.
    func references(_ step: StepDeclaration) -> [Spanned<String>]
}

extension StepSignature {
    public func references(_ step: StepDeclaration) -> [Spanned<String>] { [] }
}

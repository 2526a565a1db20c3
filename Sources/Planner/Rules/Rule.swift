import PipelineDSL

/// One rewrite of logical trees: another tree that yields the same relation with less work.
///
/// What a run counts is observable: each rejected row is kept with its reason, and the arithmetic
/// of a run is shown. So a rule keeps more than the rows of the result:
///
/// - the rows that are rejected, deduplicated or late, and why, are the same. In particular nothing
///   that can be a row error is evaluated on more rows, or on fewer, than was written;
/// - the columns, their types and their names are the same.
///
/// How many rows pass an operator in the middle may change.
public protocol Rule: Sendable {
    /// What `--disable-rule` calls it.
    var name: String { get }
    /// One sentence.
    var documentation: String { get }
    func apply(_ root: LogicalNode, _ context: RuleContext) -> LogicalNode
}

/// What a rule may ask.
public struct RuleContext: Sendable {
    /// Evaluates expressions over constants, where there is somebody who can.
    public var evaluator: (any ConstantEvaluator)?

    public init(evaluator: (any ConstantEvaluator)? = nil) { self.evaluator = evaluator }
}

/// Evaluates an expression without columns. The runtime has one; the planner does without.
public protocol ConstantEvaluator: Sendable {
    /// `nil` where it is a row error, depends on the time, or cannot be evaluated here.
    func value(of expression: TypedExpression) -> Value?
}

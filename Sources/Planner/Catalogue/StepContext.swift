import PipelineDSL

/// What a step may ask the checker.
public struct StepContext {
    /// The transform the step is part of.
    public var transform: String
    public var diagnostics = DiagnosticBag()
    /// Event-time column of the input, where one is known.
    public var eventTime: String?
    /// Position of the event time in a relation, where it has one.
    public var eventTimeOf: (LogicalNode) -> Int?
    public var mode: Plan.Mode
    /// What `${…}` in settings is filled with.
    public var values: InterpolationValues
    public var expressions: ExpressionChecker
    /// The relation another node yields; `nil` (with a diagnostic already added) where it has none.
    public var relation: (Spanned<String>, inout DiagnosticBag) -> LogicalNode?
    /// A relation with the rules of a contract checked on it; `nil` (with diagnostics already
    /// added) where there is no such contract, or the relation's columns do not satisfy it.
    public var contract: (Spanned<String>, LogicalNode, inout DiagnosticBag) -> LogicalNode?
    /// The rows of a query in which `input` is the relation given; `nil` (with diagnostics already
    /// added) where it is wrong.
    public var query: (Query, LogicalNode, inout DiagnosticBag) -> LogicalNode?

    public init(
        transform: String, mode: Plan.Mode, eventTime: String?,
        eventTimeOf: @escaping (LogicalNode) -> Int? = { _ in nil }, values: InterpolationValues,
        expressions: ExpressionChecker,
        relation: @escaping (Spanned<String>, inout DiagnosticBag) -> LogicalNode?,
        contract: @escaping (Spanned<String>, LogicalNode, inout DiagnosticBag) -> LogicalNode?,
        query: @escaping (Query, LogicalNode, inout DiagnosticBag) -> LogicalNode?
    ) {
        self.transform = transform
        self.mode = mode
        self.eventTime = eventTime
        self.eventTimeOf = eventTimeOf
        self.values = values
        self.expressions = expressions
        self.relation = relation
        self.contract = contract
        self.query = query
    }
}

/// What steps do with their bodies. Each adds diagnostics and yields `nil` where something is wrong.
extension StepContext {
    /// The body as settings.
    public mutating func settings(
        _ step: StepDeclaration, _ signatures: [SettingSignature]
    ) -> Settings? {
        let (settings, problems) = SettingsReader.read(
            step.body, signatures, subject: "`\(step.name.value)`", place: step.name.span,
            values: values)
        diagnostics.add(contentsOf: problems)
        return problems.contains { $0.severity == .error } ? nil : settings
    }

    /// The body as one value.
    public mutating func value(_ step: StepDeclaration, _ kind: SettingKind) -> SettingValue? {
        var reader = SettingsReader(values: values)
        let value = reader.value(
            step.body, kind, name: step.name.value, place: step.name.span)
        diagnostics.add(contentsOf: reader.diagnostics.all)
        return reader.diagnostics.hasErrors ? nil : value
    }

    /// A text with its parameters filled in.
    public mutating func text(_ source: SourceText) -> String? {
        let (text, problems) = Interpolation.fill(source, values)
        diagnostics.add(contentsOf: problems)
        return problems.isEmpty ? text : nil
    }

    public func scope(_ node: LogicalNode) -> Scope { Scope(node.schema, name: "the input") }

    /// An expression over the columns of `node`.
    public mutating func expression(
        _ source: SourceText, over node: LogicalNode, as type: DataType? = nil
    ) -> TypedExpression? {
        expressions.expression(source, as: type, in: scope(node), &diagnostics)
    }

    public mutating func condition(
        _ source: SourceText, over node: LogicalNode
    ) -> TypedExpression? {
        expressions.condition(source, in: scope(node), &diagnostics)
    }

    /// The position of a column.
    public mutating func position(
        _ name: Spanned<String>, in node: LogicalNode, of subject: String = "the input"
    ) -> Int? {
        if let index = node.schema.index(of: name.value) { return index }
        diagnostics.add(.unknownColumn(name, node.schema, of: subject))
        return nil
    }

    /// The positions of columns, all of which must be there.
    public mutating func positions(
        _ names: [Spanned<String>], in node: LogicalNode, of subject: String = "the input"
    ) -> [Int]? {
        let positions = names.map { position($0, in: node, of: subject) }
        return positions.contains(nil) ? nil : positions.compactMap(\.self)
    }

    /// Position of the event-time column; a diagnostic at `span` where none is known.
    public mutating func eventTimePosition(
        in node: LogicalNode, for what: String, at span: SourceSpan
    ) -> Int? {
        if let eventTime, let index = node.schema.index(of: eventTime) { return index }
        diagnostics.add(
            Diagnostic(
                .eventTimeNeeded, "\(what) needs an event time, and none is known here", at: span,
                notes: [
                    "declare it on the source: `event_time: { column: …, watermark: 10 minutes }`",
                    "and keep the column through the steps before this one",
                ]))
        return nil
    }

    /// Whether a new column may be called `name`.
    public mutating func isFree(
        _ name: Spanned<String>, in schema: Schema, notes: [String] = []
    ) -> Bool {
        guard schema.fields.contains(where: { $0.name == name.value }) else { return true }
        diagnostics.add(
            Diagnostic(
                .columnTaken, "there is already a column `\(name.value)`", at: name.span,
                notes: notes))
        return false
    }
}

extension LogicalNode {
    /// Every column, passed on as it is.
    public var passedColumns: [NamedExpression] {
        schema.fields.indices.map { passed($0) }
    }

    public func passed(_ index: Int, as name: String? = nil) -> NamedExpression {
        let field = schema.fields[index]
        return NamedExpression(name ?? field.name, .column(index, of: schema), pii: field.pii)
    }

    /// A projection of this relation.
    public func projected(
        _ columns: [NamedExpression], step: StepDeclaration, span: SourceSpan? = nil
    ) -> LogicalNode {
        let project = Project(columns: columns)
        return LogicalNode(
            .project(project), inputs: [self], schema: project.schema,
            span: span ?? step.name.span, step: step.name.value)
    }
}

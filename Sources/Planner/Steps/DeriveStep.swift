import PipelineDSL

struct DeriveStep: StepSignature {
    let name = "derive"
    let documentation = """
        Adds columns, or replaces those that are there. Later ones may use earlier ones.

        ```yaml
        - derive:
            speed_ms: speed_kmh / 3.6
            is_fast: speed_ms > 25
        ```

        A replaced column keeps its place. What holds personal data passes its class on to whatever
        is computed from it; only `mask` takes it away.
        """
    let body = SettingKind.mapping(.expression)

    func apply(
        _ step: StepDeclaration, to input: LogicalNode, in context: inout StepContext
    ) -> LogicalNode? {
        guard let entries = context.value(step, body)?.mapping else { return nil }
        var derivation = Derivation(input, step)
        var isRight = true
        for entry in entries {
            guard case .expression(let source) = entry.value.kind,
                let expression = context.expression(source, over: derivation.current)
            else {
                isRight = false
                continue
            }
            derivation.add(entry.key, expression)
        }
        return isRight ? derivation.finished() : nil
    }

    /// Columns are computed in one projection as long as none uses another.
    private struct Derivation {
        private let step: StepDeclaration
        private var base: LogicalNode
        private var columns: [NamedExpression]
        /// Positions that differ from the base's.
        private var changed: Set<Int> = []
        /// The relation so far: what the next expression sees.
        private(set) var current: LogicalNode

        init(_ input: LogicalNode, _ step: StepDeclaration) {
            self.step = step
            base = input
            current = input
            columns = input.passedColumns
        }

        mutating func add(_ name: Spanned<String>, _ expression: TypedExpression) {
            if !changed.isDisjoint(with: expression.columns) {
                base = current
                columns = base.passedColumns
                changed = []
            }
            let column = NamedExpression(
                name.value, expression, pii: expression.pii(over: base.schema))
            if let index = current.schema.fields.firstIndex(where: { $0.name == name.value }) {
                columns[index] = column
                changed.insert(index)
            } else {
                changed.insert(columns.count)
                columns.append(column)
            }
            current = base.projected(columns, step: step)
        }

        func finished() -> LogicalNode { current }
    }
}

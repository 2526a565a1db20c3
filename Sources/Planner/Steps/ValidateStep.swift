import PipelineDSL

struct ValidateStep: StepSignature {
    let name = "validate"
    let documentation = """
        Checks the rows against a contract: its columns when the pipeline is checked, its rules on
        every row. A row that breaks a rule of severity `reject` goes to the dead letters under the
        name of the first rule it breaks; `warn` counts it; `fail` stops the run. A null in a column
        that the contract says is `not null` is rejected as `<column>_not_null`.

        ```yaml
        - validate: telemetry
        ```
        """
    let body = SettingKind.name

    func apply(
        _ step: StepDeclaration, to input: LogicalNode, in context: inout StepContext
    ) -> LogicalNode? {
        guard let setting = context.value(step, body), case .symbol(let contract) = setting.kind
        else { return nil }
        return context.contract(Spanned(contract, setting.span), input, &context.diagnostics)
    }
}

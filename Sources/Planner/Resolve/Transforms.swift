import PipelineDSL

extension Checker {
    static let maximumSteps = 200

    mutating func checkTransform(_ transform: TransformDeclaration) -> CheckedNode? {
        let name = transform.name.value
        let mode =
            transform.mode.flatMap { Plan.Mode(rawValue: $0.value) } ?? scheduledMode(transform)
        let zone = zone(of: transform.name)
        let contract = contract(transform.contract)
        checkRunsOn(transform.runsOn)
        checkSchedules(transform)
        guard var body = body(of: transform, mode ?? self.mode) else { return nil }
        if let late = transform.late {
            guard let marked = marked(body, late, of: name) else { return nil }
            body = marked
        }
        if let declared = transform.contract {
            guard let contract,
                let valid = satisfying(contract, body, at: declared.span, of: "`\(name)`")
            else { return nil }
            body = valid
        }
        let schema = classified(body.schema, by: contract)
        let eventTime = eventTime(of: body).map { schema.fields[$0].name }
        let table: TablePlan?
        switch zone {
        case .unknown: return nil
        case .none:
            checkNotStored(transform)
            table = nil
        case .zone(let declaration):
            guard let plan = tablePlan(transform, declaration, schema, mode ?? self.mode) else {
                return nil
            }
            table = plan
        }
        return CheckedNode(
            name: name, kind: table == nil ? .relation : .table,
            description: transform.description, schema: schema, body: body, table: table,
            contract: contract?.declaration.name.value, mode: mode == self.mode ? nil : mode,
            every: transform.every?.value, cron: transform.cron?.value,
            runsOn: transform.runsOn?.value, eventTime: eventTime, span: transform.span,
            places: places(of: transform, zone))
    }

    private func places(
        of transform: TransformDeclaration, _ zone: TransformZone
    ) -> [String: SourceSpan] {
        var places: [String: SourceSpan] = [:]
        if case .zone(let zone) = zone {
            places = zone.format?.places ?? [:]
            places["location"] = zone.path.span
            places["partition_by"] = zone.partitionBy.first?.span
            places.merge(zone.retain?.places.prefixed("retain") ?? [:]) { $1 }
        }
        if let partition = transform.partitionBy?.first { places["partition_by"] = partition.span }
        places["contract"] = transform.contract?.span
        places["mode"] = transform.mode?.span
        places["every"] = transform.every?.span
        places["cron"] = transform.cron?.span
        places["runs_on"] = transform.runsOn?.span
        places["write.mode"] = transform.write?.mode.span
        places["write.on"] = transform.write?.on.first?.span
        return places
    }

    /// Classes of personal data that only the contract knows of.
    private func classified(_ schema: Schema, by contract: CheckedContract?) -> Schema {
        var schema = schema
        for index in schema.fields.indices where schema.fields[index].pii == nil {
            schema.fields[index].pii = contract?.schema[schema.fields[index].name]?.pii
        }
        return schema
    }

    private mutating func body(
        of transform: TransformDeclaration, _ mode: Plan.Mode
    ) -> LogicalNode? {
        switch transform.body {
        case .missing: return nil
        case .sql(let source):
            let (query, problems) = SQLParser.query(source)
            bag.add(contentsOf: problems)
            guard let query, !problems.contains(where: { $0.severity == .error }) else {
                return nil
            }
            return plan(query, input: nil)
        case .steps(let from, let steps):
            guard let input = union(from, of: transform.name) else {
                // The steps cannot be typed, but what they name can be looked at.
                for step in steps { _ = signature(of: step) }
                return nil
            }
            return apply(steps, to: input, of: transform, mode)
        }
    }

    private mutating func signature(of step: StepDeclaration) -> (any StepSignature)? {
        if let signature = catalogue.step(step.name.value) { return signature }
        let known = catalogue.steps.map(\.name)
        let near =
            Steps.synonyms[step.name.value.lowercased()] ?? nearName(step.name.value, among: known)
        bag.add(
            Diagnostic(
                .unknownStep, "there is no step `\(step.name.value)`", at: step.name.span,
                label: near.map { "did you mean `\($0)`?" } ?? "",
                notes: ["steps: \(quotedNames(known))"],
                fix: near.map { .init("use `\($0)`", span: step.name.span, replacement: $0) }))
        return nil
    }

    private mutating func apply(
        _ steps: [StepDeclaration], to input: LogicalNode, of transform: TransformDeclaration,
        _ mode: Plan.Mode
    ) -> LogicalNode? {
        if steps.count > Self.maximumSteps {
            bag.add(
                Diagnostic(
                    .tooManySteps, "`\(transform.name.value)` has \(steps.count) steps",
                    at: steps[Self.maximumSteps].name.span,
                    label: "step \(Self.maximumSteps + 1)"))
            return nil
        }
        var current: LogicalNode? = input
        for step in steps {
            guard let signature = signature(of: step) else {
                current = nil
                continue
            }
            // After a step that failed, what the next ones would see is not known.
            guard let input = current else { continue }
            var context = stepContext(transform, input, mode)
            current = signature.apply(step, to: input, in: &context)
            bag.add(contentsOf: context.diagnostics.all)
            if let yielded = current, yielded.depth > LogicalNode.maximumDepth {
                bag.add(
                    Diagnostic(
                        .tooManySteps, "`\(transform.name.value)` does too much in one transform",
                        at: step.name.span))
                return nil
            }
        }
        return current
    }

    private func stepContext(
        _ transform: TransformDeclaration, _ input: LogicalNode, _ mode: Plan.Mode
    ) -> StepContext {
        let checker = self
        return StepContext(
            transform: transform.name.value, mode: mode,
            eventTime: eventTime(of: input).map { input.schema.fields[$0].name },
            eventTimeOf: { checker.eventTime(of: $0) },
            values: values, expressions: expressions,
            relation: { name, bag in
                var checker = checker
                checker.bag = DiagnosticBag()
                let relation = checker.relation(name)
                bag.add(contentsOf: checker.bag.all)
                return relation
            },
            contract: { name, node, bag in
                var checker = checker
                checker.bag = DiagnosticBag()
                defer { bag.add(contentsOf: checker.bag.all) }
                guard let contract = checker.contract(name) else { return nil }
                return checker.satisfying(
                    contract, node, at: name.span, of: "the input of this step", rejectsNulls: true)
            },
            query: { query, node, bag in
                var checker = checker
                checker.bag = DiagnosticBag()
                defer { bag.add(contentsOf: checker.bag.all) }
                return checker.plan(query, input: node)
            })
    }
}

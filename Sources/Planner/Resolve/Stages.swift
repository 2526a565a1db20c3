import PipelineDSL

extension Checker {
    /// Settings of stages are read by the reader already; only their texts may still need filling.
    mutating func checkStages() {
        var reader = PlanValues(values)
        for stage in spec.stages {
            _ = reader.value(SettingValue(.object(stage.settings), span: stage.name.span))
        }
        bag.add(contentsOf: reader.diagnostics)
    }

    func stagePlans() -> [StagePlan] {
        var reader = PlanValues(values)
        return spec.stages.map { stage in
            let settings = reader.value(
                SettingValue(.object(stage.settings), span: stage.name.span))
            return StagePlan(
                name: stage.name.value, platform: stage.platform.value,
                settings: settings.object ?? [:])
        }
    }

    mutating func checkRunsOn(_ name: Spanned<String>?) {
        guard let name, !spec.stages.contains(where: { $0.name.value == name.value }) else {
            return
        }
        let known = spec.stages.map(\.name.value)
        let near = nearName(name.value, among: known)
        bag.add(
            Diagnostic(
                .unknownStage, "there is no stage `\(name.value)`", at: name.span,
                label: near.map { "did you mean `\($0)`?" } ?? "",
                notes: known.isEmpty
                    ? ["declare it: `stages: { \(name.value): { lambda: { memory: 512 MB } } }`"]
                    : ["stages: \(quotedNames(known))"],
                fix: near.map { .init("use `\($0)`", span: name.span, replacement: $0) }))
    }

    // MARK: - Schedules

    /// A transform that runs now and then computes its result anew each time, and so does what reads
    /// it.
    func scheduledMode(_ transform: TransformDeclaration) -> Plan.Mode? {
        let isScheduled =
            transform.every != nil || transform.cron != nil || schedule(of: transform) != nil
        let readsScheduled = dependencies(of: transform.name.value).contains {
            nodes[$0.value]?.mode == .batch
        }
        return isScheduled || readsScheduled ? .batch : nil
    }

    /// Where the stage of a transform says when it runs.
    private func schedule(of transform: TransformDeclaration) -> SourceSpan? {
        let stage = spec.stages.first { $0.name.value == transform.runsOn?.value }
        return stage?.settings.keySpan("every") ?? stage?.settings.keySpan("cron")
    }

    mutating func checkSchedules(_ transform: TransformDeclaration) {
        guard let own = transform.every?.span ?? transform.cron?.span,
            let stages = schedule(of: transform), let stage = transform.runsOn
        else { return }
        bag.add(
            Diagnostic(
                .stageSchedules,
                "`\(transform.name.value)` has a schedule, and so has its stage `\(stage.value)`",
                at: own, secondary: [.init(stages, "that of the stage")],
                notes: ["remove one of them"]))
    }
}

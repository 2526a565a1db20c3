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
        guard let name, !spec.stages.contains(where: { $0.name.value == name.value }) else { return }
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
}

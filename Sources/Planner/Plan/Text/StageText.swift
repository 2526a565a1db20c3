import PipelineDSL

/// The stages of a plan for people: what runs there, and how its rows are worked on.
enum StageText {
    static func lines(_ plan: Plan) -> [String] {
        let used = plan.stages.filter { stage in plan.nodes.contains { $0.runsOn == stage.name } }
        let own = plan.nodes.filter { $0.every != nil || $0.cron != nil }
        guard !used.isEmpty || !own.isEmpty else { return [] }
        let width = min(40, ((used.map(\.name) + own.map(\.name)).map(\.count).max() ?? 0) + 2)
        var lines = ["", "Stages"]
        for stage in used {
            let nodes = plan.nodes.filter { $0.runsOn == stage.name }.map(\.name)
            lines.append(
                TextLine(
                    "  \(stage.name)",
                    "\(stage.summary)  runs \(nodes.joined(separator: ", "))", column: width + 2
                ).text())
        }
        for node in own {
            let schedule = StagePlan.schedule(node.every, node.cron) ?? ""
            lines.append(TextLine("  \(node.name)", schedule, column: width + 2).text())
        }
        return lines
    }
}

extension StagePlan {
    /// `lambda, 512 MB, 60 seconds for a batch of 100 rows or 5 seconds, 3 retries, bisects`
    var summary: String {
        var parts = [platform]
        func integer(_ name: String) -> Int64? {
            if case .integer(let value)? = settings[name] { value } else { nil }
        }
        if let memory = integer("memory") { parts.append(QuantityText.size(memory)) }
        if let timeout = integer("timeout") {
            parts.append("timeout \(QuantityText.duration(timeout))")
        }
        if let batch = batchText { parts.append(batch) }
        if let retries = integer("retries") {
            parts.append(retries == 1 ? "1 retry" : "\(retries) retries")
        }
        if settings["bisect_on_error"] == .boolean(true) { parts.append("bisects on error") }
        for name in ["concurrency", "parallelism", "workers"] {
            if let count = integer(name) { parts.append("\(name) \(count)") }
        }
        if let scale = scaleText { parts.append(scale) }
        var cron: String?
        if case .string(let text)? = settings["cron"] { cron = text }
        if let schedule = Self.schedule(integer("every"), cron) { parts.append(schedule) }
        return parts.joined(separator: ", ")
    }

    static func schedule(_ every: Int64?, _ cron: String?) -> String? {
        if let every { return "every \(QuantityText.duration(every))" }
        return cron.map { "at `\($0)` UTC" }
    }

    private var batchText: String? {
        guard case .object(let batch)? = settings["batch"] else { return nil }
        var bounds: [String] = []
        if case .integer(let rows)? = batch["rows"] { bounds.append("\(rows) rows") }
        if case .integer(let bytes)? = batch["bytes"] { bounds.append(QuantityText.size(bytes)) }
        if case .integer(let every)? = batch["every"] {
            bounds.append(QuantityText.duration(every))
        }
        return bounds.isEmpty ? nil : "batches of \(bounds.joined(separator: " or "))"
    }

    private var scaleText: String? {
        guard case .object(let scale)? = settings["scale"], case .string(let on)? = scale["on"]
        else { return nil }
        func count(_ name: String, _ missing: Int64) -> Int64 {
            if case .integer(let value)? = scale[name] { value } else { missing }
        }
        return "\(count("min", 0)) to \(count("max", 1)) workers by \(on)"
    }
}

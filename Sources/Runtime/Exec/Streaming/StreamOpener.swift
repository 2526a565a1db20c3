import PipelineDSL
import Planner

/// Opens the streamed sources of a plan, by their connector.
struct StreamOpener {
    let plan: Plan
    let project: ProjectDirectory
    let settings: RunSettings
    let clock: any PipelineClock

    func open(_ names: Set<String>) throws -> [(name: String, source: any StreamingSource)] {
        try names.sorted().compactMap { name in
            guard let node = plan[name], let scan = node.scan else { return nil }
            return (name, try open(node, scan))
        }
    }

    private func open(_ node: PlanNode, _ scan: ScanPlan) throws -> any StreamingSource {
        if let bench = settings.bench { return bench.stream(node, scan, settings) }
        switch scan.binding.connector {
        case "files", "s3":
            return FilesStream(node, scan, project: project, settings: settings)
        case "generate":
            let table = try GeneratedTable(scan, source: node.name, now: settings.now)
            return GenerateStream(table) { [clock] in clock.now }
        case "kinesis" where scan.binding.isEmbedded, "http" where scan.binding.isEmbedded:
            return try LogSource(node, scan, project, now: settings.now)
        case "sqs" where scan.binding.isEmbedded:
            return try QueueSource(node, scan, project) { [clock] in clock.now }
        case let connector:
            throw RunError(
                .streamingUnsupported, "`\(connector)` cannot be streamed yet",
                at: scan.binding.span)
        }
    }
}

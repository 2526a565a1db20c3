import Foundation
import PipelineDSL
import Planner

/// A dataset as OpenLineage names it: https://openlineage.io/docs/spec/naming
struct LineageDataset: Hashable, Sendable {
    var namespace: String
    var name: String
}

/// The datasets of a plan: what its sources read, its tables and what its sinks write. What is embedded
/// is the file or folder that it is.
struct LineageDatasets {
    private let plan: Plan
    private let project: ProjectDirectory

    init(_ plan: Plan, _ project: ProjectDirectory) {
        self.plan = plan
        self.project = project
    }

    var inputs: [PlanNode] { plan.nodes.filter { $0.kind == .source } }
    var outputs: [PlanNode] { plan.nodes.filter { $0.kind == .table || $0.kind == .sink } }

    func dataset(_ node: PlanNode) -> LineageDataset {
        if let table = node.table { return located(table.path) }
        guard let binding = node.binding else { return own(node) }
        return bound(binding, node)
    }

    private func bound(_ binding: BindingPlan, _ node: PlanNode) -> LineageDataset {
        func text(_ name: String) -> String? { binding.settings[name]?.string }
        switch binding.connector {
        case "files": return text("path").map(located) ?? own(node)
        case "s3":
            guard let bucket = text("bucket") else { return own(node) }
            let key = text("path") ?? ""
            if binding.isEmbedded {
                return file("\(EmbeddedPaths.bucket(bucket))/\(key)")
            }
            return LineageDataset(namespace: "s3://\(bucket)", name: key.isEmpty ? "/" : key)
        case "dynamodb" where binding.isEmbedded:
            return file(EmbeddedPaths.keyValueTable(text("table") ?? node.name))
        case "sqs" where binding.isEmbedded:
            return file(EmbeddedPaths.queue(text("queue") ?? node.name))
        case "kinesis" where binding.isEmbedded:
            return file(EmbeddedPaths.stream(text("stream") ?? node.name))
        case "http" where binding.isEmbedded: return file(EmbeddedPaths.ingest(node.name))
        case "webhook":
            guard let url = text("url").flatMap({ URL(string: $0) }), let host = url.host() else {
                return own(node)
            }
            let port = url.port.map { ":\($0)" } ?? ""
            let path = url.path()
            return LineageDataset(
                namespace: "\(url.scheme ?? "https")://\(host)\(port)",
                name: path.isEmpty ? "/" : path)
        default: return own(node)
        }
    }

    /// A path of the spec: `s3://bucket/key`, or a file.
    private func located(_ path: String) -> LineageDataset {
        guard let scheme = path.range(of: "://") else { return file(path) }
        let rest = path[scheme.upperBound...]
        let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        return LineageDataset(
            namespace: path[..<scheme.upperBound] + (parts.first.map(String.init) ?? ""),
            name: parts.count > 1 && !parts[1].isEmpty ? String(parts[1]) : "/")
    }

    private func file(_ path: String) -> LineageDataset {
        LineageDataset(namespace: "file", name: project.resolve(path))
    }

    private func own(_ node: PlanNode) -> LineageDataset {
        LineageDataset(namespace: "pipec", name: "\(plan.pipeline).\(node.name)")
    }
}

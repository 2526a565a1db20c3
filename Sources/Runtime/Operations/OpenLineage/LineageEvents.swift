import Foundation
import PipelineDSL
import Planner

/// Makes the events of a run by the OpenLineage specification, version 2-0-2: one job, the pipeline;
/// its sources are the inputs, its tables and sinks the outputs.
struct LineageEvents {
    enum Kind: String { case start = "START", running = "RUNNING", complete = "COMPLETE" }

    static let producer = "https://github.com/pipec/pipec"
    private static let schemas = "https://openlineage.io/spec/"

    private let plan: Plan
    private let runID: String
    private let namespace: String
    private let version: String
    private let datasets: LineageDatasets
    /// They do not change while the plan does not.
    private let inputs: [(node: PlanNode, dataset: LineageDataset, facets: JSONPart)]
    private let outputs: [(node: PlanNode, dataset: LineageDataset, facets: JSONPart)]

    init(
        _ run: RunStart, _ project: ProjectDirectory, namespace: String, version: String,
        selection: Set<String>?
    ) {
        plan = run.plan
        runID = LineageEvents.identifier(run.plan.pipeline + "/" + run.token)
        self.namespace = namespace
        self.version = version
        let datasets = LineageDatasets(run.plan, project)
        self.datasets = datasets
        let columns = LineageColumns(run.plan)
        func isSelected(_ node: PlanNode) -> Bool { selection?.contains(node.name) ?? true }
        inputs = datasets.inputs.map {
            ($0, datasets.dataset($0), .object([LineageEvents.schema($0)]))
        }
        outputs = datasets.outputs.filter(isSelected).map { node in
            let lineage = LineageEvents.columnLineage(node, columns, run.plan, datasets)
            return (
                node, datasets.dataset(node), .object([LineageEvents.schema(node), lineage])
            )
        }
    }

    /// - Parameter report: what was read and written so far; `nil` before anything was.
    func event(
        _ type: String, at now: Int64, report: RunReport?, failure: Diagnostic? = nil
    ) -> [UInt8] {
        JSONPart.object([
            ("eventType", .text(type)), ("eventTime", .text(LineageEvents.time(now))),
            (
                "run",
                .object([("runId", .text(runID)), ("facets", .object(runFacets(failure)))])
            ),
            (
                "job",
                .object([
                    ("namespace", .text(namespace)), ("name", .text(plan.pipeline)),
                    ("facets", .object(jobFacets)),
                ])
            ),
            (
                "inputs",
                .list(
                    inputs.map { input in
                        dataset(
                            input.dataset, input.facets, "inputFacets",
                            report?.nodes.first { $0.name == input.node.name }.map {
                                statistics("inputStatistics", $0.read, $0.readBytes, $0.files)
                            })
                    })
            ),
            (
                "outputs",
                .list(
                    outputs.map { output in
                        dataset(
                            output.dataset, output.facets, "outputFacets",
                            report?.nodes.first { $0.name == output.node.name }.map {
                                statistics(
                                    "outputStatistics", $0.written, $0.writtenBytes, $0.files)
                            })
                    })
            ), ("producer", .text(LineageEvents.producer)),
            (
                "schemaURL",
                .text(LineageEvents.schemas + "2-0-2/OpenLineage.json#/$defs/RunEvent")
            ),
        ]).bytes
    }

    private func dataset(
        _ dataset: LineageDataset, _ facets: JSONPart, _ key: String,
        _ statistics: (String, JSONPart)?
    ) -> JSONPart {
        .object([
            ("namespace", .text(dataset.namespace)), ("name", .text(dataset.name)),
            ("facets", facets), (key, .object(statistics.map { [$0] } ?? [])),
        ])
    }

    // MARK: - Facets

    private static func facet(
        _ path: String, _ name: String, _ members: [(String, JSONPart)]
    ) -> JSONPart {
        .object(
            [
                ("_producer", .text(producer)),
                ("_schemaURL", .text("\(schemas)facets/\(path)/\(name).json#/$defs/\(name)")),
            ] + members)
    }

    private func runFacets(_ failure: Diagnostic?) -> [(String, JSONPart)] {
        let engine = LineageEvents.facet(
            "1-1-1", "ProcessingEngineRunFacet",
            [("version", .text(version)), ("name", .text("pipec"))])
        guard let failure else { return [("processing_engine", engine)] }
        let message = LineageEvents.facet(
            "1-0-1", "ErrorMessageRunFacet",
            [
                ("message", .text("\(failure.code): \(failure.message)")),
                ("programmingLanguage", .text("pipec")),
            ])
        return [("processing_engine", engine), ("errorMessage", message)]
    }

    private var jobFacets: [(String, JSONPart)] {
        let isStreaming = plan.mode == .streaming
        let type = LineageEvents.facet(
            "2-0-4", "JobTypeJobFacet",
            [
                ("processingType", .text(isStreaming ? "STREAMING" : "BATCH")),
                ("integration", .text("PIPEC")), ("jobType", .text("PIPELINE")),
            ])
        var facets = [("jobType", type)]
        if let description = plan.description {
            facets.append(
                (
                    "documentation",
                    LineageEvents.facet(
                        "1-1-0", "DocumentationJobFacet", [("description", .text(description))])
                ))
        }
        if let owner = plan.owner {
            let owners = JSONPart.list([.object([("name", .text(owner))])])
            facets.append(
                (
                    "ownership",
                    LineageEvents.facet("1-0-1", "OwnershipJobFacet", [("owners", owners)])
                ))
        }
        return facets
    }

    private static func schema(_ node: PlanNode) -> (String, JSONPart) {
        let fields = node.schema.fields.map { field in
            JSONPart.object([
                ("name", .text(field.name)), ("type", .text(field.type.description)),
            ])
        }
        return ("schema", facet("1-2-0", "SchemaDatasetFacet", [("fields", .list(fields))]))
    }

    private static func columnLineage(
        _ node: PlanNode, _ columns: LineageColumns, _ plan: Plan, _ datasets: LineageDatasets
    ) -> (String, JSONPart) {
        func inputs(_ uses: LineageColumns.Uses) -> JSONPart {
            .list(
                uses.sorted { $0.key < $1.key }.compactMap { reference, uses in
                    guard let node = plan[reference.node] else { return nil }
                    let dataset = datasets.dataset(node)
                    let kinds = uses.sorted().map { use in
                        JSONPart.object([
                            ("type", .text(use.isDirect ? "DIRECT" : "INDIRECT")),
                            ("subtype", .text(use.kind)),
                        ])
                    }
                    return .object([
                        ("namespace", .text(dataset.namespace)), ("name", .text(dataset.name)),
                        ("field", .text(reference.column)), ("transformations", .list(kinds)),
                    ])
                })
        }
        let fields = columns.fields(of: node).map { field in
            (field.name, JSONPart.object([("inputFields", inputs(field.uses))]))
        }
        return (
            "columnLineage",
            facet(
                "1-2-0", "ColumnLineageDatasetFacet",
                [("fields", .object(fields)), ("dataset", inputs(columns.rows(of: node)))])
        )
    }

    private func statistics(
        _ name: String, _ rows: Int, _ bytes: Int, _ files: Int
    ) -> (String, JSONPart) {
        var members: [(String, JSONPart)] = [("rowCount", .number(rows))]
        if bytes > 0 { members.append(("size", .number(bytes))) }
        if files > 0 { members.append(("fileCount", .number(files))) }
        let isInput = name == "inputStatistics"
        return (
            name,
            LineageEvents.facet(
                isInput ? "1-0-0" : "1-0-2",
                isInput ? "InputStatisticsInputDatasetFacet" : "OutputStatisticsOutputDatasetFacet",
                members)
        )
    }

    // MARK: - Values

    /// A UUID that is the same for the same run (RFC 9562, version 8).
    private static func identifier(_ text: String) -> String {
        var bytes = Array(Array(text.utf8).withUnsafeBytes { SHA256.digest($0) }.prefix(16))
        bytes[6] = bytes[6] & 0x0F | 0x80
        bytes[8] = bytes[8] & 0x3F | 0x80
        var hex: [UInt8] = []
        ByteText.appendHex(bytes, to: &hex)
        for place in [20, 16, 12, 8] { hex.insert(UInt8(ascii: "-"), at: place) }
        return String(decoding: hex, as: UTF8.self)
    }

    /// RFC 3339.
    private static func time(_ microseconds: Int64) -> String {
        var text: [UInt8] = []
        ValueText.append(timestamp: microseconds / 1000 * 1000, to: &text)
        let written = String(decoding: text, as: UTF8.self).replacing(" ", with: "T")
        return written.hasSuffix("Z") ? written : written + "Z"
    }
}

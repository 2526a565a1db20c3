import PipelineDSL
import Planner

extension GraphBuilder {
    /// A sink into files: staged, committed and replaced like a table.
    func fileSink(
        _ node: PlanNode, _ sink: SinkPlan, _ input: Vertex,
        _ parts: inout ExecutionGraph.NodeVertices
    ) throws {
        let isWarehouse = sink.binding.connector == "redshift"
        guard let format = isWarehouse ? RedshiftSettings.format : sink.format else {
            throw RunError(
                .cannotRun, "sink `\(node.name)` has no format", at: sink.binding.span,
                notes: ["write `format:` beside the connector"])
        }
        let target = try FileTarget(sink.binding, node: node.name)
        var place = ExecutionGraph.FilePlace(
            format: format, target: target.resolved(project), isSingleFile: target.isSingleFile)
        try graph.checkFree(place.target, for: node.name, at: sink.binding.span)
        try checkOwned(place, node, sink)
        try ObjectVersions.enable(sink.binding, project)
        if appends(sink), !target.isSingleFile, let existing = TableManifest.load(place.target) {
            try existing.checkFormat(format, of: node.name, at: sink.binding.span)
            place.kept = existing.files
            place.extends = true
            place.mayStay = epoch != nil
        }
        var input = input
        if isWarehouse { input = try merged(node, sink, input, &place, &parts) }
        let encoder = try FileEncoders.make(
            format, schema: node.schema, node: node.name,
            path: place.isSingleFile ? place.target : nil)
        addFiles(node, input, try partitioning(node, sink), encoder, place, &parts)
    }

    /// The rows of a warehouse's table after a merge, where it is merged.
    private func merged(
        _ node: PlanNode, _ sink: SinkPlan, _ input: Vertex,
        _ place: inout ExecutionGraph.FilePlace, _ parts: inout ExecutionGraph.NodeVertices
    ) throws -> Vertex {
        let settings = RedshiftSettings(sink.binding)
        guard settings.merges else { return input }
        let stored = settings.stored(node, project)
        let manifest = try stored.manifest()
        let isStored = manifest != nil
        if epoch != nil, let manifest { place.merged = MergedTable(stored, manifest) }
        let keys = settings.keys.compactMap { node.schema.index(of: $0) }
        if epoch != nil { place.keys = keys }
        place.extends = place.merged != nil
        let whole = { (_: KeyRanges) in [try stored.reader(columns: node.schema.fields)] }
        let merge = MergeOperator(
            on: keys, schema: node.schema, memory: memory, directory: project.temporary,
            existing: isStored ? place.merged?.readers ?? whole : nil,
            skipsUnchanged: epoch != nil && isStored)
        place.mayStay = epoch != nil && isStored
        let vertex = makeVertex("\(node.name)/merge", node: node.name)
        attach(serial: merge, to: vertex, inputs: [input])
        enter(&parts, vertex, isEntry: parts.operators.isEmpty)
        return vertex
    }

    private func appends(_ sink: SinkPlan) -> Bool {
        if let mode = sink.binding.settings["mode"]?.string { return mode == "append" }
        return plan.mode == .streaming
    }

    private func partitioning(
        _ node: PlanNode, _ sink: SinkPlan
    ) throws -> TableCollector.Partitioning {
        guard case .list(let values) = sink.binding.settings["partition_by"] else {
            return TableCollector.Partitioning(names: [], columns: [])
        }
        let names = values.compactMap { if case .string(let name) = $0 { name } else { nil } }
        return TableCollector.Partitioning(
            names: names,
            columns: try names.map { name in
                guard let index = node.schema.index(of: name) else {
                    throw RunError(
                        .connectorKeyColumn,
                        "`partition_by` names `\(name)`, which is no column of `\(node.name)`",
                        at: sink.binding.span)
                }
                return try CompiledExpression(
                    .column(index, of: node.schema), input: node.schema, run: run)
            })
    }

    /// A run replaces what is at the target, so it must be this pipeline's own work.
    private func checkOwned(
        _ place: ExecutionGraph.FilePlace, _ node: PlanNode, _ sink: SinkPlan
    ) throws {
        guard Files.exists(place.target) else { return }
        func refuse(_ what: String, _ note: String) -> RunError {
            RunError(
                .foreignOutput, "`\(node.name)` cannot write to \(place.target): \(what)",
                at: sink.binding.span, notes: [note])
        }
        let isFolder = Files.isDirectory(place.target)
        if place.isSingleFile {
            if isFolder { throw refuse("it is a folder", "end the path in `/`, or name a file") }
            return
        }
        guard isFolder else { throw refuse("it is a file", "name a folder") }
        let isOwn = TableManifest.load(place.target) != nil
        if !isOwn, !Files.list(place.target).isEmpty {
            throw refuse(
                "it holds files that pipec did not write",
                "a sink's folder is replaced by every run; name one of its own, or empty this one")
        }
    }
}

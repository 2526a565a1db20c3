import PipelineDSL
import Planner

extension GraphBuilder {
    /// Adds what stores a table, and yields what reads of it see: the table's rows after the write.
    func table(
        _ node: PlanNode, _ table: TablePlan, _ input: Vertex,
        _ parts: inout ExecutionGraph.NodeVertices
    ) throws -> Vertex {
        let target = project.resolve(table.path)
        let stored = StoredTable(folder: target, node: node, format: table.format)
        let bench = settings.bench
        let existing = try bench == nil ? stored.manifest() : nil
        let isStored = bench?.hasTable(node.name) ?? (existing != nil)
        let readStored = {
            try bench?.tableReader(node.name) ?? stored.reader(columns: node.schema.fields)
        }
        var relation = input
        var merged: MergedTable?
        switch table.mode {
        case .overwrite, .append: break
        case .merge:
            if epoch != nil, let existing { merged = MergedTable(stored, existing) }
            let whole = { (_: KeyRanges) in [try readStored()] }
            let merge = MergeOperator(
                on: table.on, schema: node.schema, memory: memory, directory: project.temporary,
                existing: isStored ? merged?.readers ?? whole : nil,
                skipsUnchanged: epoch != nil && existing != nil)
            let vertex = makeVertex("\(node.name)/merge", node: node.name)
            attach(serial: merge, to: vertex, inputs: [input])
            enter(&parts, vertex, isEntry: parts.operators.isEmpty)
            relation = vertex
        case .scd2:
            throw RunError(
                .cannotRun, "`mode: scd2` cannot be written yet", at: table.span,
                notes: ["`merge` keeps the newest row of each key"])
        }
        let extends = table.mode == .append && isStored
        if let bench {
            addWriter(
                node, bench.writer(node.name, extends: table.mode == .append), relation, &parts)
        } else {
            try addWriter(
                node, table, relation, existing: extends ? existing : nil, target, merged,
                // An epoch without rows for the table changes nothing.
                mayStay: epoch != nil && existing != nil, &parts)
        }
        // In a stream, who reads the table sees what each epoch brings.
        if epoch != nil { return input }
        guard extends else { return relation }
        // Who reads the table sees what was there before, too.
        let old = addSource(
            try readStored(), id: "\(node.name)/stored",
            node: node.name)
        let union = makeVertex("\(node.name)/with-stored", node: node.name)
        attach(
            serial: UnionOperator(
                portCount: 2, types: node.schema.fields.map(\.type), memory: memory,
                directory: project.temporary), to: union, inputs: [old, relation])
        return union
    }

    private func addWriter(
        _ node: PlanNode, _ table: TablePlan, _ input: Vertex, existing: TableManifest?,
        _ target: String, _ merged: MergedTable?, mayStay: Bool,
        _ parts: inout ExecutionGraph.NodeVertices
    ) throws {
        let partitioning = TableCollector.Partitioning(
            names: table.partitionBy.map(\.name),
            columns: try table.partitionBy.map {
                try CompiledExpression($0.expression, input: node.schema, run: run)
            })
        try graph.checkFree(target, for: node.name, at: table.span)
        try existing?.checkFormat(table.format, of: node.name, at: table.span)
        addFiles(
            node, input, partitioning,
            try FileEncoders.make(table.format, schema: node.schema, node: node.name),
            ExecutionGraph.FilePlace(
                format: table.format, target: target, kept: existing?.files ?? [],
                extends: existing != nil || merged != nil, mayStay: mayStay, merged: merged,
                keys: epoch == nil || table.mode != .merge ? [] : table.on), &parts)
    }

    /// Gathers rows by partition, encodes them and stages the files.
    func addFiles(
        _ node: PlanNode, _ input: Vertex, _ partitioning: TableCollector.Partitioning,
        _ encoder: any FileEncoder, _ place: ExecutionGraph.FilePlace,
        _ parts: inout ExecutionGraph.NodeVertices
    ) {
        let staging = FileTarget.staging(of: place.target, token: token)
        // In batch a file says the columns even of no rows, to whoever reads the folder; a stream
        // brings rows later.
        let needsFile = !place.mayStay && (epoch == nil || place.isSingleFile)
        let collect = makeVertex("\(node.name)/collect", node: node.name)
        attach(
            serial: TableCollector(
                partitioning: partitioning, groupRows: encoder.groupRows, memory: memory),
            to: collect, inputs: [input])
        let writer = TableWriter(
            encoder: encoder, staging: staging,
            filePrefix: place.extends ? "part-\(token)-" : "part-", needsFile: needsFile,
            keys: place.keys)
        let write = makeVertex("\(node.name)/write", node: node.name)
        attach(serial: writer, to: write, inputs: [collect])
        if parts.operators.isEmpty { parts.entries.append(collect) }
        parts.operators += [collect, write]
        parts.result = write
        graph.files.append(
            ExecutionGraph.FileOutput(
                node: node.name, place: place, writer: writer, staging: staging,
                schema: node.schema))
    }

    func sink(
        _ node: PlanNode, _ sink: SinkPlan, _ input: Vertex,
        _ parts: inout ExecutionGraph.NodeVertices
    ) throws {
        if let bench = settings.bench {
            return addWriter(node, bench.writer(node, sink), input, &parts)
        }
        if SinkOpener.writesFiles(sink.binding) {
            return try fileSink(node, sink, input, &parts)
        }
        let writer = try SinkOpener(
            project: project, settings: settings, token: token
        ).open(node, sink)
        addWriter(node, writer, input, &parts)
        graph.sinks.append(
            ExecutionGraph.SinkOutput(node: node.name, plan: sink, writer: writer))
    }

    private func addWriter(
        _ node: PlanNode, _ writer: any SinkWriter, _ input: Vertex,
        _ parts: inout ExecutionGraph.NodeVertices
    ) {
        let vertex = makeVertex("\(node.name)/write", node: node.name)
        var attempts = node.sink.map(attempts)
        attempts?.failures = vertex.metrics.failedAttempts
        attach(
            serial: SinkOperator(writer: writer, schema: node.schema, attempts: attempts),
            to: vertex, inputs: [input])
        enter(&parts, vertex, isEntry: parts.operators.isEmpty)
    }

    /// `on_error` of a sink: a row is given up only where it is said where to.
    private func attempts(_ sink: SinkPlan) -> BatchAttempts {
        let stop = graph.stopSignal
        return BatchAttempts(
            retries: Int(clamping: sink.retries), bisects: sink.deadLetter != nil,
            backoff: Backoff(first: sink.backoff), clock: settings.clock,
            goesOn: { !stop.isRaised })
    }

    func enter(_ parts: inout ExecutionGraph.NodeVertices, _ vertex: Vertex, isEntry: Bool) {
        if isEntry { parts.entries.append(vertex) }
        parts.operators.append(vertex)
        parts.result = vertex
    }
}

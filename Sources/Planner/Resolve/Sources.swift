import PipelineDSL

extension Checker {
    mutating func checkSource(_ source: SourceDeclaration) -> CheckedNode? {
        let name = source.name.value
        let resolved = resolve(source.name, source.binding, source.format, .source)
        let contract = contract(source.contract)
        guard let columns = columns(of: source, contract, resolved) else { return nil }
        let fields = columns.fields
        let (relation, metadata) = withMetadata(source, fields)
        let rename = columns.rename.merging(renames(source, fields)) { $1 }
        let eventTime = eventTime(of: source, relation)
        guard let resolved else { return nil }
        let problems = resolved.connector.check(
            resolved.settings, schema: relation, role: .source)
        bag.add(contentsOf: problems)
        let scan = ScanPlan(
            binding: resolved.plan, format: resolved.format, fields: fields, rename: rename,
            projection: Array(fields.fields.indices), metadata: metadata,
            unknownColumns: (contract?.declaration.unknownColumns ?? .drop).rawValue,
            contract: contract?.declaration.name.value, rules: contract?.rules ?? [],
            eventTime: eventTime, onError: source.onError.map { ScanPlan.OnError($0) },
            rowsPerSecond: source.rate.flatMap { rate in
                if case .rate(let rows)? = rate["records"]?.kind { rows } else { nil }
            })
        return CheckedNode(
            name: name, kind: .source, description: source.description, schema: relation,
            scan: scan, contract: contract?.declaration.name.value,
            eventTime: eventTime.map { relation.fields[$0.column].name }, span: source.span,
            places: places(of: source, resolved, contract))
    }

    private func places(
        of source: SourceDeclaration, _ resolved: ResolvedBinding, _ contract: CheckedContract?
    ) -> [String: SourceSpan] {
        var places = resolved.places
        places["contract"] = source.contract?.span
        places.merge(source.onError?.places.prefixed("on_error") ?? [:]) { $1 }
        places["event_time.column"] = source.eventTime?.column.span
        places["event_time.watermark"] = source.eventTime?.watermark?.span
        places["event_time.idle_after"] = source.eventTime?.idleAfter?.span
        places["event_time.allowed_lateness"] = source.eventTime?.lateness?.span
        for move in source.rename { places["rename.\(move.from.value)"] = move.from.span }
        for column in source.metadata {
            places["metadata.\(column.kind.rawValue)"] = column.column.span
        }
        for column in source.columns ?? contract?.declaration.columns ?? [] {
            places["columns.\(column.name.value)"] = column.name.span
        }
        return places
    }

    /// The columns of the file and behind them those that say where a row came from.
    private mutating func withMetadata(
        _ source: SourceDeclaration, _ fields: Schema
    ) -> (Schema, [ScanPlan.Metadata]) {
        var relation = fields
        var metadata: [ScanPlan.Metadata] = []
        for column in source.metadata {
            let name = column.column
            guard relation[name.value] == nil else {
                bag.add(
                    Diagnostic(
                        .columnTaken, "there is already a column `\(name.value)`", at: name.span,
                        notes: ["give it another name, such as `_\(column.kind.rawValue)`"]))
                continue
            }
            relation.fields.append(
                Field(name.value, column.kind.type, nullable: column.kind != .file))
            metadata.append(.init(kind: column.kind, column: name.value))
        }
        return (relation, metadata)
    }

    /// Theirs to ours. Several names may mean one column, where files differ in how they call it.
    private mutating func renames(
        _ source: SourceDeclaration, _ fields: Schema
    ) -> [String: String] {
        var rename: [String: String] = [:]
        for move in source.rename {
            guard fields[move.to.value] != nil else {
                unknownColumn(move.to, fields, of: "source `\(source.name.value)`")
                continue
            }
            rename[move.from.value] = move.to.value
        }
        return rename
    }

    private mutating func eventTime(
        of source: SourceDeclaration, _ relation: Schema
    ) -> ScanPlan.EventTime? {
        guard let declared = source.eventTime else { return nil }
        guard let index = relation.index(of: declared.column.value) else {
            unknownColumn(declared.column, relation, of: "source `\(source.name.value)`")
            return nil
        }
        guard relation.fields[index].type == .timestamp else {
            bag.add(
                Diagnostic(
                    .eventTimeType,
                    "`\(declared.column.value)` is \(relation.fields[index].type), not timestamp",
                    at: declared.column.span, label: "the event time must be a timestamp"))
            return nil
        }
        return ScanPlan.EventTime(
            column: index, watermark: declared.watermark?.value ?? 0,
            idleAfter: declared.idleAfter?.value, lateness: declared.lateness?.value)
    }
}

extension ScanPlan.OnError {
    init(_ settings: Settings) {
        self.init()
        if let retries = settings.integer("retries") { self.retries = retries }
        if let backoff = settings.duration("backoff") { self.backoff = backoff }
        // A name says both that they are kept and where.
        deadLetterFolder = settings.string("dead_letter")
        keepsDeadLetters = settings.boolean("dead_letter") ?? (deadLetterFolder != nil)
    }
}

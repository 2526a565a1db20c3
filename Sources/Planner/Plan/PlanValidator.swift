import PipelineDSL

/// Checks a plan that was read from a file, in which a person may have edited anything.
///
/// What passes cannot trap the runtime: every position is in range, every input exists and comes
/// first, every type agrees with what is computed from the inputs, nothing is nested too deep and
/// no number is out of its range. It does not ask whether the plan makes sense.
public struct PlanValidator {
    /// Something wrong, and where in the JSON form of the plan.
    public struct Problem: Hashable, Sendable {
        public var path: [String]
        public var reason: String

        func diagnostic(_ places: JSONPlaces) -> Diagnostic {
            Diagnostic(
                .brokenPlan, "`\(path.joined(separator: "/"))` \(reason)", at: places.span(path),
                notes: ["make the plan anew from the spec: `pipec plan --out plan.json`"])
        }
    }

    private var problems: [Problem] = []
    /// Relations of the nodes so far.
    private var relations: [String: Schema] = [:]
    /// More than this helps nobody.
    private static let maximumProblems = 100

    public static func problems(of plan: Plan) -> [Problem] {
        var validator = PlanValidator()
        for (index, node) in plan.nodes.enumerated() {
            validator.check(node, ["nodes", "\(index)"])
        }
        for (index, alert) in plan.alerts.enumerated() where alert.condition(in: plan) == nil {
            validator.report(["alerts", "\(index)", "when"], "is no condition over this plan")
        }
        return validator.problems
    }

    private mutating func report(_ path: [String], _ reason: String) {
        if problems.count < Self.maximumProblems {
            problems.append(.init(path: path, reason: reason))
        }
    }

    private mutating func report(_ misfit: Operation.Misfit, at path: [String]) {
        report(path + misfit.path, misfit.reason)
    }

    // MARK: Nodes

    private mutating func check(_ node: PlanNode, _ path: [String]) {
        if relations[node.name] != nil { report(path + ["name"], "is a second node of that name") }
        for (index, input) in node.inputs.enumerated() where relations[input] == nil {
            report(path + ["inputs", "\(index)"], "`\(input)` is not a node before this one")
        }
        check(node.schema, path + ["schema"])
        checkNames(node.schema, path + ["schema"])
        switch node.kind {
        case .source: checkSource(node, path)
        case .relation, .table, .sink: checkOperators(node, path)
        }
        checkParts(node, path)
        relations[node.name] = node.schema
    }

    /// A node has the parts of its kind and no others.
    private mutating func checkParts(_ node: PlanNode, _ path: [String]) {
        let parts: [(String, Bool, PlanNode.Kind)] = [
            ("scan", node.scan != nil, .source), ("table", node.table != nil, .table),
            ("sink", node.sink != nil, .sink),
        ]
        for (name, isThere, kind) in parts where isThere != (node.kind == kind) {
            report(
                path, isThere ? "has `\(name)` but is a \(node.kind.rawValue)" : "has no `\(name)`")
        }
        if let table = node.table { checkTable(table, node.schema, path + ["table"]) }
        if let sink = node.sink { checkSink(sink, path + ["sink"]) }
        if let every = node.every, every <= 0 { report(path + ["every"], "is not positive") }
    }

    private mutating func check(_ schema: Schema, _ path: [String]) {
        for (index, field) in schema.fields.enumerated() where !field.type.isBounded {
            report(path + ["\(index)"], "has a type that is out of range")
        }
    }

    /// Of a node's relation: inside a body, columns are only counted.
    private mutating func checkNames(_ schema: Schema, _ path: [String]) {
        var seen: Set<String> = []
        for (index, field) in schema.fields.enumerated() {
            if field.name.isEmpty { report(path + ["\(index)"], "has no name") }
            if !seen.insert(field.name).inserted {
                report(path + ["\(index)"], "is a second column of that name")
            }
        }
    }

    private mutating func checkSource(_ node: PlanNode, _ path: [String]) {
        guard let scan = node.scan else { return }
        let place = path + ["scan"]
        check(scan.fields, place + ["fields"])
        checkNames(scan.fields, place + ["fields"])
        let metadata = scan.metadata.map(\.column)
        if node.schema.names != scan.fields.names + metadata
            || zip(node.schema.fields, scan.fields.fields).contains(where: { $0.type != $1.type })
        {
            report(path + ["schema"], "is not the scan's fields and metadata")
        }
        for (column, field) in zip(
            scan.metadata, node.schema.fields.dropFirst(scan.fields.fields.count))
        where field.type != column.kind.type {
            report(path + ["schema"], "column `\(field.name)` must be a \(column.kind.type)")
        }
        checkAscending(scan.projection, scan.fields, place + ["projection"])
        for (index, rule) in scan.rules.enumerated() {
            check(place + ["rules", "\(index)", "check"]) { () throws(Operation.Misfit) in
                try rule.check.expect(.boolean, node.schema, [])
            }
        }
        if let rate = scan.rowsPerSecond, !(rate >= 0 && rate.isFinite) {
            report(place + ["rows_per_second"], "is no rate")
        }
        if let time = scan.eventTime {
            let isTimestamp =
                node.schema.fields.indices.contains(time.column)
                && node.schema.fields[time.column].type == .timestamp
            if !isTimestamp { report(place + ["event_time", "column"], "is no timestamp column") }
            if time.watermark < 0 { report(place + ["event_time", "watermark"], "is negative") }
            if let idle = time.idleAfter, idle < 0 {
                report(place + ["event_time", "idle_after"], "is negative")
            }
            if let lateness = time.lateness, lateness < 0 {
                report(place + ["event_time", "allowed_lateness"], "is negative")
            }
        }
        if !node.operators.isEmpty { report(path + ["operators"], "must be empty for a source") }
    }

    private mutating func checkAscending(_ positions: [Int], _ schema: Schema, _ path: [String]) {
        check(path) { () throws(Operation.Misfit) in try schema.expectPositions(positions, []) }
        if !zip(positions, positions.dropFirst()).allSatisfy({ $0 < $1 }) {
            report(path, "is not ascending")
        }
    }

    private mutating func check(
        _ path: [String], _ body: () throws(Operation.Misfit) -> Void
    ) {
        do { try body() } catch { report(error, at: path) }
    }

    private mutating func checkTable(_ table: TablePlan, _ schema: Schema, _ path: [String]) {
        check(path) { () throws(Operation.Misfit) in try schema.expectPositions(table.on, ["on"]) }
        if table.on.isEmpty, table.mode == .merge || table.mode == .scd2 {
            report(path + ["on"], "is empty; a \(table.mode.rawValue) needs a key")
        }
        var seen: Set<String> = []
        for (index, partition) in table.partitionBy.enumerated() {
            let place = path + ["partition_by", "\(index)"]
            check(place + ["expression"]) { () throws(Operation.Misfit) in
                try partition.expression.expect(nil, schema, [])
            }
            if partition.name.isEmpty || partition.name.contains("/") {
                report(place + ["name"], "cannot name a folder")
            }
            if !seen.insert(partition.name).inserted { report(place + ["name"], "is there twice") }
        }
        if table.path.isEmpty { report(path + ["path"], "is empty") }
        for (name, value) in [
            ("archive_after", table.archiveAfter), ("expire_after", table.expireAfter),
        ] {
            if let value, value < 0 { report(path + [name], "is negative") }
        }
    }

    private mutating func checkSink(_ sink: SinkPlan, _ path: [String]) {
        for (name, value) in [
            ("batch_rows", sink.batchRows), ("batch_bytes", sink.batchBytes),
            ("batch_every", sink.batchEvery),
        ] {
            if let value, value <= 0 { report(path + [name], "is not positive") }
        }
        if !(0...1000).contains(sink.retries) { report(path + ["retries"], "is not within 0…1000") }
        if sink.backoff < 0 { report(path + ["backoff"], "is negative") }
    }

    // MARK: Operators

    private mutating func checkOperators(_ node: PlanNode, _ path: [String]) {
        var schemas: [String: Schema] = [:]
        var unread: Set<String> = []
        for (index, step) in node.operators.enumerated() {
            let place = path + ["operators", "\(index)"]
            if schemas[step.id] != nil { report(place + ["id"], "is a second operator of that id") }
            checkOperator(step, node, schemas, place)
            unread.subtract(step.inputs)
            unread.insert(step.id)
            schemas[step.id] = step.schema
        }
        guard let last = node.operators.last else {
            return report(path + ["operators"], "is empty")
        }
        if unread.count > 1 {
            report(path + ["operators"], "has operators whose rows nothing reads")
        }
        if !last.schema.canStand(for: node.schema) {
            report(path + ["schema"], "is not what the last operator yields")
        }
    }

    private mutating func checkOperator(
        _ step: PhysicalOperator, _ node: PlanNode, _ schemas: [String: Schema], _ path: [String]
    ) {
        check(step.schema, path + ["schema"])
        if let bound = step.memoryBound, bound < 0 {
            report(path + ["memory_bound"], "is negative")
        }
        var inputs: [Schema] = []
        if let read = step.operation.nodeRead {
            if step.inputs != [read] || !node.inputs.contains(read) {
                report(path + ["inputs"], "must be the node that is read, one of the node's inputs")
            }
        } else {
            for (index, id) in step.inputs.enumerated() {
                guard let schema = schemas[id] else {
                    return report(
                        path + ["inputs", "\(index)"], "`\(id)` is not an operator before this one")
                }
                inputs.append(schema)
            }
        }
        do {
            let schema = try step.operation.schema(
                of: inputs, declared: step.schema, relation: { relations[$0] })
            if !schema.canStand(for: step.schema) {
                report(path + ["schema"], "is not what the operation yields")
            }
        } catch {
            report(error, at: path + ["operation", step.operation.name.rawValue])
        }
    }
}

extension Schema {
    /// Whether its rows may be taken for rows of `other`: the same types in the same places, null
    /// only where `other` allows it. Names are only labels.
    func canStand(for other: Schema) -> Bool {
        fields.count == other.fields.count
            && zip(fields, other.fields).allSatisfy { own, wanted in
                own.type == wanted.type && (wanted.nullable || !own.nullable)
            }
    }
}

extension DataType {
    /// Whether precision, scale and nesting are what the language allows.
    var isBounded: Bool { isBounded(level: 0) }

    private func isBounded(level: Int) -> Bool {
        guard level < 64 else { return false }
        switch self {
        case .decimal(let precision, let scale):
            return (1...38).contains(precision) && (0...precision).contains(scale)
        case .array(let element): return element.isBounded(level: level + 1)
        case .map(let key, let value):
            return key.isBounded(level: level + 1) && value.isBounded(level: level + 1)
        case .structure(let fields):
            return fields.allSatisfy { $0.type.isBounded(level: level + 1) }
        default: return true
        }
    }
}

extension MetadataColumn.Kind {
    /// The type of the column that tells it.
    public var type: DataType {
        switch self {
        case .file, .partitionKey, .sequence: .string
        case .line: .bigint
        case .receivedAt: .timestamp
        }
    }
}

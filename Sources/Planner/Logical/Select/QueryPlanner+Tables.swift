import PipelineDSL

extension QueryPlanner {
    /// The tables of a `FROM` list, each a factor of their product; `nil` where one of them is wrong.
    func factors(
        _ references: [TableReference], _ environment: Environment
    ) -> [TableRelation]? {
        var factors: [TableRelation] = []
        var isComplete = true
        for reference in references {
            if let unnest = lateral(reference) {
                // It reads the rows of what stands before it.
                guard isComplete else { continue }
                let left = factors.isEmpty ? oneRow(reference.span) : product(factors)
                guard
                    let joined = self.unnest(unnest, reference, left, keepEmpty: false, environment)
                else {
                    isComplete = false
                    continue
                }
                factors = [joined]
            } else if let factor = table(reference, beside: factors, environment) {
                factors.append(factor)
            } else {
                isComplete = false
            }
        }
        guard isComplete, haveDistinctNames(factors, references) else { return nil }
        return factors
    }

    /// Every row of each with every row of the others, columns in order.
    func product(_ factors: [TableRelation]) -> TableRelation {
        guard let first = factors.first else { return oneRow(.file("")) }
        return factors.dropFirst().reduce(first) { left, right in
            let join = Join(kind: .cross, leftKeys: [], rightKeys: [])
            return TableRelation(
                node: left.node.joined(join, with: right.node, span: right.node.span),
                scope: left.scope.joined(with: right.scope, offset: left.width))
        }
    }

    private func haveDistinctNames(
        _ factors: [TableRelation], _ references: [TableReference]
    ) -> Bool {
        var seen: Set<[String]> = []
        for table in factors.flatMap(\.scope.tables) where !table.path.isEmpty {
            guard !seen.insert(table.path.map { $0.lowercased() }).inserted else { continue }
            let span = references.last { $0.name(is: table.path) }?.span ?? references[0].span
            reportRepeated(table.name, span)
            return false
        }
        return true
    }

    func reportRepeated(_ name: String, _ span: SourceSpan) {
        report(
            .duplicateTableName, "two tables of this query are called `\(name)`", at: span,
            notes: ["give one of them another name: `\(name) AS other`"])
    }

    // MARK: One table

    func table(
        _ reference: TableReference, beside others: [TableRelation], _ environment: Environment
    ) -> TableRelation? {
        switch reference.kind {
        case .name(let path):
            guard let node = named(path, environment) else { return nil }
            let name = path.map(\.text)
            return relation(node, reference, path: Self.isFile(path) ? [Self.stem(name)] : name)
        case .query(let query, let isLateral):
            var inner = environment
            inner.outer = nil
            inner.forbidden = environment.outer.map { [($0, .outerColumn)] } ?? []
            inner.forbidden += others.map { ($0.scope, .lateralQuery) }
            _ = isLateral
            guard let node = plan(query, in: inner) else { return nil }
            return relation(node, reference, path: [])
        case .unnest, .function:
            guard let unnest = lateral(reference) else { return nil }
            return self.unnest(
                unnest, reference, oneRow(reference.span), keepEmpty: false, environment)
        case .join(let kind, let left, let right, let condition):
            let joined = join(kind, left, right, condition, reference.span, others, environment)
            guard let joined, let alias = reference.alias else { return joined }
            return aliased(joined, alias, reference)
        }
    }

    /// `FROM 'readings.csv'` is called `readings`.
    private static func isFile(_ path: [Identifier]) -> Bool {
        path.count == 1 && path[0].quoted && path[0].text.contains { $0 == "." || $0 == "/" }
    }

    private static func stem(_ path: [String]) -> String {
        let file = path[0].split(separator: "/").last ?? ""
        return String(file.prefix { $0 != "." })
    }

    private func relation(
        _ node: LogicalNode, _ reference: TableReference, path: [String]
    ) -> TableRelation? {
        let path = reference.alias.map { [$0.text] } ?? path
        var scope = Scope(node.schema, path: path)
        guard rename(&scope, by: reference.columnAliases) else { return nil }
        return TableRelation(node: node, scope: scope)
    }

    /// A join in parentheses with a name: all of its columns belong to the one name.
    private func aliased(
        _ joined: TableRelation, _ alias: Identifier, _ reference: TableReference
    ) -> TableRelation? {
        var scope = joined.scope
        scope.tables = [Scope.Table(path: [alias.text])]
        scope.columns = scope.columns.filter { !$0.isMerged }
        for index in scope.columns.indices { scope.columns[index].table = 0 }
        guard rename(&scope, by: reference.columnAliases) else { return nil }
        return TableRelation(node: joined.node, scope: scope)
    }

    private func rename(_ scope: inout Scope, by names: [Identifier]) -> Bool {
        guard names.count <= scope.columns.count else {
            reportColumnList(names, scope.columns.count)
            return false
        }
        for (index, name) in names.enumerated() { scope.columns[index].field.name = name.text }
        return true
    }

    // MARK: Names

    private func named(_ path: [Identifier], _ environment: Environment) -> LogicalNode? {
        let span = path[0].span.through(path[path.count - 1].span)
        if path.count == 1 {
            let name = path[0].text.lowercased()
            if let table = environment.commonTables.last(where: { $0.name == name })?.table {
                return common(table, path[0], environment)
            }
        }
        switch settings.relation(path) {
        case .found(let node):
            return LogicalNode(
                node.operation, inputs: node.inputs, schema: node.schema, span: span)
        case .failed: return nil
        case .unknown:
            reportUnknown(path, span, environment)
            return nil
        }
    }

    private func common(
        _ table: Environment.CommonTableState, _ name: Identifier, _ environment: Environment
    ) -> LogicalNode? {
        switch table {
        case .failed: return nil
        case .open:
            // A table of the pipeline may have the same name.
            if case .found(let node) = settings.relation([name]) { return node }
            report(
                .recursiveQuery, "`\(name.text)` reads itself", at: name.span,
                notes: ["common table expressions cannot be recursive here"])
            return nil
        case .planned(let node, let size):
            return state.spend(size * 50, at: name.span) ? node : nil
        }
    }

    private func reportUnknown(
        _ path: [Identifier], _ span: SourceSpan, _ environment: Environment
    ) {
        let written = path.map(\.text).joined(separator: ".")
        let names = settings.relationNames + environment.commonTables.map(\.name)
        let qualified = names.filter { $0.hasSuffix("." + written) }
        let longer = names.filter { !written.isEmpty && $0.hasPrefix(written) }
        let near =
            qualified.first ?? nearName(written, among: names)
            ?? (longer.count == 1 ? longer.first : nil)
        report(
            .unknownTable, "there is no table `\(written)`", at: span,
            label: near.map { "did you mean `\($0)`?" } ?? "",
            notes: names.isEmpty
                ? ["there are no tables here"]
                : ["tables here: \(names.prefix(24).joined(separator: ", "))"],
            fix: near.map { Diagnostic.Fix("write `\($0)`", span: span, replacement: $0) })
    }

    // MARK: UNNEST

    struct LateralUnnest {
        var list: Expression
        var name: String
        var ordinality: Bool
    }

    /// `UNNEST(x)`, or a function that yields an array, as a table.
    func lateral(_ reference: TableReference) -> LateralUnnest? {
        switch reference.kind {
        case .unnest(let arguments, let withOrdinality):
            guard arguments.count == 1 else {
                report(
                    .notSupported, "`UNNEST` takes one array", at: reference.span,
                    notes: ["unnest several in the list: `UNNEST(a) AS x, UNNEST(b) AS y`"])
                return nil
            }
            return LateralUnnest(list: arguments[0], name: "unnest", ordinality: withOrdinality)
        case .function(let call):
            guard let function = settings.checker.catalogue.callable(call.name.text),
                function.kind == .scalar
            else {
                reportTableFunction(call)
                return nil
            }
            return LateralUnnest(
                list: Expression(.call(call), span: reference.span), name: function.spelling,
                ordinality: false)
        default: return nil
        }
    }

    private func reportTableFunction(_ call: FunctionCall) {
        let name = call.name.text
        var notes = [
            "functions that yield an array can stand here, such as `generate_series(1, 10)`"
        ]
        if name.hasPrefix("read_") || name.hasSuffix("_scan") {
            notes = ["files are declared as sources, and read by their names"]
        }
        if ["tumble", "hop", "session"].contains(name) {
            notes = ["event-time windows stand in `GROUP BY`: `GROUP BY \(name)(at, …)`"]
        }
        report(
            .unknownTableFunction, "`\(name)` is not a table function", at: call.name.span,
            notes: notes)
    }

    func unnest(
        _ unnest: LateralUnnest, _ reference: TableReference, _ left: TableRelation,
        keepEmpty: Bool, _ environment: Environment
    ) -> TableRelation? {
        let context = QueryContext(place: .from) { _, _, _, _ in nil }
        var typer = self.typer(left.scope, environment, context)
        guard let list = typer.whole(unnest.list) else { return nil }
        guard case .array(let element) = list.type else {
            report(
                .notAnArray, "`UNNEST` takes an array, and this is \(list.type)",
                at: unnest.list.span, notes: unnestAdvice(list.type))
            return nil
        }
        guard !list.readsOuter else {
            report(
                .unsupportedCorrelation, "this array belongs to the query around this one",
                at: unnest.list.span, notes: ["unnest it in the `FROM` of that query"])
            return nil
        }
        let table = reference.alias?.text ?? unnest.name
        let names = reference.columnAliases.map(\.text)
        let column = names.first ?? table
        let ordinality = unnest.ordinality ? (names.count > 1 ? names[1] : "ordinality") : nil
        var fields = left.node.schema.fields + [Field(column, element)]
        if let ordinality { fields.append(Field(ordinality, .bigint, nullable: keepEmpty)) }
        let node = LogicalNode(
            .unnest(
                Unnest(list: list, name: column, ordinality: ordinality, keepEmpty: keepEmpty)),
            inputs: [left.node], schema: Schema(fields), span: reference.span)
        let own = Scope(Schema(Array(fields.dropFirst(left.width))), path: [table])
        return TableRelation(node: node, scope: left.scope.joined(with: own, offset: left.width))
    }

    private func unnestAdvice(_ type: DataType) -> [String] {
        switch type {
        case .json: ["json is read element by element: `value -> 0`"]
        case .string: ["split it first: `string_to_array(text, ',')`"]
        default: []
        }
    }
}

extension TableReference {
    fileprivate func name(is path: [String]) -> Bool {
        if let alias { return [alias.text] == path }
        if case .name(let parts) = kind { return parts.map(\.text) == path }
        return false
    }
}

extension Scope {
    /// The columns of the left, then those of the right at positions from `offset` on.
    func joined(with right: Scope, offset: Int) -> Scope {
        var result = self
        let tableOffset = tables.count
        result.tables += right.tables
        result.columns += right.columns.map {
            var column = $0
            column.table = $0.table.map { $0 + tableOffset }
            column.index += offset
            return column
        }
        result.description = nil
        return result
    }
}

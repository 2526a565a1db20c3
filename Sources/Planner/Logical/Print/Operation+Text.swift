import PipelineDSL

extension Operation {
    /// What it does, on one line, in SQL over the names of its inputs' columns:
    /// `filter speed_kmh > 3`, `aggregate by depot: count(*) AS pings`.
    public func text(over inputs: [Schema]) -> String {
        let input = inputs.first ?? Schema()
        switch self {
        case .input(let payload): return "input \(payload.node)\(payload.columnsText)"
        case .late(let payload): return "late for \(payload.node)"
        case .values(let payload): return "values \(payload.text)"
        case .filter(let payload): return "filter \(payload.predicate.sql(input))"
        case .project(let payload):
            return "project \(payload.columns.map { $0.text(input) }.joined(separator: ", "))"
        case .validate(let payload):
            let rules = payload.rules.map { "\($0.name) (\($0.severity.rawValue))" }
            return "validate \(payload.contract): \(rules.joined(separator: ", "))"
        case .dedupe(let payload):
            return "dedupe keep \(payload.keep.rawValue) of \(input.list(payload.on))"
        case .lookup(let payload):
            let time = payload.versions.map { " as of \(input.list([$0.time]))" } ?? ""
            return "lookup in \(payload.table) on \(input.list(payload.keys))\(time)"
        case .join(let payload): return payload.text(input, inputs.count > 1 ? inputs[1] : Schema())
        case .aggregate(let payload): return payload.text(input)
        case .latest(let payload):
            return "latest of \(input.list(payload.by)) by \(payload.order.sql(input))"
        case .distinctOn(let payload):
            let order = payload.orderBy.isEmpty ? "" : " order by \(payload.orderBy.text(input))"
            return "distinct on \(payload.on.list(input))\(order)"
        case .window(let payload):
            return "window \(payload.calls.map { $0.text(input) }.joined(separator: ", "))"
        case .unnest(let payload):
            let ordinality = payload.ordinality.map { ", \(SQLPrinter.identifier($0))" } ?? ""
            let name = SQLPrinter.identifier(payload.name)
            return
                "unnest\(payload.keepEmpty ? " keeping empty" : "") \(payload.list.sql(input)) AS \(name)\(ordinality)"
        case .sort(let payload):
            let limit = payload.limit.map { ", first \($0)" } ?? ""
            return "sort by \(payload.keys.text(input))\(limit)"
        case .limit(let payload):
            let offset = payload.offset > 0 ? " from \(payload.offset)" : ""
            return "limit \(payload.count.map(String.init) ?? "all")\(offset)"
        case .union: return "union all"
        case .setOperation(let payload):
            return "\(payload.kind.rawValue)\(payload.all ? " all" : "")"
        }
    }
}

extension LogicalNode {
    /// The tree, its root first, each input indented under what reads it.
    public var text: String { lines(indent: "").joined(separator: "\n") }

    private func lines(indent: String) -> [String] {
        [indent + operation.text(over: inputs.map(\.schema))]
            + inputs.flatMap { $0.lines(indent: indent + "  ") }
    }
}

extension Schema {
    fileprivate func list(_ positions: [Int]) -> String {
        positions.map { name(at: $0) }.joined(separator: ", ")
    }
}

extension [TypedExpression] {
    fileprivate func list(_ input: Schema) -> String {
        map { $0.sql(input) }.joined(separator: ", ")
    }
}

extension [SortKey] {
    fileprivate func text(_ input: Schema) -> String {
        map { key in
            var text = key.expression.sql(input)
            if key.descending { text += " DESC" }
            if key.nullsFirst != key.descending {
                text += key.nullsFirst ? " NULLS FIRST" : " NULLS LAST"
            }
            return text
        }.joined(separator: ", ")
    }
}

extension Input {
    fileprivate var columnsText: String {
        columns.map { " columns \($0.map(String.init).joined(separator: ", "))" } ?? ""
    }
}

extension Values {
    fileprivate var text: String {
        let shown = rows.prefix(3).map { row in "(\(row.list(Schema())))" }
        let rest = rows.count > 3 ? " and \(rows.count - 3) more" : ""
        return shown.joined(separator: ", ") + rest
    }
}

extension NamedExpression {
    fileprivate func text(_ input: Schema) -> String {
        let sql = expression.sql(input)
        let name = SQLPrinter.identifier(self.name)
        return sql == name ? name : "\(sql) AS \(name)"
    }
}

extension Join {
    fileprivate func text(_ left: Schema, _ right: Schema) -> String {
        var conditions = zip(leftKeys, rightKeys).map { "\($0.sql(left)) = \($1.sql(right))" }
        if let residual {
            // Which side a column of a residual belongs to is not in its name.
            let width = left.fields.count
            let both = residual.sql { index in
                index < width
                    ? "left.\(left.name(at: index))" : "right.\(right.name(at: index - width))"
            }
            conditions.append(both)
        }
        let on = conditions.isEmpty ? "" : " on \(conditions.joined(separator: " AND "))"
        return "\(isNullAware ? "null-aware " : "")\(kind.rawValue) join\(on)"
    }
}

extension Aggregate {
    fileprivate func text(_ input: Schema) -> String {
        var parts: [String] = []
        if let eventWindow { parts.append(eventWindow.text(input)) }
        if !groups.isEmpty {
            parts.append("by " + groups.map { $0.text(input) }.joined(separator: ", "))
        }
        if let groupingSets {
            let sets = groupingSets.map { set in
                "(\(set.map { groups.indices.contains($0) ? SQLPrinter.identifier(groups[$0].name) : "#\($0)" }.joined(separator: ", ")))"
            }
            parts.append("sets \(sets.joined(separator: ", "))")
        }
        let head = (["aggregate"] + parts).joined(separator: " ")
        guard !calls.isEmpty else { return head }
        return "\(head): \(calls.map { $0.text(input) }.joined(separator: ", "))"
    }
}

extension Aggregate.EventWindow {
    fileprivate func text(_ input: Schema) -> String {
        func length(_ micros: Int64) -> String { Interval(microseconds: micros).description }
        return switch self {
        case .tumble(let time, let size): "tumble \(time.sql(input)) \(length(size))"
        case .hop(let time, let slide, let size):
            "hop \(time.sql(input)) every \(length(slide)) for \(length(size))"
        case .session(let time, let gap): "session \(time.sql(input)) gap \(length(gap))"
        }
    }
}

extension Aggregate.Call {
    fileprivate func text(_ input: Schema) -> String {
        let spelling = FunctionCatalogue.standard[function]?.spelling ?? function
        var inner = arguments.list(input)
        if function == "count_star" { inner = "*" }
        if isDistinct { inner = "DISTINCT \(inner)" }
        if !orderBy.isEmpty { inner += " ORDER BY \(orderBy.text(input))" }
        let filter = self.filter.map { " FILTER (WHERE \($0.sql(input)))" } ?? ""
        return "\(spelling)(\(inner))\(filter) AS \(SQLPrinter.identifier(name))"
    }
}

extension Window.Call {
    fileprivate func text(_ input: Schema) -> String {
        let spelling = FunctionCatalogue.standard[function]?.spelling ?? function
        let inner = function == "count_star" ? "*" : arguments.list(input)
        let nulls = ignoreNulls ? " IGNORE NULLS" : ""
        let filter = self.filter.map { " FILTER (WHERE \($0.sql(input)))" } ?? ""
        var over: [String] = []
        if !partitionBy.isEmpty { over.append("PARTITION BY \(partitionBy.list(input))") }
        if !orderBy.isEmpty { over.append("ORDER BY \(orderBy.text(input))") }
        if let frame = frame.text(input, hasOrder: !orderBy.isEmpty) { over.append(frame) }
        return
            "\(spelling)(\(inner))\(nulls)\(filter) OVER (\(over.joined(separator: " "))) AS \(SQLPrinter.identifier(name))"
    }
}

extension Window.Frame {
    /// `nil` for the frame that an `OVER` without one has.
    fileprivate func text(_ input: Schema, hasOrder: Bool) -> String? {
        let usual: Bound = hasOrder ? .currentRow : .unboundedFollowing
        if unit == .range, start == .unboundedPreceding, end == usual { return nil }
        func text(_ bound: Bound) -> String {
            switch bound {
            case .unboundedPreceding: "UNBOUNDED PRECEDING"
            case .preceding(let offset): "\(offset.sql(input)) PRECEDING"
            case .currentRow: "CURRENT ROW"
            case .following(let offset): "\(offset.sql(input)) FOLLOWING"
            case .unboundedFollowing: "UNBOUNDED FOLLOWING"
            }
        }
        return "\(unit.rawValue.uppercased()) BETWEEN \(text(start)) AND \(text(end))"
    }
}

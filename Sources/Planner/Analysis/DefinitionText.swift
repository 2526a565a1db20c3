import PipelineDSL

/// The settings of one operation as text, over named columns.
struct DefinitionText {
    typealias Setting = DefinitionStep.Setting

    /// Of the first input.
    var labels: [String]
    /// Of the second.
    var other: [String] = []

    func sql(_ expression: TypedExpression) -> String {
        Canonical.text(expression) { name($0, labels) }
    }

    private func sqlOfOther(_ expression: TypedExpression) -> String {
        Canonical.text(expression) { name($0, other) }
    }

    private func sqlOfBoth(_ expression: TypedExpression) -> String {
        Canonical.text(expression) { name($0, labels + other) }
    }

    /// An expression in place of a name is put in parentheses, a call is not.
    private func name(_ index: Int, _ labels: [String]) -> String {
        guard labels.indices.contains(index) else { return "#\(index)" }
        let label = labels[index]
        return label.contains(" ") && !label.hasSuffix(")") ? "(\(label))" : label
    }

    private func columns(_ indexes: [Int]) -> String {
        indexes.map { name($0, labels) }.joined(separator: ", ")
    }

    func settings(of tree: LogicalNode) -> [Setting] {
        own(tree) + (tree.late.map { [Setting("late", $0)] } ?? [])
    }

    private func own(_ tree: LogicalNode) -> [Setting] {
        switch tree.operation {
        case .input, .late, .union, .project: return []
        case .values(let values):
            let rows = values.rows.map { "(\($0.map(sql).joined(separator: ", ")))" }
            return [Setting("rows", rows.joined(separator: ", "))]
        case .filter(let filter):
            return [Setting("condition", sql(filter.predicate), span: filter.predicate.span)]
        case .validate(let validate): return settings(validate)
        case .dedupe(let dedupe): return settings(dedupe)
        case .lookup(let lookup): return settings(lookup, tree.schema.names)
        case .join(let join): return settings(join)
        case .aggregate(let aggregate): return settings(aggregate)
        case .latest(let latest):
            return [
                Setting("by", columns(latest.by)),
                Setting("order", sql(latest.order), span: latest.order.span),
            ] + (latest.within.map { [Setting("within", QuantityText.duration($0))] } ?? [])
        case .distinctOn(let distinct):
            return [
                Setting("on", distinct.on.map(sql).joined(separator: ", ")),
                Setting("order", order(distinct.orderBy)),
            ]
        // Where the columns are read, their calls stand.
        case .window: return []
        case .unnest(let unnest):
            return [Setting("list", sql(unnest.list)), Setting("as", unnest.name)]
                + (unnest.ordinality.map { [Setting("position", $0)] } ?? [])
                + (unnest.keepEmpty ? [Setting("keep_empty", "true")] : [])
        case .sort(let sort): return [Setting("by", order(sort.keys))]
        case .limit(let limit):
            return (limit.count.map { [Setting("count", "\($0)")] } ?? [])
                + (limit.offset > 0 ? [Setting("offset", "\(limit.offset)")] : [])
        case .setOperation(let operation):
            return [Setting("kind", operation.kind.rawValue + (operation.all ? " all" : ""))]
        }
    }

    // MARK: One operation each

    private func settings(_ validate: Validate) -> [Setting] {
        var settings = [Setting("contract", validate.contract)]
        for rule in validate.rules.sorted(by: { $0.name < $1.name }) {
            settings.append(Setting("rules.\(rule.name)", sql(rule.check), span: rule.check.span))
            if rule.severity != .reject {
                settings.append(
                    Setting(
                        "rules.\(rule.name).severity", rule.severity.rawValue,
                        span: rule.check.span))
            }
        }
        return settings
    }

    private func settings(_ dedupe: Dedupe) -> [Setting] {
        var settings = [Setting("on", columns(dedupe.on))]
        if let within = dedupe.within {
            settings.append(Setting("within", QuantityText.duration(within)))
        }
        if dedupe.keep != .first { settings.append(Setting("keep", dedupe.keep.rawValue)) }
        if case .bloom(let rate) = dedupe.method {
            settings.append(Setting("method", "bloom"))
            settings.append(Setting("false_positive_rate", "\(rate)"))
        }
        return settings
    }

    private func settings(_ lookup: Lookup, _ names: [String]) -> [Setting] {
        func pair(_ key: Int, _ tableKey: Int) -> String {
            let (ours, theirs) = (name(key, labels), name(tableKey, other))
            return ours == theirs ? ours : "\(ours) = \(theirs)"
        }
        let on = zip(lookup.keys, lookup.tableKeys).map(pair)
        let take = zip(lookup.take, names.suffix(lookup.take.count)).map { position, new in
            let theirs = name(position, other)
            return theirs == SQLPrinter.identifier(new) ? theirs : "\(theirs) AS \(new)"
        }
        var settings = [
            Setting("in", lookup.table), Setting("on", on.joined(separator: ", ")),
            Setting("take", take.joined(separator: ", ")),
        ]
        if let versions = lookup.versions {
            settings.append(Setting("as_of", pair(versions.time, versions.from)))
        }
        if lookup.missing != .null { settings.append(Setting("missing", lookup.missing.rawValue)) }
        if let refresh = lookup.refresh {
            settings.append(Setting("refresh", QuantityText.duration(refresh)))
        }
        return settings
    }

    private func settings(_ join: Join) -> [Setting] {
        let keys = zip(join.leftKeys, join.rightKeys).map { "\(sql($0)) = \(sqlOfOther($1))" }
        let residual = join.residual.map { [sqlOfBoth($0)] } ?? []
        var settings = [Setting("type", join.kind.rawValue)]
        let on = keys.sorted() + residual
        if !on.isEmpty { settings.append(Setting("on", on.joined(separator: " AND "))) }
        if let within = join.within {
            settings.append(Setting("within", QuantityText.duration(within)))
        }
        if join.isNullAware { settings.append(Setting("nulls", "as in NOT IN")) }
        return settings
    }

    private func settings(_ aggregate: Aggregate) -> [Setting] {
        var settings: [Setting] = []
        if let window = aggregate.eventWindow { settings.append(Setting("window", text(window))) }
        let groups = aggregate.groups.map { sql($0.expression) }
        if let sets = aggregate.groupingSets {
            let texts = sets.map { set in
                let names = set.filter { groups.indices.contains($0) }.map { groups[$0] }
                return "(\(names.joined(separator: ", ")))"
            }
            settings.append(Setting("sets", texts.joined(separator: ", ")))
        } else if !groups.isEmpty {
            settings.append(Setting("by", groups.sorted().joined(separator: ", ")))
        }
        return settings
    }

    func text(_ window: Aggregate.EventWindow) -> String {
        func length(_ microseconds: Int64) -> String { QuantityText.duration(microseconds) }
        switch window {
        case .tumble(let time, let size): return "tumble \(length(size)) on \(sql(time))"
        case .hop(let time, let slide, let size):
            return "hop \(length(slide)) of \(length(size)) on \(sql(time))"
        case .session(let time, let gap): return "session \(length(gap)) on \(sql(time))"
        }
    }

    /// What the columns of an aggregate are called by what reads them.
    func labels(of aggregate: Aggregate) -> [String] {
        (aggregate.eventWindow == nil ? [] : ["window_start", "window_end"])
            + aggregate.groups.map { sql($0.expression) } + aggregate.calls.map(call)
    }

    // MARK: Calls

    func order(_ keys: [SortKey]) -> String {
        keys.map { key in
            let isDefault = key.nullsFirst == key.descending
            return sql(key.expression) + (key.descending ? " DESC" : "")
                + (isDefault ? "" : key.nullsFirst ? " NULLS FIRST" : " NULLS LAST")
        }.joined(separator: ", ")
    }

    /// `sum(DISTINCT x) FILTER (WHERE y > 0)`
    func call(_ call: Aggregate.Call) -> String {
        let isCountStar = call.function == "count_star"
        var text = isCountStar ? "count(*" : "\(call.function)("
        if call.isDistinct { text += "DISTINCT " }
        text += call.arguments.map(sql).joined(separator: ", ")
        if !call.orderBy.isEmpty { text += " ORDER BY \(order(call.orderBy))" }
        text += ")"
        if let filter = call.filter { text += " FILTER (WHERE \(sql(filter)))" }
        return text
    }

    /// `lag(x) OVER (PARTITION BY y ORDER BY z)`
    func call(_ call: Window.Call) -> String {
        var text = "\(call.function)(\(call.arguments.map(sql).joined(separator: ", ")))"
        if let filter = call.filter { text += " FILTER (WHERE \(sql(filter)))" }
        if call.ignoreNulls { text += " IGNORE NULLS" }
        var over: [String] = []
        if !call.partitionBy.isEmpty {
            over.append(
                "PARTITION BY \(call.partitionBy.map(sql).sorted().joined(separator: ", "))")
        }
        if !call.orderBy.isEmpty { over.append("ORDER BY \(order(call.orderBy))") }
        over.append(frame(call.frame))
        return "\(text) OVER (\(over.filter { !$0.isEmpty }.joined(separator: " ")))"
    }

    private func frame(_ frame: Window.Frame) -> String {
        // The default of the language.
        if frame.unit == .range, frame.start == .unboundedPreceding, frame.end == .currentRow {
            return ""
        }
        func bound(_ bound: Window.Frame.Bound) -> String {
            switch bound {
            case .unboundedPreceding: "UNBOUNDED PRECEDING"
            case .preceding(let offset): "\(sql(offset)) PRECEDING"
            case .currentRow: "CURRENT ROW"
            case .following(let offset): "\(sql(offset)) FOLLOWING"
            case .unboundedFollowing: "UNBOUNDED FOLLOWING"
            }
        }
        let unit = frame.unit.rawValue.uppercased()
        return "\(unit) BETWEEN \(bound(frame.start)) AND \(bound(frame.end))"
    }
}

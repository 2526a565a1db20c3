import PipelineDSL

/// The keys of `GROUP BY`, typed over the rows of `FROM`.
struct GroupKeys {
    var keys: [TypedExpression] = []
    var names: [String] = []
    /// Positions in `keys`; `nil` without `ROLLUP`, `CUBE` and `GROUPING SETS`.
    var sets: [[Int]]?
    var isAll = false

    mutating func position(of key: TypedExpression, name: String) -> Int {
        if let position = keys.firstIndex(of: key) { return position }
        keys.append(key)
        names.append(name)
        return keys.count - 1
    }
}

extension SelectBlock {
    private static let maximumSets = 4096

    func typeGroups() -> GroupKeys? {
        var groups = GroupKeys()
        groups.isAll = select.groupByAll
        var sets: [[Int]] = [[]]
        var isPlain = true
        var isComplete = true
        for item in select.groupBy {
            let parts: [[Expression]]
            switch item {
            case .expression(let key): parts = [[key]]
            case .rollup(let elements):
                parts = (0...elements.count).reversed().map { elements.prefix($0).flatMap(\.self) }
            case .cube(let elements): parts = Self.subsets(elements)
            case .groupingSets(let elements): parts = elements
            }
            if case .expression = item {} else { isPlain = false }
            guard sets.count * parts.count <= Self.maximumSets else {
                report(
                    .expressionTooLarge, "this `GROUP BY` has more than \(Self.maximumSets) sets",
                    at: select.span)
                return nil
            }
            guard let positions = positions(parts, &groups) else {
                isComplete = false
                continue
            }
            sets = sets.flatMap { set in positions.map { set + $0.filter { !set.contains($0) } } }
        }
        guard isComplete, at(.group, { $0.isGroupable(groups.keys) }) else { return nil }
        if !isPlain { groups.sets = sets.map { $0.sorted() } }
        return groups
    }

    private static func subsets(_ elements: [[Expression]]) -> [[Expression]] {
        guard elements.count <= 12 else { return Array(repeating: [], count: maximumSets + 1) }
        return (0..<(1 << elements.count)).reversed().map { mask in
            elements.indices.filter { mask >> (elements.count - 1 - $0) & 1 == 1 }
                .flatMap { elements[$0] }
        }
    }

    private func positions(_ sets: [[Expression]], _ groups: inout GroupKeys) -> [[Int]]? {
        var known: [String: Int?] = [:]
        var result: [[Int]] = []
        var isComplete = true
        for set in sets {
            var positions: [Int] = []
            for key in set {
                // A key stands in many sets of a ROLLUP; it is typed once.
                let text = SQLPrinter.text(key)
                if known[text] == nil { known[text] = .some(position(key, &groups)) }
                guard let found = known[text], let position = found else {
                    isComplete = false
                    continue
                }
                if position >= 0, !positions.contains(position) { positions.append(position) }
            }
            result.append(positions)
        }
        return isComplete ? result : nil
    }

    /// Negative for an event-time window, which is no key of its own.
    private func position(_ key: Expression, _ groups: inout GroupKeys) -> Int? {
        guard let (source, name) = groupSource(key) else { return nil }
        guard let typed = at(.group, { typer in afterAliases { typer.whole(source) } }) else {
            return nil
        }
        if case .call(let function, _) = typed.kind,
            ["tumble", "hop", "session"].contains(function)
        {
            if let window = context.eventWindow, window != typed {
                report(
                    .malformedEventWindow, "a query has one event-time window at most", at: key.span
                )
                return nil
            }
            context.eventWindow = typed
            return -1
        }
        return groups.position(of: typed, name: name ?? "group\(groups.keys.count + 1)")
    }

    /// What a number or a name of the select list stands for.
    private func groupSource(_ key: Expression) -> (Expression, name: String?)? {
        guard let ordinal = key.ordinal else { return (key, key.implicitName?.name) }
        let items = select.items
        guard !items.contains(where: { if case .star = $0.expression.kind { true } else { false } })
        else {
            report(
                .ordinalOutOfRange, "a position in `GROUP BY` needs a select list without `*`",
                at: key.span)
            return nil
        }
        guard let index = planner.position(ordinal, of: items.count, key.span) else { return nil }
        let item = items[index]
        return (item.expression, item.alias?.text ?? item.expression.implicitName?.name)
    }

    // MARK: The aggregate

    /// Groups, where the query does.
    func group(_ keys: GroupKeys, _ items: [Item]) -> Bool {
        var keys = keys
        if keys.isAll {
            for item in items where !item.expression.reads(.aggregates) {
                guard !item.expression.reads(.windows) else { continue }
                _ = keys.position(of: item.expression, name: item.name)
            }
            guard at(.group, { $0.isGroupable(keys.keys) }) else { return false }
        }
        let isGrouped =
            !keys.keys.isEmpty || keys.isAll || keys.sets != nil || !context.aggregates.isEmpty
            || select.having != nil || context.eventWindow != nil || !select.groupBy.isEmpty
        guard isGrouped else { return true }
        guard areGroupingArguments(keys) else { return false }
        adoptNames(of: items, &keys)
        return aggregate(keys)
    }

    /// Keys and aggregates that are selected as they are get the names they are selected under.
    private func adoptNames(of items: [Item], _ keys: inout GroupKeys) {
        var taken: Set<String> = context.eventWindow == nil ? [] : ["window_start", "window_end"]
        var named: Set<Int> = []
        var namedCalls: Set<Int> = []
        for item in items {
            let name = item.name.lowercased()
            if let key = keys.keys.firstIndex(of: item.expression), !named.contains(key) {
                if taken.insert(name).inserted {
                    keys.names[key] = item.name
                    named.insert(key)
                }
            } else if let column = item.expression.columnIndex,
                let call = VirtualColumn.Family.aggregates.index(column),
                !namedCalls.contains(call), taken.insert(name).inserted
            {
                context.aggregates[call].name = item.name
                namedCalls.insert(call)
            }
        }
        for key in keys.keys.indices where !named.contains(key) {
            keys.names[key] = distinctName(keys.names[key], "_", from: 2, &taken)
        }
        for call in context.aggregates.indices where !namedCalls.contains(call) {
            let name = context.aggregates[call].name
            context.aggregates[call].name = distinctName(name, "_", from: 2, &taken)
        }
    }

    /// `grouping(a)` asks about a group key.
    private func areGroupingArguments(_ keys: GroupKeys) -> Bool {
        for call in context.aggregates where call.function == "grouping" {
            for argument in call.arguments where !keys.keys.contains(argument) {
                report(
                    .groupingArgument, "`grouping` asks about a group key, and this is none",
                    at: argument.span ?? select.span,
                    notes: [
                        keys.sets == nil
                            ? "the query has no `ROLLUP`, `CUBE` or `GROUPING SETS`"
                            : "its keys are those of `GROUP BY`"
                    ])
                return false
            }
        }
        return true
    }

    private func aggregate(_ keys: GroupKeys) -> Bool {
        var grouping = Grouping(keys: keys.keys, offset: context.eventWindow == nil ? 0 : 2)
        var groups = zip(keys.names, keys.keys).map { named($0, placed($1)) }
        // The rows of each outer row are groups of their own.
        let outer = correlationKeys()
        guard let outer else { return false }
        grouping.outer = outer.map { ($0.inner, $0.outer) }
        groups += outer.enumerated().map { named("key\($0 + 1)", $1.inner) }
        var sets = keys.sets
        if let plain = sets, !outer.isEmpty {
            let added = groups.count - outer.count..<groups.count
            sets = plain.map { $0 + added }
        }
        let calls = context.aggregates.map { $0.placed(placed) }
        let aggregate = Aggregate(
            groups: groups, calls: calls, groupingSets: sets, eventWindow: eventWindow())
        let inputs =
            groups.map(\.expression) + calls.flatMap(\.arguments) + calls.compactMap(\.filter)
        guard !inputs.contains(where: { rejectOuter($0) }) else { return false }
        node = node.aggregated(aggregate, span: select.groupSpan ?? select.span)
        grouping.isGlobal = keys.keys.isEmpty && keys.sets == nil && context.eventWindow == nil
        grouping.fields = node.schema
        self.grouping = grouping
        return true
    }

    private func eventWindow() -> Aggregate.EventWindow? {
        guard case .call(let name, let arguments)? = context.eventWindow?.kind,
            let time = arguments.first.map({ placed($0) })
        else { return nil }
        let lengths = arguments.dropFirst().map { argument -> Int64 in
            if case .literal(.integer(let length)) = argument.kind { length } else { 0 }
        }
        switch (name, lengths.count) {
        case ("tumble", 1): return .tumble(time: time, size: lengths[0])
        case ("hop", 2): return .hop(time: time, slide: lengths[0], size: lengths[1])
        case ("session", 1): return .session(time: time, gap: lengths[0])
        default: return nil
        }
    }
}

extension Select {
    /// From the first key of `GROUP BY` to its last.
    var groupSpan: SourceSpan? {
        var spans: [SourceSpan] = []
        for item in groupBy { item.forEachExpression { spans.append($0.span) } }
        guard let first = spans.first, let last = spans.last else { return nil }
        return first.through(last)
    }
}

extension Aggregate.Call {
    fileprivate func placed(_ place: (TypedExpression) -> TypedExpression) -> Self {
        var copy = self
        copy.arguments = arguments.map(place)
        copy.filter = filter.map(place)
        copy.orderBy = orderBy.map { $0.mapped(place) }
        return copy
    }
}

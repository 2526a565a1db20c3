import PipelineDSL

/// What reads what, and the order that follows from it.
extension Checker {
    /// Every node after what it reads; otherwise in the order of the spec. Nodes that read each
    /// other, and what depends on them, are left out.
    mutating func orderedNodes() -> [String] {
        var readers: [String: [String]] = [:]
        var open: [String: Int] = [:]
        var reads: [String: [Spanned<String>]] = [:]
        for name in directory.names {
            let dependencies = dependencies(of: name)
            reads[name] = dependencies
            open[name] = Set(dependencies.map(\.value)).count
            for dependency in Set(dependencies.map(\.value)) {
                readers[dependency, default: []].append(name)
            }
        }
        let order = sorted(directory.names, readers, &open)
        if order.count < directory.names.count {
            reportCycles(among: Set(directory.names).subtracting(order), reads)
        }
        return order
    }

    /// Kahn's algorithm; of the nodes that are ready the first in the spec comes first.
    private func sorted(
        _ names: [String], _ readers: [String: [String]], _ open: inout [String: Int]
    ) -> [String] {
        let rank = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        var ready = names.filter { open[$0] == 0 }.compactMap { rank[$0] }
        var order: [String] = []
        // A node becomes ready at most once; `ready` stays sorted, its first comes next.
        var next = 0
        while next < ready.count {
            let name = names[ready[next]]
            next += 1
            order.append(name)
            for reader in readers[name] ?? [] {
                open[reader, default: 0] -= 1
                guard open[reader] == 0, let position = rank[reader] else { continue }
                var low = next
                var high = ready.count
                while low < high {
                    let middle = (low + high) / 2
                    if ready[middle] < position { low = middle + 1 } else { high = middle }
                }
                ready.insert(position, at: low)
            }
        }
        return order
    }

    /// Names of nodes that are there; what is wrong with the others is said where they are used.
    func dependencies(of name: String) -> [Spanned<String>] {
        switch directory[name] {
        case .sink(let sink): relations([sink.from])
        case .written(let sink): [sink.name]
        case .transform(let transform): relations(reads(transform))
        case .late(let transform): [transform.name]
        case .source, .zone, nil: []
        }
    }

    private func relations(_ names: [Spanned<String>]) -> [Spanned<String>] {
        names.filter { name in
            switch directory[name.value] {
            case .source, .transform, .late, .written: true
            case .sink, .zone, nil: false
            }
        }
    }

    private func reads(_ transform: TransformDeclaration) -> [Spanned<String>] {
        switch transform.body {
        case .missing: return []
        case .sql(let source):
            return QueryTables.names(in: source).map { name in
                Spanned(directory.queried(name.value) ?? name.value, name.span)
            }
        case .steps(let from, let steps):
            return from
                + steps.flatMap { step in
                    catalogue.step(step.name.value)?.references(step) ?? []
                }
        }
    }

    /// One diagnostic for each cycle: the way around it.
    private mutating func reportCycles(
        among names: Set<String>, _ reads: [String: [Spanned<String>]]
    ) {
        var done: Set<String> = []
        for start in directory.names where names.contains(start) && !done.contains(start) {
            // Everything left reads something that is left, so following it must come back.
            var way: [Spanned<String>] = []
            var current = start
            while !done.contains(current) {
                done.insert(current)
                guard let next = reads[current]?.first(where: { names.contains($0.value) }) else {
                    break
                }
                way.append(next)
                current = next.value
            }
            guard
                let first = way.firstIndex(where: { step in
                    reader(of: step, in: way, start: start) == current
                })
            else { continue }
            report(Array(way[first...]), from: current)
        }
    }

    /// The node whose declaration holds a step of the way.
    private func reader(
        of step: Spanned<String>, in way: [Spanned<String>], start: String
    ) -> String? {
        guard let index = way.firstIndex(where: { $0.span == step.span }) else { return nil }
        return index == 0 ? start : way[index - 1].value
    }

    private mutating func report(_ cycle: [Spanned<String>], from start: String) {
        guard let first = cycle.first, cycle.last?.value == start else { return }
        let path = ([start] + cycle.map(\.value)).map { "`\($0)`" }.joined(separator: " reads ")
        bag.add(
            Diagnostic(
                .nodeCycle,
                cycle.count == 1
                    ? "`\(start)` reads itself" : "nodes read each other: \(path)",
                at: first.span,
                secondary: cycle.dropFirst().map { .init($0.span, "and `\($0.value)` here") },
                notes: [
                    "rows flow in one direction; to use the last result of a table, read its files "
                        + "with a source"
                ]))
    }
}

/// The tables a query reads.
enum QueryTables {
    static func names(in source: SourceText) -> [Spanned<String>] {
        let (query, _) = SQLParser.query(source)
        return query?.tables.map { Spanned($0.text, $0.span) } ?? []
    }
}

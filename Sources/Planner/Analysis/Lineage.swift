import PipelineDSL

/// A column of a node.
public struct ColumnReference: Hashable, Sendable, Codable, Comparable {
    public var node: String
    public var column: String

    public init(node: String, column: String) {
        self.node = node
        self.column = column
    }

    public static func < (a: Self, b: Self) -> Bool {
        (a.node, a.column) < (b.node, b.column)
    }
}

/// How a column's values come from another's. Names are those of OpenLineage's
/// `ColumnLineageDatasetFacet`, type `DIRECT`.
public enum Derivation: String, Hashable, Sendable, Codable, Comparable, CaseIterable {
    case identity, transformation, aggregation

    /// Along a way of two steps the stronger change counts.
    func then(_ next: Derivation) -> Derivation { max(self, next) }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    public static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }
}

/// How a column decides which rows there are, or which value is taken, without being part of it:
/// OpenLineage's type `INDIRECT`. `dedupe`, `rule` and `lookup` are ours.
public enum Influence: String, Hashable, Sendable, Codable, Comparable, CaseIterable {
    case filter, join, lookup, groupBy = "group_by", sort, window, conditional, dedupe, rule

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// Where the columns of one node come from: columns of the nodes it reads.
public struct NodeLineage: Sendable {
    public struct Column: Hashable, Sendable {
        public var direct: [ColumnReference: Derivation] = [:]
        /// What decides between values of this column: conditions of a `CASE`, the filter of an
        /// aggregate.
        public var indirect: [ColumnReference: Set<Influence>] = [:]

        mutating func add(_ other: Column, _ derivation: Derivation = .identity) {
            for (reference, own) in other.direct {
                let combined = own.then(derivation)
                direct[reference] = max(direct[reference] ?? combined, combined)
            }
            for (reference, influences) in other.indirect {
                indirect[reference, default: []].formUnion(influences)
            }
        }

        /// Everything it depends on, as an influence of one kind.
        mutating func add(_ other: Column, as influence: Influence) {
            for reference in other.direct.keys {
                indirect[reference, default: []].insert(influence)
            }
            for (reference, _) in other.indirect {
                indirect[reference, default: []].insert(influence)
            }
        }
    }

    /// By position in the node's schema.
    public var columns: [Column]
    /// What decides which rows there are.
    public var rows: [ColumnReference: Set<Influence>]

    /// Every column it reads, in whatever way.
    public var reads: Set<ColumnReference> {
        columns.reduce(into: Set(rows.keys)) { found, column in
            found.formUnion(column.direct.keys)
            found.formUnion(column.indirect.keys)
        }
    }
}

/// Column lineage of a whole plan.
public struct PlanLineage: Sendable {
    public let nodes: [String: NodeLineage]
    private let plan: Plan

    public init(_ plan: Plan) {
        self.plan = plan
        var before: [String: PlanNode] = [:]
        var nodes: [String: NodeLineage] = [:]
        for node in plan.nodes {
            nodes[node.name] = LineageBuilder.lineage(of: node, before)
            before[node.name] = node
        }
        self.nodes = nodes
    }

    /// The lineage of one column; empty where there is no such column.
    public func column(_ reference: ColumnReference) -> NodeLineage.Column {
        guard let node = plan[reference.node], let lineage = nodes[reference.node],
            let index = node.schema.fields.firstIndex(where: { $0.name == reference.column }),
            lineage.columns.indices.contains(index)
        else { return NodeLineage.Column() }
        return lineage.columns[index]
    }

    /// The source columns its values come from, followed through all nodes.
    public func origins(of reference: ColumnReference) -> [ColumnReference: Derivation] {
        var found: [ColumnReference: Derivation] = [:]
        var best: [ColumnReference: Derivation] = [:]
        var waiting: [(ColumnReference, Derivation)] = [(reference, .identity)]
        while let (current, derivation) = waiting.popLast() {
            // Again only if a stronger change reaches it; there are three, so this ends.
            if let known = best[current], known >= derivation { continue }
            best[current] = derivation
            let direct = column(current).direct
            if plan[current.node]?.kind == .source {
                found[current] = max(found[current] ?? derivation, derivation)
            }
            for (next, step) in direct { waiting.append((next, step.then(derivation))) }
        }
        return found
    }

    /// Nodes that read the column themselves, in plan order, with those of their columns that come
    /// from it.
    public func readers(of reference: ColumnReference) -> [Reader] {
        plan.nodes.compactMap { node in
            guard let lineage = nodes[node.name], lineage.reads.contains(reference) else {
                return nil
            }
            let columns = zip(node.schema.fields, lineage.columns).filter { _, column in
                column.direct[reference] != nil || column.indirect[reference] != nil
            }
            return Reader(
                node: node.name, kind: node.kind, columns: columns.map(\.0.name),
                influences: (lineage.rows[reference] ?? []).sorted())
        }
    }

    /// A node that reads a column.
    public struct Reader: Hashable, Sendable, Codable {
        public var node: String
        public var kind: PlanNode.Kind
        /// Its columns that come from it.
        public var columns: [String]
        /// How the column decides about its rows.
        public var influences: [Influence]

        /// `sink redshift_daily`, `gold.daily_activity`
        public var title: String { kind.title(node) }
    }
}

extension PlanNode.Kind {
    /// As messages and plans name a node: tables by their name alone, the others with their kind.
    public func title(_ name: String) -> String {
        switch self {
        case .source: "source \(name)"
        case .sink: "sink \(name)"
        case .table, .relation: name
        }
    }
}

extension PlanNode {
    public var title: String { kind.title(name) }
}

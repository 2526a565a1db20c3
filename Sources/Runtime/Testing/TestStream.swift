import PipelineDSL
import Planner

/// What a test gives to a source, as a stream: everything that was given so far is the next slice.
final class TestStream: StreamingSource {
    private static let partition = "given"

    /// It holds its streams.
    private unowned let bench: TestBench
    private let node: PlanNode
    private let scan: ScanPlan
    private let settings: RunSettings
    /// How many of the times that rows were given are in slices.
    private(set) var taken = 0

    init(_ bench: TestBench, _ node: PlanNode, _ scan: ScanPlan, _ settings: RunSettings) {
        self.bench = bench
        self.node = node
        self.scan = scan
        self.settings = settings
    }

    func slice(after position: SourcePosition?, limit: SliceLimit) throws -> SourceSlice? {
        let start = Int(position?.next[Self.partition] ?? 0)
        let end = bench.offers(node.name)
        taken = end
        guard start < end else { return nil }
        return SourceSlice(
            reader: try bench.reader(
                node, scan, settings: settings, in: start..<end, mayCrash: true),
            end: SourcePosition(next: [Self.partition: Int64(end)]),
            isPartitioned: bench.isPartitioned(node.name))
    }

    var hasEnded: Bool { bench.hasEnded && taken >= bench.offers(node.name) }
}

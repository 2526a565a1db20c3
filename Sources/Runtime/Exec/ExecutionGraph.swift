import PipelineDSL
import Planner

/// What a run is asked for beside the plan.
package struct RunSettings: Sendable {
    /// For the state of operators, in bytes.
    package var memoryLimit = 1 << 30
    /// For the whole process, in bytes, where that is what was asked for.
    package internal(set) var processLimit: Int?
    package var workers = 0
    package var batchRows = 16_384
    /// Nodes to run; `nil` is all. What they read and is not among them is taken from storage where
    /// it is a table, and computed where it is not.
    package var selection: Set<String>?
    /// Dead letters to put back, with the plan of a ``RedrivePlan``; `nil` in any other run.
    package var redrive: Redrive?
    /// Whether nothing is to change: messages of a queue are looked at, not received.
    package internal(set) var looksOnly = false
    /// In a test of the spec: where rows come from and go to instead.
    var bench: TestBench?
    /// Microseconds since 1970.
    package var now: Int64
    /// What retries and schedules wait by.
    package var clock: any PipelineClock = SystemPipelineClock.shared
    package var environment: @Sendable (String) -> String? = { _ in nil }
    package var observers = RunObservers()

    package init(now: Int64) { self.now = now }
}

/// The operators of a plan, connected and ready to run.
final class ExecutionGraph {
    var sources: [SourceScan] = []
    var gates: [Gate] = []
    /// In the order built: a vertex comes after its inputs.
    var vertices: [Vertex] = []
    var nodes: [NodeVertices] = []
    var files: [FileOutput] = []
    var sinks: [SinkOutput] = []
    /// How many threads stages call for.
    var stageWorkers = 0
    var workersByStage: [String: StageWorkers] = [:]
    let stopSignal = StopSignal()

    /// Vertices and what stands behind them refer to each other: without this each epoch would leave
    /// its graph in memory, and the files its sinks have open.
    deinit {
        for vertex in vertices {
            vertex.body = nil
            vertex.outputs = []
            vertex.stream = nil
        }
    }

    /// The vertices that make up a node, for the report.
    struct NodeVertices {
        var node: PlanNode
        /// Where rows come in from other nodes, or from outside.
        var entries: [Vertex] = []
        /// Operators in between and at the end, without those of a looked-up side.
        var operators: [Vertex] = []
        /// Whose output is the node's.
        var result: Vertex?
    }

    /// Where files go.
    struct FilePlace {
        var format: FormatPlan
        /// Absolute: a folder, or the file where `isSingleFile`.
        var target: String
        var isSingleFile = false
        /// Files that stay, where the folder is extended and not replaced.
        var kept: [TableManifest.File] = []
        var extends = false
        /// Whether what is there stays as it is where no file was written.
        var mayStay = false
        /// Where rows are merged into what is there.
        var merged: MergedTable?
        /// Columns whose ranges are kept, by file.
        var keys: [Int] = []
    }

    /// What is written as files: a table, or a sink into a folder or a single file.
    struct FileOutput {
        var node: String
        var place: FilePlace
        var writer: TableWriter
        /// Absolute; on the same file system as the target.
        var staging: String
        var schema: Schema
    }

    struct SinkOutput {
        var node: String
        var plan: SinkPlan
        var writer: any SinkWriter
    }
}

import PipelineDSL

/// What a run did with every row. For each node the arithmetic closes:
/// `read + produced = written + rejected + filtered + deduplicated + late + combined`.
package struct RunReport: Codable, Sendable {
    package struct Node: Codable, Sendable {
        package var name: String
        package var kind: String
        /// Rows that came in: of the source's input, or of the node's input relations.
        package var read = 0
        package var written = 0
        package var rejected = 0
        package var filtered = 0
        package var deduplicated = 0
        package var late = 0
        package var combined = 0
        package var produced = 0
        package var warned = 0
        /// Attempts of its stage, or of the sink, that failed.
        package var failedAttempts = 0
        package var readBytes = 0
        package var writtenBytes = 0
        package var files = 0
        package var busySeconds = 0.0

        package init(name: String, kind: String) {
            self.name = name
            self.kind = kind
        }

        package var closes: Bool {
            read + produced == written + rejected + filtered + deduplicated + late + combined
        }
    }

    /// `stopped`: a streaming run that was asked to end, with all it had read committed.
    package enum Status: String, Codable, Sendable { case succeeded, failed, interrupted, stopped }

    package var run: String
    package var pipeline: String
    package var profile: String
    package var mode: String
    package var status: Status
    package var startedAt: String
    package var seconds: Double
    package var nodes: [Node]
    package var deadLetters: Int
    /// Relative to the project.
    package var deadLetterPath: String
    package var memoryLimitBytes: Int
    package var memoryPeakBytes: Int

    package var closes: Bool { nodes.allSatisfy(\.closes) }
}

import PipelineDSL

/// Writes rows to one place outside, under the token of an epoch.
///
/// `write` stages: nothing is visible. `prepare` makes what was written durable. `commit` makes it
/// visible, all at once, and may be repeated for the same token: a run that died after its commit
/// record is completed by calling it again.
package protocol SinkWriter: CommittableSink, Sendable {
    /// Rows the sink cannot take (an item too large, a missing key), by physical row.
    func write(_ batch: Batch) throws -> [SinkRefusal]
    func prepare() throws
    func abort() throws
}

/// A sink that hands on what an epoch committed. What it cannot hand on stays with it.
package protocol DeliveringSink: AnyObject {
    func deliver() throws
}

package struct SinkRefusal: Sendable {
    package var row: Int
    package var rule: String
    package var message: String
    package var column: String?

    package init(row: Int, rule: String, message: String, column: String? = nil) {
        self.row = row
        self.rule = rule
        self.message = message
        self.column = column
    }
}

import Planner

/// Something that runs a plan, and can be watched and ended: ``Run``, ``StreamingRun``.
package protocol Execution: AnyObject, Sendable {
    var plan: Plan { get }
    /// Names it in logs, reports and dead letters.
    var token: String { get }
    func execute() throws -> RunReport
    /// A batch run ends with nothing committed, a streaming run with all it has read committed.
    func cancel()
    /// The counts as they are now.
    func report(_ status: RunReport.Status, seconds: Double) -> RunReport
}

extension Run: Execution {}
extension StreamingRun: Execution {}

/// How many batches of a stage are worked on at once: as many as its backlog calls for.
///
/// Whoever is one too many waits for those who work, never the other way round.
package final class StageWorkers: @unchecked Sendable {
    private let monitor = Monitor()
    private let scale: StagePolicy.Scale
    private var backlog = 0
    private var running = 0
    private var highest = 0

    package init(_ scale: StagePolicy.Scale) { self.scale = scale }

    /// The most that ever worked at once.
    package var peak: Int { monitor.locked { highest } }

    /// Rows have come to the stage and wait for their turn.
    package func arrived(_ rows: Int) {
        monitor.locked {
            backlog += rows
            monitor.signalAll()
        }
    }

    /// Works on rows that have arrived, as soon as there is a place.
    package func work<R>(on rows: Int, _ body: () throws -> R) rethrows -> R {
        monitor.locked {
            while running > 0, running >= scale.workers(backlog: backlog) { monitor.wait() }
            running += 1
            highest = max(highest, running)
        }
        defer {
            monitor.locked {
                running -= 1
                backlog -= rows
                monitor.signalAll()
            }
        }
        return try body()
    }
}

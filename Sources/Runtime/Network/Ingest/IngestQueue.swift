import Foundation
import PipelineDSL

/// Where accepted records go: durable when `append` returns.
protocol IngestJournal: Sendable {
    func append(_ batch: LogBatch, now: Int64) throws -> [Result<LogPlace, LogPutFailure>]
}

extension PartitionedLog: IngestJournal {}

/// Collects what requests bring while the disk is at work, and appends it together: one
/// synchronisation for as many requests as there are.
final class IngestQueue: @unchecked Sendable {
    typealias Answer = @Sendable (Result<[Result<LogPlace, LogPutFailure>], any Error>) -> Void

    private struct Waiting {
        var count: Int
        var answer: Answer
    }

    private let journal: any IngestJournal
    private let now: @Sendable () -> Int64
    private let monitor = Monitor()
    private var batch = LogBatch()
    private var waiting: [Waiting] = []
    private var isStopping = false
    private var isStopped = false

    /// More is not taken until the disk has caught up.
    private static let mostBytes = 64 << 20

    init(_ journal: any IngestJournal, name: String, now: @escaping @Sendable () -> Int64) {
        self.journal = journal
        self.now = now
        let thread = Thread { [self] in work() }
        thread.name = "ingest \(name)"
        thread.start()
    }

    /// Appends the records that `add` puts into the batch.
    ///
    /// - Returns: `false` where there is no room for them now, and `answer` is not called.
    func submit(_ count: Int, add: (inout LogBatch) -> Void, answer: @escaping Answer) -> Bool {
        monitor.locked {
            guard !isStopping, batch.byteCount < IngestQueue.mostBytes else { return false }
            add(&batch)
            waiting.append(Waiting(count: count, answer: answer))
            monitor.signalAll()
            return true
        }
    }

    private func work() {
        while let (batch, waiting) = next() {
            let result = Result { try journal.append(batch, now: now()) }
            var start = 0
            for one in waiting {
                let range = start..<(start + one.count)
                one.answer(result.map { Array($0[range.clamped(to: $0.indices)]) })
                start = range.upperBound
            }
        }
        monitor.locked {
            isStopped = true
            monitor.signalAll()
        }
    }

    private func next() -> (LogBatch, [Waiting])? {
        monitor.locked {
            while waiting.isEmpty {
                if isStopping { return nil }
                monitor.wait()
            }
            let taken = (batch, waiting)
            (batch, waiting) = (LogBatch(), [])
            return taken
        }
    }

    /// Appends what is there, answers it, and ends.
    func stop() {
        monitor.locked {
            isStopping = true
            monitor.signalAll()
            while !isStopped { monitor.wait() }
        }
    }
}

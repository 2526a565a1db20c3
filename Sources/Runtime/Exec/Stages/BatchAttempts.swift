import PipelineDSL

/// Tries a batch until it succeeds: again after a while, then in halves, until what fails is alone.
///
/// What a failed attempt has made is dropped, so nothing is doubled: only what this returns counts.
package struct BatchAttempts: Sendable {
    /// After the first try.
    package var retries: Int
    /// Whether a batch that goes on failing is halved to find the rows at fault.
    package var bisects: Bool
    package var backoff: Backoff
    package var clock: any PipelineClock
    /// `false` once the run is to end.
    package var goesOn: @Sendable () -> Bool
    /// Counts the attempts that fail.
    var failures: Counter?

    package init(
        retries: Int, bisects: Bool, backoff: Backoff = Backoff(),
        clock: any PipelineClock = SystemPipelineClock.shared,
        goesOn: @escaping @Sendable () -> Bool = { true }
    ) {
        self.retries = max(0, retries)
        self.bisects = bisects
        self.backoff = backoff
        self.clock = clock
        self.goesOn = goesOn
    }

    /// Rows that could not be worked on.
    package struct Failed {
        package var rows: Batch
        package var error: RunError
        /// How often these rows were tried, in any company.
        package var attempts: Int
    }

    package struct Result<Output> {
        /// Of the parts that succeeded, in the order of the rows.
        package var outputs: [Output] = []
        package var failed: [Failed] = []
    }

    private struct Part {
        var rows: Batch
        var tries: Int
        var attempts: Int
    }

    /// - Parameter work: may be called for the same rows any number of times.
    /// - Throws: what `work` throws where that is not the rows' fault (a cancelled run, no memory, a
    ///   full disk): dropping rows would help nobody.
    package func run<Output>(
        _ batch: Batch, _ work: (Batch) throws -> Output
    ) throws -> Result<Output> {
        var result = Result<Output>()
        // Halves yet to be tried, the next one last: as deep as the logarithm of the batch.
        var waiting = [Part(rows: batch, tries: retries + 1, attempts: 0)]
        while var part = waiting.popLast() {
            switch try attempt(&part, work) {
            case .success(let output): result.outputs.append(output)
            case .failure(let error):
                if bisects, part.rows.count > 1 {
                    waiting += halves(part)
                } else {
                    result.failed.append(
                        Failed(rows: part.rows, error: error, attempts: part.attempts))
                }
            }
        }
        return result
    }

    private func attempt<Output>(
        _ part: inout Part, _ work: (Batch) throws -> Output
    ) throws -> Swift.Result<Output, RunError> {
        let before = part.attempts
        while true {
            part.attempts += 1
            do { return .success(try work(part.rows)) } catch let error as RunError {
                failures?.add(1)
                guard error.mayBeRetried else { throw error }
                let isLast = part.attempts - before >= part.tries || error.isPermanent
                guard isLast else {
                    try wait(part)
                    continue
                }
                guard error.isOfTheRows else { throw error }
                return .failure(error)
            }
        }
    }

    private func wait(_ part: Part) throws {
        let key = part.rows.firstOffset ?? 0
        clock.sleep(for: backoff.delay(attempt: part.attempts, key: key), while: goesOn)
        if !goesOn() { throw RunInterrupted() }
    }

    /// The left half is tried first. Halves are only searched; a row alone has all its tries again.
    private func halves(_ part: Part) -> [Part] {
        let rows = part.rows.rows
        let middle = rows.count / 2
        return [rows[middle...], rows[..<middle]].map { half in
            Part(
                rows: part.rows.selecting(Array(half)).compacted(),
                tries: half.count == 1 ? retries + 1 : 1, attempts: part.attempts)
        }
    }
}

extension Batch {
    /// Where the first row stood.
    fileprivate var firstOffset: Int64? {
        guard let origin, let first = rows.first else { return nil }
        return origin.source.offset(origin.row(Int(first)))
    }
}

extension RunError {
    /// Whether another try may end differently: what is outside may have recovered, smaller batches
    /// may fit.
    fileprivate var mayBeRetried: Bool { isOfTheRows || diagnostic.code == .embeddedStoreFailed }

    /// Whether other rows could succeed where these fail. The codes below 600 are of the run itself:
    /// its memory, its disk, its plan.
    fileprivate var isOfTheRows: Bool {
        diagnostic.code.number >= 600
            && ![.embeddedStoreFailed, .diskFull].contains(diagnostic.code)
    }

    /// Whether the same rows must fail again.
    fileprivate var isPermanent: Bool { diagnostic.code == .stageMemory }
}

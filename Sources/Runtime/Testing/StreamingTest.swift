import PipelineDSL
import Planner

/// A streaming run to which things happen: the steps of a test, each once the run has worked off what
/// came before.
///
/// Rows that a crash is to hit (`after_row_N`, `before_commit`) wait for it: the epoch that reads them
/// is the one that dies.
final class StreamingTest {
    private let test: SpecTest
    private let bench: TestBench
    private let project: ProjectDirectory
    private let settings: RunSettings
    private var steps: ArraySlice<SpecTest.Step>
    /// Given, but not to be read before the crash that is meant for it.
    private var held: [SpecTest.Given] = []
    private var run: StreamingRun?

    /// Why a run ended.
    private enum End { case crashed(SourceSpan), restarts, finished }
    private var end = End.finished
    /// The crash that is to come in the next epoch.
    private var pending: SpecTest.Step?

    init(
        _ test: SpecTest, bench: TestBench, project: ProjectDirectory, settings: RunSettings
    ) {
        self.test = test
        self.bench = bench
        self.project = project
        self.settings = settings
        steps = (test.steps ?? [])[...]
    }

    /// - Throws: ``RunError`` where the run fails, or a step cannot happen.
    func execute() throws {
        offer(test.given)
        while true {
            try runOnce()
            switch end {
            case .finished: return
            case .restarts: continue
            case .crashed: guard try waitForRestart() else { return }
            }
        }
    }

    /// From a start to the next crash, restart or the end.
    private func runOnce() throws {
        end = .finished
        var options = StreamingRun.Options()
        options.clock = bench.clock
        options.between = { [unowned self] in try goOn() }
        let run = StreamingRun(
            plan: test.plan, project: project, settings: settings, options: options)
        self.run = run
        defer { self.run = nil }
        do {
            _ = try run.execute()
        } catch is TestCrash {
            if let pending { end = .crashed(pending.span) }
            pending = nil
            bench.calm()
        }
    }

    // MARK: - Steps

    /// Called by the run between its epochs.
    private func goOn() throws {
        // What is there is read first.
        if bench.hasMore { return }
        if let pending {
            throw RunError(
                .testNotPossible, "the run did not crash: no epoch read so many rows",
                at: pending.span,
                notes: ["rows that came last are counted: those given, or of the `rows` before it"])
        }
        guard let step = steps.popFirst() else {
            // After the end the run ends by itself, once all is worked off.
            if !bench.hasEnded { run?.cancel() }
            return
        }
        switch step.kind {
        case .advance(let time): try bench.advance(by: time, at: step.span)
        case .rows(let rows): offer(rows)
        case .end: bench.end()
        case .restart:
            end = .restarts
            run?.cancel()
        case .crash(.afterEpoch):
            pending = step
            throw TestCrash()
        case .crash(.afterRow(let row)):
            pending = step
            bench.crash(afterRows: row)
            release()
        case .crash(.beforeCommit):
            pending = step
            bench.crashAtCommit()
            release()
        }
    }

    private func release() {
        for given in held { bench.offer(given) }
        held = []
    }

    /// Gives rows to the run, unless the next crash is meant for them.
    private func offer(_ rows: [SpecTest.Given]) {
        for step in steps {
            switch step.kind {
            case .advance: continue
            case .crash(.afterRow), .crash(.beforeCommit):
                held += rows
                return
            case .rows, .restart, .end, .crash(.afterEpoch): break
            }
            break
        }
        for given in rows { bench.offer(given) }
    }

    /// What happens while nothing runs.
    ///
    /// - Returns: whether the run is started again.
    private func waitForRestart() throws -> Bool {
        while let step = steps.popFirst() {
            switch step.kind {
            case .advance(let time): try bench.advance(by: time, at: step.span)
            case .rows(let rows): offer(rows)
            case .restart: return true
            case .end: bench.end()
            case .crash:
                throw RunError(
                    .testNotPossible, "nothing runs that could crash", at: step.span,
                    notes: ["`restart` first"])
            }
        }
        return false
    }
}

import PipelineDSL
import Planner

/// One test at work.
struct SpecTestExecution {
    private let test: SpecTest
    private let bench: TestBench
    private let scratch: ProjectDirectory
    private var settings: RunSettings

    init(_ test: SpecTest, project: ProjectDirectory, folder: String, memoryLimit: Int) {
        self.test = test
        bench = TestBench(project: project, scratch: folder, now: test.now)
        scratch = ProjectDirectory(folder)
        settings = RunSettings(now: test.now)
        settings.bench = bench
        settings.workers = 1
        settings.memoryLimit = memoryLimit
    }

    /// - Returns: what does not hold.
    func run() -> [Diagnostic] {
        do {
            try execute()
        } catch let error as RunError {
            return failed(error)
        } catch {
            return [
                Diagnostic(
                    .testNotPossible, "the run ended: \(error)", at: test.span)
            ]
        }
        if let fails = test.fails {
            return [
                Diagnostic(
                    .expectationFailed, "the run succeeded", at: fails.span,
                    label: "expected to fail with \(fails.value)")
            ]
        }
        var expectations = Expectations()
        for expected in test.expected {
            let isStored =
                test.plan[expected.node]?.kind == .table
                || test.plan[expected.node]?.kind == .sink
            expectations.check(
                expected, bench.rows(isStored ? expected.node : TestPlan.capture(expected.node)))
        }
        if let letters = test.deadLetters { expectations.check(letters, bench.deadLetters) }
        expectations.check(late: test.late, bench.lateRows)
        return expectations.failures
    }

    private func failed(_ error: RunError) -> [Diagnostic] {
        guard let fails = test.fails else {
            var diagnostic = error.diagnostic
            if diagnostic.primary == nil { diagnostic.primary = .init(test.span) }
            return [diagnostic]
        }
        if error.diagnostic.code == fails.value { return [] }
        return [
            Diagnostic(
                .expectationFailed, "the run failed with \(error.diagnostic.code)", at: fails.span,
                label: "expected \(fails.value)", notes: [error.diagnostic.message])
        ]
    }

    private func execute() throws {
        // Where operators spill, should they have to.
        try Files.makeDirectory(scratch.temporary)
        guard test.steps == nil else {
            return try StreamingTest(
                test, bench: bench, project: scratch, settings: settings
            ).execute()
        }
        for given in test.given { bench.offer(given) }
        let run = Run(plan: test.plan, project: scratch, settings: settings)
        _ = try run.work()
    }
}

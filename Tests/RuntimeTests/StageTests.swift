import Foundation
import PipelineDSL
import Planner
import Runtime
import Synchronization
import TestSupport
import Testing

@Suite struct StageTests {
    // MARK: - Attempts

    private static func batch(_ range: Range<Int>) -> Batch {
        Batch(
            columns: [Column(.bigint, .int64(range.map { Int64($0) }))], count: range.count)
    }

    private static func numbers(_ batch: Batch) -> [Int] {
        guard case .int64(let values) = batch.columns[0].values else { return [] }
        return batch.rows.map { Int(values[Int($0)]) }
    }

    private static let failure = RunError(.unreadableFile, "the service says 503")

    @Test func aBatchIsTriedAgainUntilItSucceeds() throws {
        let clock = VirtualPipelineClock(now: 0)
        let attempts = BatchAttempts(
            retries: 3, bisects: true, backoff: Backoff(first: 1_000_000), clock: clock)
        var tries = 0
        let result = try attempts.run(Self.batch(0..<100)) { batch in
            tries += 1
            if tries < 4 { throw Self.failure }
            return Self.numbers(batch)
        }
        #expect(tries == 4)
        #expect(result.outputs == [Array(0..<100)])
        #expect(result.failed.isEmpty)
        // 1, 2 and 4 seconds, each at least by half.
        #expect((3_500_000...7_000_000).contains(clock.now))
    }

    @Test func aPoisonRecordIsFoundByHalving() throws {
        let clock = VirtualPipelineClock(now: 0)
        let attempts = BatchAttempts(retries: 2, bisects: true, clock: clock)
        var tries = 0
        let result = try attempts.run(Self.batch(0..<100)) { batch in
            tries += 1
            let rows = Self.numbers(batch)
            if rows.contains(37) { throw Self.failure }
            return rows
        }
        #expect(result.outputs.flatMap(\.self) == (0..<100).filter { $0 != 37 })
        #expect(result.failed.map { Self.numbers($0.rows) } == [[37]])
        #expect(result.failed[0].attempts > 3)
        #expect(tries < 3 + 3 + 2 * 7)
    }

    @Test func whatFailsIsExactlyWhatIsGivenUp() throws {
        var random = SplitMix(seed: 5)
        TestRun.fuzz(rounds: 200) { _ in
            let count = Int.random(in: 1...300, using: &random)
            let poison = Set(
                (0..<Int.random(in: 0...5, using: &random)).map { _ in
                    Int.random(in: 0..<count, using: &random)
                })
            let attempts = BatchAttempts(
                retries: Int.random(in: 0...3, using: &random), bisects: true,
                clock: VirtualPipelineClock(now: 0))
            let result = try? attempts.run(Self.batch(0..<count)) { batch in
                let rows = Self.numbers(batch)
                if !poison.isDisjoint(with: rows) { throw Self.failure }
                return rows
            }
            #expect(result?.outputs.flatMap(\.self) == (0..<count).filter { !poison.contains($0) })
            #expect(result?.failed.flatMap { Self.numbers($0.rows) } == poison.sorted())
        }
    }

    @Test func withoutHalvingTheWholeBatchIsGivenUp() throws {
        let attempts = BatchAttempts(
            retries: 1, bisects: false, clock: VirtualPipelineClock(now: 0))
        let result = try attempts.run(Self.batch(0..<10)) { _ -> Int in throw Self.failure }
        #expect(result.outputs.isEmpty)
        #expect(result.failed.map(\.rows.count) == [10])
        #expect(result.failed[0].attempts == 2)
    }

    @Test(arguments: [DiagnosticCode.memoryExceeded, .spillFailed, .cannotRun])
    func whatIsNotTheRowsFaultEndsTheRun(code: DiagnosticCode) {
        let attempts = BatchAttempts(
            retries: 5, bisects: true, clock: VirtualPipelineClock(now: 0))
        var tries = 0
        let error = #expect(throws: RunError.self) {
            try attempts.run(Self.batch(0..<10)) { _ -> Int in
                tries += 1
                throw RunError(code, "no")
            }
        }
        #expect(tries == 1)
        #expect(error?.diagnostic.code == code)
    }

    @Test func aStoppedRunDoesNotWait() {
        let attempts = BatchAttempts(
            retries: 5, bisects: true, backoff: Backoff(first: 60_000_000),
            clock: SystemPipelineClock(), goesOn: { false })
        #expect(throws: RunInterrupted.self) {
            try attempts.run(Self.batch(0..<10)) { _ -> Int in throw Self.failure }
        }
    }

    @Test func waitsGrowAndDiffer() {
        let backoff = Backoff(first: 1000, most: 60_000)
        for attempt in 1...100 {
            let whole: Int64 = min(60_000, 1000 << Int64(min(attempt - 1, 30)))
            let waits = (0..<20).map { backoff.delay(attempt: attempt, key: $0) }
            #expect(waits.allSatisfy { (whole / 2...whole).contains($0) })
            #expect(Set(waits).count > 10)
            #expect(waits == (0..<20).map { backoff.delay(attempt: attempt, key: $0) })
        }
        #expect(Backoff(first: .max, most: .max).delay(attempt: .max, key: .min) > 0)
        #expect(Backoff(first: 0).delay(attempt: 3, key: 1) == 0)
    }

    // MARK: - Chains

    /// Keeps rows below a bound, and does something else first.
    private struct Probe: RowOperator {
        var below = Int.max
        var before: @Sendable ([Int], Int64?) throws -> Void = { _, _ in }

        func process(
            _ batch: Batch, _ context: borrowing OperatorContext, into output: inout RowOutput
        ) throws {
            let rows = StageTests.numbers(batch)
            try before(rows, context.deadline)
            let kept = zip(batch.rows, rows).filter { $0.1 < below }.map(\.0)
            context.metrics.filtered.add(rows.count - kept.count)
            output.batches.append(batch.selecting(kept))
        }
    }

    private struct NoLetters: DeadLetterSink {
        func write(_ rows: [RejectedRow], node: String, operatorID: String) throws {}
    }

    private static func policy(_ settings: [String: PlanValue]) -> StagePolicy {
        StagePolicy(StagePlan(name: "cleaners", platform: "flink", settings: settings))
    }

    private static func chain(
        _ rows: [Probe], _ settings: [String: PlanValue], _ clock: VirtualPipelineClock
    ) -> (StageChain, [OperatorMetrics]) {
        let policy = policy(settings)
        let metrics = rows.map { _ in OperatorMetrics() }
        let attempts = BatchAttempts(
            retries: policy.retries ?? 0, bisects: policy.bisects, backoff: policy.backoff,
            clock: clock)
        return (
            StageChain(
                rows, counting: metrics, policy: policy, attempts: attempts,
                deadLetters: NoLetters(), schema: Schema([Field("n", .bigint)])), metrics
        )
    }

    @Test func whatAFailedAttemptCountedDoesNotCount() throws {
        let tries = Atomic<Int>(0)
        let flaky = Probe { _, _ in
            if tries.wrappingAdd(1, ordering: .relaxed).newValue < 4 { throw Self.failure }
        }
        let (chain, metrics) = Self.chain(
            [Probe(below: 60), flaky], ["retries": .integer(3)], VirtualPipelineClock(now: 0))
        let outcome = try chain.run(Self.batch(0..<100))
        #expect(outcome.outputs.flatMap(Self.numbers) == Array(0..<60))
        #expect(outcome.letters.isEmpty)
        #expect(metrics[0].input.value == 100)
        #expect(metrics[0].filtered.value == 40)
        #expect(metrics[0].output.value == 60)
        #expect(metrics[1].input.value == 60)
        #expect(metrics.allSatisfy { $0.accountedDifference == 0 })
    }

    @Test func givenUpRowsKnowTheirStageAndTheirAttempts() throws {
        let poison = Probe { rows, _ in if rows.contains(3) { throw Self.failure } }
        let (chain, metrics) = Self.chain(
            [poison], ["retries": .integer(1), "bisect_on_error": .boolean(true)],
            VirtualPipelineClock(now: 0))
        let outcome = try chain.run(Self.batch(0..<8))
        #expect(outcome.outputs.flatMap(Self.numbers) == [0, 1, 2, 4, 5, 6, 7])
        let letter = try #require(outcome.letters.first)
        #expect(outcome.letters.count == 1)
        #expect(letter.stage == "cleaners")
        #expect(letter.rule == "stage")
        #expect(letter.code == Self.failure.diagnostic.code)
        #expect(letter.attempt == 2 + 1 + 1 + 2)
        #expect(letter.raw.map { String(decoding: $0, as: UTF8.self) } == "{\"n\":3}")
        #expect(metrics[0].input.value == 7)
    }

    @Test func aFailureEndsTheRunWhereNothingElseIsSaid() {
        let (chain, _) = Self.chain(
            [Probe { _, _ in throw Self.failure }], ["timeout": .integer(5)],
            VirtualPipelineClock(now: 0))
        #expect(throws: RunError.self) { try chain.run(Self.batch(0..<8)) }
    }

    @Test func whatTakesTooLongIsHalved() throws {
        let clock = VirtualPipelineClock(now: 1_000_000_000)
        let slow = Probe { rows, deadline in
            #expect(deadline == clock.now + 10_000_000)
            clock.advance(by: Int64(rows.count) * 1_000_000)
        }
        let (chain, metrics) = Self.chain(
            [slow],
            [
                "timeout": .integer(10_000_000), "bisect_on_error": .boolean(true),
                "backoff": .integer(0),
            ], clock)
        let outcome = try chain.run(Self.batch(0..<64))
        #expect(outcome.outputs.flatMap(Self.numbers) == Array(0..<64))
        #expect(outcome.outputs.allSatisfy { $0.count == 8 })
        #expect(outcome.letters.isEmpty)
        #expect(metrics[0].input.value == 64)
    }

    @Test func whatNeedsTooMuchMemoryIsHalvedAtOnce() throws {
        let tries = Atomic<Int>(0)
        let (chain, _) = Self.chain(
            [Probe { _, _ in tries.add(1, ordering: .relaxed) }],
            [
                "memory": .integer(128), "retries": .integer(9),
                "bisect_on_error": .boolean(true),
            ], VirtualPipelineClock(now: 0))
        let outcome = try chain.run(Self.batch(0..<64))
        #expect(outcome.outputs.flatMap(Self.numbers) == Array(0..<64))
        #expect(outcome.outputs.allSatisfy { $0.count <= 16 })
        #expect(tries.load(ordering: .relaxed) <= 15)
    }

    // MARK: - Scale

    @Test(arguments: [
        (0, 0), (1, 1), (100, 1), (101, 2), (950, 10), (100_000, 10), (Int.max, 10),
    ])
    func workersFollowTheBacklog(rows: Int, workers: Int) {
        let scale = StagePolicy.Scale(least: 0, most: 10, rowsEach: 100)
        #expect(scale.workers(backlog: rows) == workers)
        let kept = StagePolicy.Scale(least: 2, most: 10, rowsEach: 100)
        #expect(kept.workers(backlog: rows) == max(2, workers))
    }

    @Test func noMoreWorkThanTheBacklogCallsFor() async {
        let workers = StageWorkers(StagePolicy.Scale(least: 0, most: 3, rowsEach: 10))
        let atWork = Atomic<Int>(0)
        let most = Atomic<Int>(0)
        workers.arrived(80)
        let threads = (0..<8).map { _ in
            RunningThread {
                workers.work(on: 10) {
                    let now = atWork.wrappingAdd(1, ordering: .relaxed).newValue
                    most.max(now, ordering: .relaxed)
                    SystemPipelineClock.shared.sleep(for: 3000)
                    atWork.subtract(1, ordering: .relaxed)
                }
            }
        }
        for thread in threads { await thread.end() }
        #expect(most.load(ordering: .relaxed) <= 3)
        #expect(workers.peak == most.load(ordering: .relaxed))
        // One at a time is left for the rest, and none waits for ever.
        workers.work(on: 0) {}
    }

    /// A thread of its own, because what waits must not hold one that others need.
    private struct RunningThread {
        private let task: _Concurrency.Task<Void, Never>

        init(_ body: @escaping @Sendable () -> Void) {
            task = _Concurrency.Task.detached {
                await withCheckedContinuation { continuation in
                    let thread = Foundation.Thread {
                        body()
                        continuation.resume()
                    }
                    thread.start()
                }
            }
        }

        func end() async { await task.value }
    }

    @Test func settingsOfAnyShapeAreNoTrap() {
        for value: PlanValue in [
            .integer(.max), .integer(.min), .integer(0), .string("x"), .boolean(true),
            .list([]), .object(["rows": .integer(-5), "max": .integer(.max)]),
        ] {
            var settings: [String: PlanValue] = [:]
            for name in [
                "batch", "memory", "timeout", "retries", "backoff", "scale", "every", "cron",
                "concurrency", "bisect_on_error",
            ] { settings[name] = value }
            let policy = Self.policy(settings)
            _ = policy.schedule?.next(after: 5)
            _ = policy.scale?.workers(backlog: .max)
            #expect((policy.batchRows ?? 1) >= 0)
        }
    }
}

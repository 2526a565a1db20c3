import Foundation
import PipelineDSL
import Planner
import Synchronization

/// How a test ended.
package struct SpecTestResult: Sendable {
    package let name: String
    package let span: SourceSpan
    package let seconds: Double
    /// What does not hold; none where the test passed.
    package let failures: [Diagnostic]

    package var passed: Bool { failures.isEmpty }
}

/// Runs tests, several at a time, each with storage of its own.
package final class SpecTestRunner: Sendable {
    private let project: ProjectDirectory
    private let scratch: ScratchFolder
    private let workers: Int
    private let memoryLimit = 256 << 20
    private let isCancelled = Atomic<Bool>(false)

    /// - Parameters:
    ///   - project: that of the spec; nothing is written to it.
    ///   - workers: how many tests run at a time; 0 is one a core.
    package init(project: ProjectDirectory, workers: Int = 0) {
        self.project = project
        self.workers =
            workers > 0 ? workers : max(1, ProcessInfo.processInfo.activeProcessorCount)
        scratch = ScratchFolder()
    }

    /// Begins no further test.
    package func cancel() { isCancelled.store(true, ordering: .relaxed) }

    /// - Parameter finished: called with each result as it comes, one at a time.
    /// - Returns: the results in the order of the tests, without those that were not begun.
    package func run(
        _ tests: [SpecTest], finished: @escaping @Sendable (SpecTestResult) -> Void = { _ in }
    ) -> [SpecTestResult] {
        scratch.make()
        defer { scratch.remove() }
        let results = Results(count: tests.count)
        let next = Atomic<Int>(0)
        WorkerThreads.run(min(workers, max(1, tests.count))) { [self] in
            while !isCancelled.load(ordering: .relaxed) {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < tests.count else { return }
                let result = run(tests[index], number: index)
                results.monitor.locked {
                    results.all[index] = result
                    finished(result)
                }
            }
        }
        return results.all.compactMap(\.self)
    }

    private final class Results: @unchecked Sendable {
        let monitor = Monitor()
        var all: [SpecTestResult?]
        init(count: Int) { all = Array(repeating: nil, count: count) }
    }

    private func run(_ test: SpecTest, number: Int) -> SpecTestResult {
        let start = ContinuousClock.now
        let folder = "\(scratch.path)/\(number)"
        let execution = SpecTestExecution(
            test, project: project, folder: folder, memoryLimit: memoryLimit)
        let failures = execution.run()
        Files.removeTree(folder)
        let elapsed = (ContinuousClock.now - start).components
        return SpecTestResult(
            name: test.name, span: test.span,
            seconds: Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18,
            failures: failures)
    }
}

/// Threads with stacks for deep expressions.
enum WorkerThreads {
    private static let stackBytes = 16 << 20

    /// Runs `body` on so many threads and waits for them.
    static func run(_ count: Int, _ body: @escaping @Sendable () -> Void) {
        let done = DispatchSemaphore(value: 0)
        for _ in 0..<count {
            let thread = Thread {
                body()
                done.signal()
            }
            thread.stackSize = stackBytes
            thread.start()
        }
        for _ in 0..<count { done.wait() }
    }
}

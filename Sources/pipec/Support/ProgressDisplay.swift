import Foundation
import PipelineDSL
import Runtime

/// A few lines on the terminal that follow a run: what each node has read, at what rate, and what
/// it rejected. Gone when the run ends, since the report says it all.
final class ProgressDisplay: RunDisplay, @unchecked Sendable {
    private let run: any Execution
    private let isEnabled: Bool
    private let isColored: Bool
    private let lock = NSLock()
    private var thread: Thread?
    private var isStopping = false
    private var drawnLines = 0
    private let startTime = ContinuousClock.now

    /// A run that is over sooner shows nothing.
    private static let delay = 0.3
    private static let interval = 0.1

    init(run: any Execution, isEnabled: Bool, isColored: Bool) {
        self.run = run
        self.isEnabled = isEnabled
        self.isColored = isColored
    }

    func start() {
        guard isEnabled else { return }
        let thread = Thread { [self] in
            Thread.sleep(forTimeInterval: ProgressDisplay.delay)
            while draw() { Thread.sleep(forTimeInterval: ProgressDisplay.interval) }
        }
        thread.start()
        self.thread = thread
    }

    func stop(_ report: RunReport, _ failure: Diagnostic?) {
        lock.lock()
        defer { lock.unlock() }
        isStopping = true
        erase()
    }

    private func erase() {
        if drawnLines > 0 { Output.error("\u{1B}[\(drawnLines)A\u{1B}[J") }
        drawnLines = 0
    }

    /// `false` when the run is over.
    private func draw() -> Bool {
        lock.lock()
        defer { lock.unlock() }
        if isStopping { return false }
        let elapsed = (ContinuousClock.now - startTime).components
        let seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
        let report = run.report(.succeeded, seconds: seconds)
        let nodes = report.nodes.filter { $0.read > 0 }
        let width = nodes.map(\.name.count).max() ?? 0
        var text = ""
        for node in nodes {
            let name = node.name.padding(toLength: width, withPad: " ", startingAt: 0)
            let rate = Int(Double(node.read) / max(seconds, 0.001))
            var line = "  \(name)  \(grouped(node.read)) rows  \(grouped(rate))/s"
            if node.readBytes > 0 {
                line += "  \(Int(Double(node.readBytes) / max(seconds, 0.001)).readableBytes)/s"
            }
            if node.rejected > 0 {
                let count = "\(grouped(node.rejected)) rejected"
                line += "  " + (isColored ? "\u{1B}[33m\(count)\u{1B}[0m" : count)
            }
            text += line + "\n"
        }
        text += "  \(seconds.readableSeconds)\n"
        erase()
        Output.error(text)
        drawnLines = nodes.count + 1
        return true
    }
}

import Dispatch
import Foundation

/// Calls `onFirst` at the first SIGINT or SIGTERM; the second ends the process at once, which loses
/// nothing that was committed.
final class InterruptHandler {
    private var sources: [any DispatchSourceSignal] = []

    init(onFirst: @escaping @Sendable () -> Void) {
        let queue = DispatchQueue(label: "interrupts")
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            nonisolated(unsafe) var seen = false
            source.setEventHandler {
                if seen { _exit(130) }
                seen = true
                onFirst()
            }
            source.resume()
            sources.append(source)
        }
    }

    deinit { for source in sources { source.cancel() } }
}

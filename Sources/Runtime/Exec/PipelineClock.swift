import Foundation
import Synchronization

/// The time by which a run waits, fires schedules and retries: the system's, or one that a test moves.
package protocol PipelineClock: Sendable {
    /// Microseconds since 1970, UTC. Never goes back.
    var now: Int64 { get }

    /// Returns at `instant` (microseconds since 1970), or earlier once `goesOn` says no.
    ///
    /// - Parameter goesOn: asked every few milliseconds while the system's clock is waited for.
    func sleep(until instant: Int64, while goesOn: () -> Bool)
}

extension PipelineClock {
    package func sleep(until instant: Int64) { sleep(until: instant) { true } }

    /// - Parameter duration: microseconds.
    package func sleep(for duration: Int64, while goesOn: () -> Bool = { true }) {
        let (instant, overflow) = now.addingReportingOverflow(duration)
        sleep(until: overflow ? .max : instant, while: goesOn)
    }
}

/// The system's clock, except that it never goes back: where the system's is set back, this one goes
/// on at half speed until the two meet, so that nothing fires twice and nothing stands still.
package final class SystemPipelineClock: PipelineClock {
    package static let shared = SystemPipelineClock()

    private struct Reading {
        var steady: Int64
        var shown: Int64
    }

    private let last: Mutex<Reading>
    private let wall: @Sendable () -> Int64
    private let steady: @Sendable () -> Int64

    /// - Parameters:
    ///   - wall: the time of day, microseconds since 1970; may be set.
    ///   - steady: microseconds since any moment; cannot be set.
    package init(
        wall: @escaping @Sendable () -> Int64 = RunClock.now,
        steady: @escaping @Sendable () -> Int64 = SystemPipelineClock.uptime
    ) {
        self.wall = wall
        self.steady = steady
        last = Mutex(Reading(steady: steady(), shown: wall()))
    }

    package var now: Int64 {
        last.withLock { last in
            let (steady, wall) = (steady(), wall())
            let elapsed = max(0, steady - last.steady)
            // Odd microseconds are kept for the next reading.
            let half = elapsed / 2
            if wall >= last.shown + elapsed {
                last = Reading(steady: steady, shown: wall)
            } else if wall > last.shown + half {
                last = Reading(steady: steady, shown: wall)
            } else {
                last = Reading(steady: last.steady + half * 2, shown: last.shown + half)
            }
            return last.shown
        }
    }

    package func sleep(until instant: Int64, while goesOn: () -> Bool) {
        while goesOn() {
            let now = now
            guard now < instant else { return }
            usleep(UInt32(min(instant - now, 5_000)))
        }
    }

    /// Microseconds since any moment, at a steady pace.
    @Sendable package static func uptime() -> Int64 {
        let elapsed = (ContinuousClock.now - origin).components
        return elapsed.seconds * 1_000_000 + elapsed.attoseconds / 1_000_000_000_000
    }

    private static let origin = ContinuousClock.now
}

/// A clock that stands still until it is moved.
package final class VirtualPipelineClock: PipelineClock, @unchecked Sendable {
    private let monitor = Monitor()
    private var time: Int64
    private var sleepers = 0
    private let advancesItself: Bool

    /// - Parameters:
    ///   - now: microseconds since 1970.
    ///   - advancesItself: whether who sleeps moves it to when the sleep ends. Otherwise who sleeps
    ///     waits until another thread moves it.
    package init(now: Int64, advancesItself: Bool = true) {
        time = now
        self.advancesItself = advancesItself
    }

    package var now: Int64 { monitor.locked { time } }

    /// How many threads wait for it to be moved.
    package var waiting: Int { monitor.locked { sleepers } }

    /// - Parameter duration: microseconds; less than 0 does nothing.
    package func advance(by duration: Int64) {
        monitor.locked {
            let (sum, overflow) = time.addingReportingOverflow(max(0, duration))
            time = overflow ? .max : sum
            monitor.signalAll()
        }
    }

    /// Never goes back: an earlier instant does nothing.
    package func advance(to instant: Int64) {
        monitor.locked {
            time = max(time, instant)
            monitor.signalAll()
        }
    }

    /// Lets who sleeps look again whether to go on.
    package func wake() { monitor.locked { monitor.signalAll() } }

    package func sleep(until instant: Int64, while goesOn: () -> Bool) {
        monitor.locked {
            if advancesItself {
                if goesOn() { time = max(time, instant) }
                monitor.signalAll()
                return
            }
            sleepers += 1
            while time < instant, goesOn() { monitor.wait() }
            sleepers -= 1
        }
    }
}

import Synchronization
import Testing

import Runtime

@Suite struct PipelineClockTests {
    /// Two clocks that a test sets.
    private final class Hands: Sendable {
        let wall = Atomic<Int64>(1_000_000)
        let steady = Atomic<Int64>(0)

        func pass(_ microseconds: Int64) {
            wall.add(microseconds, ordering: .relaxed)
            steady.add(microseconds, ordering: .relaxed)
        }

        var clock: SystemPipelineClock {
            SystemPipelineClock(
                wall: { self.wall.load(ordering: .relaxed) },
                steady: { self.steady.load(ordering: .relaxed) })
        }
    }

    @Test func followsTheSystem() {
        let hands = Hands()
        let clock = hands.clock
        hands.pass(500)
        #expect(clock.now == 1_000_500)
        hands.wall.add(3_600_000_000, ordering: .relaxed)
        #expect(clock.now == 3_601_000_500)
    }

    @Test func goesOnSlowlyWhereTheSystemIsSetBack() {
        let hands = Hands()
        let clock = hands.clock
        hands.wall.add(-1_000, ordering: .relaxed)
        #expect(clock.now == 1_000_000)
        var last = clock.now
        for _ in 0..<1_999 {
            hands.pass(1)
            let now = clock.now
            #expect(now >= last)
            last = now
        }
        #expect(last == 1_000_999)
        hands.pass(501)
        #expect(clock.now == hands.wall.load(ordering: .relaxed))
    }

    @Test func sleepEndsWhenItIsToldTo() {
        var asked = 0
        SystemPipelineClock().sleep(until: .max) {
            asked += 1
            return asked < 3
        }
        #expect(asked == 3)
    }

    @Test func virtualTimeIsSleptAtOnce() {
        let clock = VirtualPipelineClock(now: 0)
        clock.sleep(for: 86_400_000_000)
        #expect(clock.now == 86_400_000_000)
        clock.sleep(until: 5)
        clock.advance(to: 3)
        #expect(clock.now == 86_400_000_000)
        clock.sleep(for: .max)
        #expect(clock.now == .max)
    }

    @Test func virtualTimeIsWaitedFor() async {
        let clock = VirtualPipelineClock(now: 0, advancesItself: false)
        let sleeper = _Concurrency.Task.detached {
            clock.sleep(until: 100)
            return clock.now
        }
        while clock.waiting == 0 { await _Concurrency.Task.yield() }
        clock.advance(by: 99)
        clock.advance(by: 2)
        #expect(await sleeper.value == 101)
    }
}

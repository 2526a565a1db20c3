import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A streaming run is killed at random instants, over and over, while something feeds it, which is
/// killed, too. What it leaves in the end is what an uninterrupted run makes: nothing lost, nothing
/// doubled.
@Suite(.serialized) struct StreamingKillTests {
    @Test(arguments: KillVariant.all)
    func killedStreamsLoseAndDoubleNothing(_ variant: KillVariant) throws {
        let began = ContinuousClock.now
        var random = SplitMix(seed: 2026_11_21)
        let (killed, whole) = (try KillScene(variant), try KillScene(variant))
        let feed = KillFeed(killed, whole, seed: random.next())
        for _ in 0..<2 { try feed.complete() }
        var (kills, phases) = (0, [String: Int]())
        for number in 0..<KillVariant.kills {
            let process = try killed.start()
            // Sometimes before it has begun, sometimes after several epochs.
            usleep(UInt32(random.below(20_000)))
            try feed.begin()
            switch number % 4 {
            case 0: usleep(UInt32(random.below(80_000)))
            case 1:
                killed.waitForLock(of: process)
                usleep(UInt32(random.below(60_000)))
            default:
                killed.waitForLock(of: process)
                killed.waitForRecord(of: process)
                usleep(UInt32(random.below(3_000)))
            }
            if !process.isRunning { break }
            kills += 1
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            phases[killed.phase(of: process), default: 0] += 1
            feed.end()
        }
        try feed.complete()
        #expect(
            kills == KillVariant.kills || variant.feeding == .none,
            "a run ended by itself: \(killed.errors)")
        let found = try killed.results()
        try feed.copy()
        let expected = try whole.results()
        for (what, text) in expected {
            let isSame = found[what] == text
            #expect(
                isSame, "\(what) differs after \(kills) kills: \(difference(found[what], text))")
        }
        #expect(killed.leftovers == [])
        if variant.feeding != .none {
            // Whatever else is in, each of the ids that were acknowledged is there once.
            if variant.feeding == .command {
                let items = try killed.records("kinds")
                #expect(items == feed.items)
            }
            let rows = found[KillVariant.distinctRows] ?? ""
            #expect(rows == "{\"n\":\(feed.ids),\"ids\":\(feed.ids)}\n")
        }
        let hits = phases.sorted { $0.value > $1.value }.map { "\($0.value) \($0.key)" }
        print(
            "\(variant.name): \(kills) kills (\(hits.joined(separator: ", "))), "
                + "\(feed.batches) batches, \(feed.kills) feeders killed, "
                + "\((ContinuousClock.now - began).components.seconds) s")
    }

    /// The first lines that only one of two texts has.
    private func difference(_ found: String?, _ expected: String) -> String {
        let (a, b) = ((found ?? "").split(separator: "\n"), expected.split(separator: "\n"))
        let (inA, inB) = (Set(a), Set(b))
        let more = a.filter { !inB.contains($0) }.prefix(3)
        let less = b.filter { !inA.contains($0) }.prefix(3)
        return "\(a.count) lines, not \(b.count); only it has \(more), it lacks \(less)"
    }

    @Test func stoppedStreamsCommitWhatTheyRead() throws {
        let (scene, other) = (try KillScene(.files), try KillScene(.files))
        let feed = KillFeed(scene, other, seed: 1)
        for _ in 0..<3 { try feed.complete() }
        let process = try scene.start()
        for _ in 0..<500 where !scene.hasCheckpoint { usleep(10_000) }
        kill(process.processIdentifier, SIGTERM)
        process.waitUntilExit()
        #expect(process.terminationStatus == 130)
        let text = try scene.pipec(["query", "SELECT count(*) AS n FROM bronze.events"])
        #expect(text.contains("\(3 * KillFeed.goodRows)"))
    }

    @Test func aSecondRunIsRefused() throws {
        let (scene, other) = (try KillScene(.files), try KillScene(.files))
        try KillFeed(scene, other, seed: 1).complete()
        let process = try scene.start()
        defer {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        for _ in 0..<500 where !scene.hasCheckpoint { usleep(10_000) }
        let second = try PipecBinary.run(
            ["run", "--mode", "streaming", "--until-idle"], in: scene.root)
        #expect(second.status == 1)
        #expect(second.errors.contains("another run is at work"))
    }
}

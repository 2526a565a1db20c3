import Foundation
import PipelineDSL
import Runtime
import Synchronization
import TestSupport
import Testing

/// The log by itself: what is appended is there, in order, once, whatever happens to the files.
@Suite struct PartitionedLogTests {
    static let now: Int64 = 1_767_225_600_000_000
    static let hour: Int64 = 3_600_000_000

    final class Folder: Sendable {
        let path = FileManager.default.temporaryDirectory.path + "/pipec-log-\(UUID().uuidString)"
        deinit { try? FileManager.default.removeItem(atPath: path) }

        func log(
            shards: Int = 1, segmentBytes: Int = 16 << 20, retention: Int64? = nil,
            limits: Bool = false
        ) throws -> PartitionedLog {
            var options = PartitionedLog.Options()
            options.shards = shards
            options.segmentBytes = segmentBytes
            options.retention = retention
            options.hasLimits = limits
            return try PartitionedLog(path, options)
        }

        func segments(_ shard: Int = 0) -> [String] {
            let folder = "\(path)/shardId-00000000000\(shard)"
            return Files.list(folder).map { folder + "/" + $0 }
        }
    }

    static func batch(_ texts: [String], key: String? = nil) -> LogBatch {
        var batch = LogBatch()
        for text in texts { batch.add(key: (key ?? text).utf8, data: text.utf8) }
        return batch
    }

    static func texts(_ log: PartitionedLog, _ shard: Int = 0, from: Int64 = 0) throws -> [String] {
        try log.read(shard, from: from, limit: .max).map {
            String(decoding: $0.data, as: UTF8.self)
        }
    }

    // MARK: - Appending and reading

    @Test(arguments: [1, 2, 7], [1, 200, 16 << 20])
    func whatIsAppendedIsThere(shards: Int, segmentBytes: Int) throws {
        let folder = Folder()
        let log = try folder.log(shards: shards, segmentBytes: segmentBytes)
        var random = SplitMix(seed: 7)
        var expected = [[String]](repeating: [], count: shards)
        for round in 0..<30 {
            let texts = (0..<random.below(20)).map { "\(round)-\($0)" }
            let results = try log.append(Self.batch(texts), now: Self.now + Int64(round))
            #expect(results.count == texts.count)
            for (text, result) in zip(texts, results) {
                let place = try result.get()
                #expect(place.sequence == Int64(expected[place.shard].count))
                expected[place.shard].append(text)
            }
        }
        // As the appender sees it, and as one that just opened it.
        for log in [log, try folder.log(shards: shards)] {
            for shard in 0..<shards {
                #expect(try Self.texts(log, shard) == expected[shard])
                let count = Int64(expected[shard].count)
                #expect(try log.bounds(shard) == 0..<count)
                for from in 0...count {
                    #expect(
                        try Self.texts(log, shard, from: from)
                            == Array(expected[shard].dropFirst(Int(from))))
                }
                #expect(throws: RunError.self) { try log.read(shard, from: count + 1, limit: 1) }
            }
        }
        if segmentBytes == 1 { #expect(folder.segments().count > 10) }
    }

    @Test func keysHaveTheirShard() throws {
        // The hash ranges of two shards meet at 2¹²⁷: MD5("a") is 0cc1…, of "b" 92eb….
        let log = try Folder().log(shards: 2)
        let shards = try log.append(Self.batch(["a", "b", "a"]), now: Self.now).map {
            try $0.get().shard
        }
        #expect(shards == [0, 1, 0])
        let long = String(repeating: "k", count: 200)
        let place = try log.append(Self.batch(["x"], key: long), now: Self.now)[0].get()
        #expect(
            place.shard == (try log.append(Self.batch(["y"], key: long), now: 0)[0].get().shard))
    }

    @Test func twoAppendersTakeTurns() throws {
        let folder = Folder()
        let logs = try (0..<3).map { _ in try folder.log(segmentBytes: 100) }
        for round in 0..<30 {
            let result = try logs[round % 3].append(Self.batch(["\(round)"]), now: Self.now)
            #expect(try result[0].get().sequence == Int64(round))
        }
        #expect(try Self.texts(logs[0]) == (0..<30).map { "\($0)" })
    }

    @Test func timesAreFound() throws {
        let log = try Folder().log(segmentBytes: 100)
        for minute in 0..<20 {
            _ = try log.append(Self.batch(["\(minute)"]), now: Self.now + Int64(minute) * 60)
        }
        // A clock that went back does not make records older.
        _ = try log.append(Self.batch(["late"]), now: Self.now)
        #expect(try log.read(0, from: 20, limit: 1)[0].arrival == Self.now + 19 * 60)
        for minute in 0..<20 {
            #expect(try log.sequence(0, at: Self.now + Int64(minute) * 60) == Int64(minute))
            #expect(try log.sequence(0, at: Self.now + Int64(minute) * 60 - 1) == Int64(minute))
        }
        #expect(try log.sequence(0, at: Self.now + Self.hour) == 21)
        #expect(try log.sequence(0, at: .min) == 0)
    }

    @Test func otherShardsAreRefused() throws {
        let folder = Folder()
        _ = try folder.log(shards: 3)
        let error = #expect(throws: RunError.self) { try folder.log(shards: 2) }
        #expect(error?.diagnostic.code == .embeddedSettings)
        #expect(try PartitionedLog(folder.path).shardCount == 3)
    }

    // MARK: - Limits

    @Test func throughputIsLimited() throws {
        let folder = Folder()
        let log = try folder.log(limits: true)
        let many = (0..<1500).map { "\($0)" }
        let first = try log.append(Self.batch(many), now: Self.now)
        #expect(first.prefix(1000).allSatisfy { (try? $0.get()) != nil })
        #expect(
            first.dropFirst(1000).allSatisfy {
                $0 == .failure(.provisionedThroughputExceeded(shard: 0))
            })
        // Also by another process within the second, and no more in the next.
        let other = try folder.log(limits: true)
        #expect(throws: LogPutFailure.self) {
            try other.append(Self.batch(["x"]), now: Self.now + 999_999)[0].get()
        }
        #expect(
            try log.append(Self.batch(["y"]), now: Self.now + 1_000_000)[0].get().sequence == 1000)
        let half = [String](repeating: String(repeating: "z", count: 400_000), count: 3)
        let large = try log.append(Self.batch(half, key: "k"), now: Self.now + 2_000_000)
        #expect(large.map { (try? $0.get()) != nil } == [true, true, false])
    }

    @Test func recordsAreLimited() throws {
        let log = try Folder().log()
        func put(_ key: String, _ bytes: Int) throws -> Result<LogPlace, LogPutFailure> {
            try log.append(Self.batch([String(repeating: "x", count: bytes)], key: key), now: 0)[0]
        }
        #expect((try? put("k", (1 << 20) - 1).get()) != nil)
        #expect(try put("k", 1 << 20) == .failure(.recordTooLarge(bytes: (1 << 20) + 1)))
        #expect(try put("", 1) == .failure(.invalidPartitionKey))
        #expect((try? put(String(repeating: "é", count: 256), 1).get()) != nil)
        #expect(try put(String(repeating: "é", count: 257), 1) == .failure(.invalidPartitionKey))
        #expect(try log.bounds(0) == 0..<2)
    }

    // MARK: - Retention

    @Test func oldRecordsGo() throws {
        let folder = Folder()
        let log = try folder.log(retention: 8 * Self.hour)
        for hour in 0..<24 {
            _ = try log.append(
                Self.batch(["\(hour)"]), now: Self.now + Int64(hour) * Self.hour)
        }
        let bounds = try log.bounds(0)
        #expect(bounds.upperBound == 24)
        // The last hour is 23: everything of the last eight is there, and little more.
        #expect(bounds.lowerBound <= 15 && bounds.lowerBound >= 12)
        let gone = #expect(throws: RunError.self) { try log.read(0, from: 3, limit: 1) }
        #expect(gone?.diagnostic.code == .logPosition)
        // With all its records gone, a shard still counts on.
        try log.expire(now: Self.now + 100 * Self.hour)
        try log.expire(now: Self.now + 100 * Self.hour)
        #expect(try log.bounds(0) == 24..<24)
        let reopened = try PartitionedLog(folder.path)
        #expect(reopened.retention == 8 * Self.hour)
        try reopened.expire(now: Self.now + 100 * Self.hour)
        #expect(
            try reopened.append(Self.batch(["x"]), now: Self.now)[0].get().sequence == 24)
        // No record is left that it could be earlier than.
        #expect(try log.read(0, from: 24, limit: 1)[0].arrival == Self.now)
    }

    @Test func youngRecordsStayBeforeAnEmptySegment() throws {
        let folder = Folder()
        let log = try folder.log(retention: 8 * Self.hour)
        _ = try log.append(Self.batch(["a"]), now: Self.now)
        try log.expire(now: Self.now + 2 * Self.hour)
        #expect(folder.segments().count == 2)
        try folder.log().expire(now: Self.now + 3 * Self.hour)
        #expect(try log.bounds(0) == 0..<1)
    }

    // MARK: - Crashes

    @Test func tornTailsAreCutOffAtEveryByte() throws {
        let folder = Folder()
        _ = try folder.log().append(Self.batch(["first", "second"]), now: Self.now)
        _ = try folder.log().append(Self.batch(["third", "fourth", "fifth"]), now: Self.now)
        let path = try #require(folder.segments().first)
        let whole = try #require(Files.read(path))
        let frame = { (text: String) in 30 + 2 * text.utf8.count }
        var ends = [0]
        for text in ["first", "second", "third", "fourth", "fifth"] {
            ends.append(ends[ends.count - 1] + frame(text))
        }
        #expect(ends.last == whole.count)
        for cut in 0...whole.count {
            try Data(whole[..<cut]).write(to: URL(fileURLWithPath: path))
            let count = ends.lastIndex { $0 <= cut } ?? 0
            let log = try folder.log()
            #expect(try log.bounds(0) == 0..<Int64(count))
            #expect(try log.append(Self.batch(["new"]), now: 0)[0].get().sequence == Int64(count))
            #expect(Files.size(path) == Int64(ends[count] + frame("new")))
            #expect(try Self.texts(log).last == "new")
        }
        // Pages of an append that reached the disk in another order: its last batch, torn.
        for at in ends[2]..<ends[4] {
            var bytes = whole
            bytes[at] ^= 0x40
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let log = try folder.log()
            _ = try log.append(Self.batch(["new"]), now: 0)
            #expect(try Self.texts(log).prefix(2) == ["first", "second"])
        }
        // In the batch before it nothing can be torn: that is damage, and nothing is thrown away.
        for at in 0..<ends[2] {
            var bytes = whole
            bytes[at] ^= 0x40
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let error = #expect(throws: RunError.self) {
                try folder.log().append(Self.batch(["new"]), now: 0)
            }
            #expect(error?.diagnostic.code == .logDamaged)
            #expect(Files.size(path) == Int64(whole.count))
        }
    }

    @Test func damageBeforeTheLastSegmentIsSaid() throws {
        let folder = Folder()
        let log = try folder.log(segmentBytes: 1)
        for i in 0..<4 { _ = try log.append(Self.batch(["\(i)"]), now: Self.now) }
        let path = folder.segments()[1]
        var bytes = try #require(Files.read(path))
        bytes[31] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        #expect(try log.read(0, from: 0, limit: 1).count == 1)
        let error = #expect(throws: RunError.self) { try log.read(0, from: 0, limit: 4) }
        #expect(error?.diagnostic.code == .logDamaged)
        #expect(try log.read(0, from: 2, limit: 4).count == 2)
    }

    @Test func fuzzOfSegmentBytes() throws {
        let folder = Folder()
        let whole: [[UInt8]] = try {
            let log = try folder.log(segmentBytes: 300)
            for i in 0..<40 { _ = try log.append(Self.batch(["record \(i)", "and"]), now: 5) }
            return folder.segments().compactMap { Files.read($0) }
        }()
        let paths = folder.segments()
        #expect(paths.count > 3)
        let originals = (0..<80).map { $0 % 2 == 0 ? "record \($0 / 2)" : "and" }
        var random = SplitMix(seed: 99)
        try TestRun.fuzz(rounds: 300) { _ in
            for (path, bytes) in zip(paths, whole) {
                let bytes =
                    random.below(3) == 0
                    ? random.mutated(bytes, interesting: [0, 0xFF, 0x7F]) : bytes
                try Data(bytes).write(to: URL(fileURLWithPath: path))
            }
            let before = try? Self.texts(folder.log())
            #expect(before == nil || originals.starts(with: before ?? []))
            _ = try? folder.log().append(Self.batch(["new"]), now: 5)
            _ = try? folder.log().expire(now: 10)
            for path in Files.list(folder.path + "/shardId-000000000000")
                .map({ folder.path + "/shardId-000000000000/" + $0 }) where !paths.contains(path)
            { try FileManager.default.removeItem(atPath: path) }
        }
    }

    // MARK: - Epochs

    /// A copy of the folder as it was is what a crash leaves.
    @Test func anEpochIsAppendedOnce() throws {
        let folder = Folder()
        let log = try folder.log(shards: 2)
        _ = try log.append(Self.batch(["before"]), now: Self.now)
        let texts = (0..<50).map { "row \($0)" }
        try Self.stage(log, "e1", texts)
        try log.commit("e1", now: Self.now)
        try log.commit("e1", now: Self.now)
        try folder.log(shards: 2).commit("e1", now: Self.now)
        #expect(try Self.all(log) == (["before"] + texts).sorted())
        // Staged again by a run that does not know it was done.
        try Self.stage(log, "e1", texts)
        try log.commit("e1", now: Self.now)
        #expect(try Self.all(log).count == 51)
        #expect(Files.list(folder.path + "/staged").isEmpty)
        // Nothing to append is an epoch, too.
        try log.commit("e2", now: Self.now)
        #expect(try Self.all(log).count == 51)
    }

    static func stage(_ log: PartitionedLog, _ epoch: String, _ texts: [String]) throws {
        let staging = try log.stage(epoch)
        for text in texts {
            try Array(text.utf8).withUnsafeBytes { try staging.add(key: $0, data: $0) }
        }
        try staging.close()
    }

    static func all(_ log: PartitionedLog) throws -> [String] {
        try (0..<log.shardCount).flatMap { try texts(log, $0) }.sorted()
    }

    @Test func aCommitCutShortIsCompleted() throws {
        let texts = (0..<6).map { "row \($0)" }
        // As many records of the epoch are there as a crash let through, with part of one more.
        for crashed in 0...6 {
            for torn in [0, 1, 29, 33] {
                let folder = Folder()
                let log = try folder.log(shards: 1)
                _ = try log.append(Self.batch(["before"]), now: Self.now)
                let path = try #require(folder.segments().first)
                let start = try #require(Files.size(path))
                try Self.stage(log, "e1", texts)
                let staged = try #require(Files.read(folder.path + "/staged/e1.log"))
                let pending = #"{"epoch":"e1","arrival":\#(Self.now),"starts":[1]}"#
                try log.commit("e1", now: Self.now)
                // Back to the middle of it.
                let frame = 30 + 2 * 5
                try #require(FileHandle(forWritingAtPath: path)).truncate(
                    atOffset: UInt64(start) + UInt64(crashed * frame + (crashed < 6 ? torn : 0)))
                try Files.write(staged, to: folder.path + "/staged/e1.log")
                try Files.write(Array(pending.utf8), to: folder.path + "/pending.json")
                try FileManager.default.removeItem(atPath: folder.path + "/epochs.json")
                // Completed by whoever comes first.
                let next = try folder.log(shards: 1)
                if crashed % 2 == 0 {
                    _ = try next.append(Self.batch(["after"]), now: Self.now)
                } else {
                    try next.commit("e1", now: Self.now + 5)
                    _ = try next.append(Self.batch(["after"]), now: Self.now)
                }
                #expect(try Self.texts(next) == ["before"] + texts + ["after"])
                #expect(!Files.exists(folder.path + "/pending.json"))
            }
        }
    }

    // MARK: - Concurrency

    @Test func readersSeeAPrefixWhileOthersAppend() throws {
        let folder = Folder()
        let rounds = 150
        let done = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: 4) { worker in
            do {
                let log = try folder.log(segmentBytes: 2000)
                if worker < 2 {
                    for round in 0..<rounds {
                        _ = try log.append(
                            Self.batch((0..<3).map { "\(worker) \(round) \($0)" }), now: 7)
                    }
                    done.add(1, ordering: .sequentiallyConsistent)
                    return
                }
                var seen = [-1, -1]
                var next: Int64 = 0
                while true {
                    let isLast = done.load(ordering: .sequentiallyConsistent) == 2
                    for record in try log.read(0, from: next, limit: .max) {
                        #expect(record.sequence == next)
                        next += 1
                        let parts = String(decoding: record.data, as: UTF8.self).split(
                            separator: " "
                        )
                        .compactMap { Int($0) }
                        let number = parts[1] * 3 + parts[2]
                        #expect(seen[parts[0]] == number - 1)
                        seen[parts[0]] = number
                    }
                    if isLast { break }
                }
                #expect(next == Int64(2 * rounds * 3))
            } catch {
                Issue.record(error)
            }
        }
    }

    /// Records a second, for the eyes of whoever sets `PIPEC_BENCH`; otherwise it only must not rot.
    @Test func throughput() throws {
        let isMeasured = ProcessInfo.processInfo.environment["PIPEC_BENCH"] != nil
        let log = try Folder().log(shards: 2)
        let rounds = isMeasured ? 200 : 2
        var batch = LogBatch()
        for i in 0..<10_000 {
            batch.add(
                key: "vehicle-\(i % 1000)".utf8,
                data: #"{"id":\#(i),"lat":1.5,"lon":103.25,"speed":42}"#.utf8)
        }
        let clock = ContinuousClock()
        let append = try clock.measure {
            for round in 0..<rounds { _ = try log.append(batch, now: Int64(round)) }
        }
        let source = try LogSource(
            log, start: .earliest,
            RecordOptions(
                source: "events", json: JSONOptions(),
                fields: [
                    Field("id", .bigint), Field("lat", .double), Field("lon", .double),
                    Field("speed", .bigint),
                ]))
        var (slicing, decoding, count) = (Duration.zero, Duration.zero, 0)
        var position: Runtime.SourcePosition?
        while true {
            var slice: SourceSlice?
            slicing += try clock.measure {
                slice = try source.slice(
                    after: position, limit: SliceLimit(rows: 1_000_000, bytes: 256 << 20))
            }
            guard let slice else { break }
            decoding += try clock.measure {
                while let unit = try slice.reader.next() {
                    try unit.decode(batchRows: 16_384) { count += $0.batch.count }
                }
            }
            position = slice.end
        }
        #expect(count == rounds * batch.count)
        guard isMeasured else { return }
        for (what, time) in [("appended", append), ("sliced", slicing), ("decoded", decoding)] {
            print("log: \(Int(Double(count) / (time / .seconds(1)))) records/s \(what)")
        }
    }
}

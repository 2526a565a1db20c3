import Foundation
import PipelineDSL
import Planner
import Runtime
import TestSupport
import Testing

/// A stream read in slices, one an epoch.
@Suite struct LogSourceTests {
    static let now: Int64 = 1_767_225_600_000_000

    final class Stream {
        let folder =
            FileManager.default.temporaryDirectory.path
            + "/pipec-slices-\(UUID().uuidString)"
        let log: PartitionedLog

        init(shards: Int = 3) throws {
            var options = PartitionedLog.Options()
            options.shards = shards
            options.segmentBytes = 1000
            log = try PartitionedLog(folder, options)
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }

        func append(_ numbers: Range<Int>) throws {
            for number in numbers {
                var batch = LogBatch()
                batch.add(key: "k\(number)".utf8, data: #"{"n":\#(number)}"#.utf8)
                _ = try log.append(batch, now: now + Int64(number) * 1_000_000)
            }
        }

        func source(_ start: LogSource.Start = .earliest) throws -> LogSource {
            try LogSource(
                log, start: start,
                RecordOptions(
                    source: "events", json: JSONOptions(),
                    fields: [Field("n", .bigint, nullable: false)]))
        }
    }

    /// The numbers of a slice.
    static func numbers(_ slice: SourceSlice) throws -> [Int64] {
        var numbers: [Int64] = []
        while let unit = try slice.reader.next() {
            try unit.decode(batchRows: 7) { decoded in
                guard case .int64(let values) = decoded.batch.columns[0].values else { return }
                numbers += decoded.batch.rows.map { values[Int($0)] }
            }
        }
        return numbers
    }

    @Test(arguments: [1, 2, 7, 50, 1000])
    func slicesAreTheSameWhateverTheLimit(limit: Int) throws {
        let stream = try Stream()
        try stream.append(0..<200)
        for limit in [SliceLimit(rows: limit, bytes: .max), SliceLimit(rows: .max, bytes: limit)] {
            var source = try stream.source()
            var position: Runtime.SourcePosition?
            var rows: [Int64] = []
            var slices = 0
            while let slice = try source.slice(after: position, limit: limit) {
                // In order of arrival from slice to slice, and so no shard runs ahead.
                let sorted = try Self.numbers(slice).sorted()
                #expect(sorted.first == Int64(rows.count))
                rows += sorted
                position = slice.end
                slices += 1
                // As after a restart.
                if slices % 3 == 0 { source = try stream.source() }
            }
            #expect(rows == (0..<200).map { Int64($0) })
            #expect(try source.slice(after: position, limit: limit) == nil)
            if limit.rows < 200 { #expect(slices == (200 + limit.rows - 1) / limit.rows) }
        }
    }

    @Test func aSliceIsFixedWhenItIsMade() throws {
        let stream = try Stream()
        let source = try stream.source()
        let limit = SliceLimit(rows: 100, bytes: 1 << 20)
        #expect(try source.slice(after: nil, limit: limit) == nil)
        try stream.append(0..<10)
        let slice = try #require(try source.slice(after: nil, limit: limit))
        try stream.append(10..<20)
        #expect(try Self.numbers(slice).sorted() == (0..<10).map { Int64($0) })
        let next = try #require(try source.slice(after: slice.end, limit: limit))
        #expect(try Self.numbers(next).sorted() == (10..<20).map { Int64($0) })
        // Read again.
        let again = try #require(
            try source.slice(after: nil, limit: SliceLimit(rows: 10, bytes: .max)))
        #expect(again.end == slice.end)
    }

    @Test func whereItBegins() throws {
        let stream = try Stream()
        try stream.append(0..<10)
        let latest = try stream.source(.latest)
        let limit = SliceLimit(rows: 100, bytes: 1 << 20)
        #expect(try latest.slice(after: nil, limit: limit) == nil)
        try stream.append(10..<12)
        let after = try #require(try latest.slice(after: nil, limit: limit))
        #expect(try Self.numbers(after).sorted() == [10, 11])
        let time = try stream.source(.time(Self.now + 8_000_000))
        let since = try #require(try time.slice(after: nil, limit: limit))
        #expect(try Self.numbers(since).sorted() == [8, 9, 10, 11])
    }

    @Test func positionsThatAreNotThereAreSaid() throws {
        let stream = try Stream(shards: 1)
        try stream.append(0..<200)
        let limit = SliceLimit(rows: 100, bytes: 1 << 20)
        let name = "shardId-000000000000"
        let end = try #require(
            try stream.source().slice(after: nil, limit: SliceLimit(rows: .max, bytes: .max))
        ).end
        #expect(end.next == [name: 200])
        for wrong in [201, Int64.max, -1] {
            let error = #expect(throws: RunError.self) {
                try stream.source().slice(
                    after: Runtime.SourcePosition(next: [name: wrong]), limit: limit)
            }
            #expect(error?.diagnostic.code == .logPosition)
        }
        try stream.log.expire(now: Self.now + 48 * 3_600_000_000)
        let error = #expect(throws: RunError.self) {
            try stream.source().slice(after: Runtime.SourcePosition(next: [name: 3]), limit: limit)
        }
        #expect(error?.diagnostic.code == .logPosition)
        #expect(try stream.source().slice(after: end, limit: limit) == nil)
    }
}

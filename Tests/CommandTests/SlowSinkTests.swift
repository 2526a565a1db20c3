import Foundation
import Runtime
import Synchronization
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A sink slower than what feeds the stream: the stream waits for it, in memory that stays as it is, and
/// everything arrives.
@Suite(.serialized) struct SlowSinkTests {
    private static func spec(_ url: String) -> String {
        """
        version: 1
        pipeline: slow
        sources:
          events:
            kinesis: { stream: events, shards: 2 }
            format: json
            columns: { id: bigint not null, note: string }
        sinks:
          out:
            from: events
            webhook: { url: "\(url)" }
            batch: { rows: 500 }
          queue: { from: events, sqs: { queue: all } }
          table: { from: events, dynamodb: { table: last, partition_key: id } }
        """
    }

    private static let batchRows = 20_000

    @Test func theStreamWaitsAndItsMemoryStays() throws {
        let hook = try SlowHook(milliseconds: 5)
        defer { hook.stop() }
        let root =
            FileManager.default.temporaryDirectory.path + "/pipec-slow-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: root) }
        try Self.spec(hook.url).write(
            toFile: root + "/pipec.yaml", atomically: true, encoding: .utf8)
        let note = String(repeating: "n", count: 200)
        var fed = 0
        func feed() throws {
            let lines = (0..<Self.batchRows).map { "{\"id\":\(fed + $0),\"note\":\"\(note)\"}\n" }
            try lines.joined().write(toFile: root + "/lines", atomically: false, encoding: .utf8)
            let result = try PipecBinary.run(["feed", "events", "lines", "--quiet"], in: root)
            #expect(result.status == 0, "\(result.errors)")
            fed += Self.batchRows
        }
        try feed()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(PipecBinary.path))
        process.arguments = ["run", "--mode", "streaming", "--quiet", "--memory", "256 MB"]
        process.currentDirectoryURL = URL(fileURLWithPath: root)
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        defer { kill(process.processIdentifier, SIGKILL) }
        // Faster than the sink, for a while: what is not read yet piles up in the stream.
        var (memory, behind, open) = ([Int](), [Int](), [Int]())
        for _ in 0..<10 {
            try feed()
            memory.append(Self.residentKilobytes(process))
            behind.append(fed - hook.rows.count)
            open.append(Self.openFiles(process))
        }
        for _ in 0..<3000 where hook.rows.count < fed { usleep(10_000) }
        memory.append(Self.residentKilobytes(process))
        kill(process.processIdentifier, SIGTERM)
        process.waitUntilExit()
        #expect(process.terminationStatus == 130)
        #expect(hook.rows.count == fed && Set(hook.rows).count == fed, "rows are lost or doubled")
        // It fell behind by more than one feeding, while its memory stayed.
        #expect((behind.max() ?? 0) > Self.batchRows, "\(behind)")
        #expect((memory.max() ?? 0) < 200 << 10, "\(memory)")
        // Stores are opened for each epoch, and closed again.
        #expect((open.max() ?? 0) < 48, "\(open)")
        print("slow sink: \(fed) rows, at most \(behind.max() ?? 0) behind, RSS \(memory) KiB")
    }

    private static func openFiles(_ process: Process) -> Int {
        let path = "/proc/\(process.processIdentifier)/fd"
        return (try? FileManager.default.contentsOfDirectory(atPath: path).count) ?? 0
    }

    private static func residentKilobytes(_ process: Process) -> Int {
        let path = "/proc/\(process.processIdentifier)/status"
        guard let text = try? String(contentsOfFile: path, encoding: .utf8),
            let found = text.firstMatch(of: /VmRSS:\s+(\d+)/)
        else { return 0 }
        return Int(found.1) ?? 0
    }
}

/// Takes its time for every request, and keeps the ids of the rows it is sent.
private final class SlowHook: HTTPService, @unchecked Sendable {
    private let delay: UInt32
    private let server = Mutex<HTTPServer?>(nil)
    private let seen = Mutex<[Int]>([])

    init(milliseconds: UInt32) throws {
        delay = milliseconds * 1000
        let made = try HTTPServer(ListenAddress(port: 0), service: self)
        server.withLock { $0 = made }
    }

    var url: String { "http://" + (server.withLock { $0?.address.description } ?? "") + "/" }
    var rows: [Int] { seen.withLock { $0 } }

    func stop() { server.withLock { $0.take() }?.stop() }
    func admit(_ head: HTTPHead) -> HTTPAdmission { .accept(bodyLimit: 16 << 20) }

    func respond(to request: HTTPRequest, reply: @escaping @Sendable (HTTPResponse) -> Void) {
        let text = String(decoding: request.body, as: UTF8.self)
        let ids = text.matches(of: /"id":(\d+)/).compactMap { Int($0.1) }
        usleep(delay)
        seen.withLock { $0 += ids }
        reply(.text(200, ""))
    }
}

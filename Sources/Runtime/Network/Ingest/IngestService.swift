import Foundation
import PipelineDSL
import Planner
import Synchronization

/// Answers the requests to one `http` source.
final class IngestService: HTTPService {
    /// Where a record has no key of its own it gets that of its request, so long.
    static let longestOwnKey = 16

    let source: String
    let settings: IngestSettings
    let counts = IngestCounts()
    private let keys: APIKeys
    private let meter: UsageMeter
    private let usage: UsageFile
    private let saved: Mutex<(at: Int64, kept: [String: UsageMeter.Kept])>
    private let decoder: IngestDecoder
    private let queue: IngestQueue
    private let now: @Sendable () -> Int64
    private let hasKeys: Bool

    init(
        _ node: PlanNode, _ scan: ScanPlan, settings: IngestSettings, journal: any IngestJournal,
        usage: UsageFile, now: @escaping @Sendable () -> Int64
    ) throws {
        source = node.name
        self.settings = settings
        self.usage = usage
        self.now = now
        hasKeys = IngestSettings.needsKey(scan.binding)
        keys = APIKeys(settings.keys.map(\.text))
        let kept = usage.load()
        meter = UsageMeter(settings.keys, kept: kept, now: now())
        saved = Mutex((at: now(), kept: kept))
        decoder = try IngestDecoder(node, scan, partitionKey: settings.partitionKey)
        queue = IngestQueue(journal, name: node.name, now: now)
    }

    /// Answers what is there, and ends.
    func stop() {
        queue.stop()
        saveUsage(atOnce: true)
    }

    // MARK: - Before the body

    func admit(_ head: HTTPHead) -> HTTPAdmission {
        guard head.method == "POST" else {
            return refuse(.message(405, "Method Not Allowed", headers: [("Allow", "POST")]))
        }
        if hasKeys {
            guard let shown = head.header("x-api-key"), let key = keys.index(of: shown) else {
                return refuse(.message(403, "Forbidden"))
            }
            switch meter.take(key, now: now()) {
            case .granted: break
            case .throttled(let seconds):
                return refuse(.tooMany("Too Many Requests", "rate", settings.keys[key], seconds))
            case .exhausted(let seconds):
                return refuse(.tooMany("Limit Exceeded", "quota", settings.keys[key], seconds))
            }
            saveUsage(atOnce: false)
        }
        if let encoding = head.header("content-encoding"), encoding.lowercased() != "identity" {
            return refuse(.message(415, "Unsupported Media Type: the body must not be compressed"))
        }
        return .accept(bodyLimit: settings.maxBody)
    }

    private func refuse(_ response: HTTPResponse) -> HTTPAdmission {
        counts.request(response.status)
        return .refuse(response)
    }

    func tooLarge(_ head: HTTPHead, limit: Int) -> HTTPResponse {
        counts.request(413)
        return .message(413, "Request Too Long", ["max_body": .number(limit)])
    }

    func overloaded(_ head: HTTPHead) -> HTTPResponse {
        counts.request(503)
        return .message(503, "Service Unavailable", headers: [("Retry-After", "1")])
    }

    // MARK: - The body

    func respond(
        to request: HTTPRequest, reply: @escaping @Sendable (HTTPResponse) -> Void
    ) {
        let counts = self.counts
        let answer: @Sendable (HTTPResponse) -> Void = { response in
            counts.request(response.status)
            reply(response)
        }
        let body: IngestDecoder.Body
        do { body = try decoder.decode(request.body, now: now()) } catch {
            return answer(IngestAnswer.failed(error))
        }
        if !body.faults.isEmpty, !settings.takesParts || body.faults.count == body.records.count {
            counts.rejected.add(body.records.count)
            return answer(IngestAnswer.refused(body))
        }
        let wrong = Set(body.faults.map(\.record))
        let right = body.records.count - wrong.count
        let isTaken = queue.submit(right) { batch in
            let own = IngestService.requestKey()
            for record in body.records.indices where !wrong.contains(record) {
                if let key = body.keys[record] {
                    batch.add(key: key, data: body.bytes(record))
                } else {
                    batch.add(key: own, data: body.bytes(record))
                }
            }
        } answer: { result in
            switch result {
            case .success(let places):
                let taken = places.filter { if case .success = $0 { true } else { false } }.count
                counts.accepted.add(taken)
                counts.rejected.add(body.records.count - taken)
                answer(IngestAnswer.taken(body, places))
            case .failure(let error): answer(IngestAnswer.failed(error))
            }
        }
        if !isTaken { reply(overloaded(request.head)) }
    }

    /// Keeps the records of a request together, and those of different requests apart.
    private static func requestKey() -> [UInt8] {
        var text: [UInt8] = []
        withUnsafeBytes(of: UInt64.random(in: 0...UInt64.max)) {
            ByteText.appendHex(Array($0), to: &text)
        }
        return text
    }

    // MARK: - Usage

    private static let saveInterval: Int64 = 1_000_000

    /// At most once a second: a crash forgets that much.
    private func saveUsage(atOnce: Bool) {
        let instant = now()
        let isDue = saved.withLock { saved in
            guard atOnce || instant < saved.at || instant - saved.at >= Self.saveInterval else {
                return false
            }
            saved.at = instant
            let kept = meter.kept
            defer { saved.kept = kept }
            return kept != saved.kept
        }
        guard isDue else { return }
        // Counting goes on where the disk is full; accepting does not, and says so.
        try? usage.save(meter.kept)
    }
}

/// What a listener has done, for `/metrics`.
final class IngestCounts: Sendable {
    let accepted = Counter()
    let rejected = Counter()
    private let requests = Mutex<[Int: Int]>([:])

    func request(_ status: Int) { requests.withLock { $0[status, default: 0] += 1 } }

    var byStatus: [(status: Int, count: Int)] {
        requests.withLock { $0.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
    }
}

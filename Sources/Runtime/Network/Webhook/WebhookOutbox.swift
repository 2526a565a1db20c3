import Foundation
import PipelineDSL
import Planner

/// The batches of an epoch that wait to be posted, in a file: a line that says where to, then a line a
/// batch. Secrets stand in it as references.
struct WebhookOutbox {
    struct Address: Codable {
        var settings: [String: PlanValue]
        var retries: Int
        /// Microseconds.
        var backoff: Int64
    }

    let folder: String

    init(_ project: ProjectDirectory, node: String) {
        folder = project.resolve(".pipec/webhook/\(EmbeddedPaths.component(node))")
    }

    /// Visible to nobody before the epoch is committed.
    func stagedPath(_ token: String) -> String { "\(folder)/\(token).staged" }
    private func path(_ token: String) -> String { "\(folder)/\(token).jsonl" }
    /// How many batches of it were taken.
    private func progressPath(_ token: String) -> String { "\(folder)/\(token).sent" }

    /// What is staged is to be sent from now on. May be repeated.
    func commit(_ token: String) throws {
        guard Files.exists(stagedPath(token)) else { return }
        try Files.rename(stagedPath(token), to: path(token))
        Files.syncDirectory(folder)
    }

    func discardStaged() {
        for name in Files.list(folder) where name.hasSuffix(".staged") {
            unlink(folder + "/" + name)
        }
    }

    /// Epochs that wait to be sent, oldest first.
    private var waiting: [String] {
        Files.list(folder).filter { $0.hasSuffix(".jsonl") }.map { String($0.dropLast(6)) }.sorted()
    }

    /// Posts what waits, epoch by epoch.
    ///
    /// - Throws: ``RunError`` where the receiver does not take it; it then goes on waiting.
    func deliver(
        node: String, secrets: SecretValues, sleep: @escaping @Sendable (Int64) -> Bool
    ) throws {
        for token in waiting { try deliver(token, node: node, secrets: secrets, sleep: sleep) }
    }

    /// Posts what was not posted yet, in order, and forgets it.
    ///
    /// - Throws: ``RunError`` where the receiver does not take it; the rest stays for another time.
    private func deliver(
        _ token: String, node: String, secrets: SecretValues,
        sleep: @escaping @Sendable (Int64) -> Bool
    ) throws {
        let input = try FileInput(path(token))
        var lines = TextLines(input)
        guard let first = try lines.next(),
            let address = try? JSONDecoder().decode(Address.self, from: Data(first))
        else { throw RunError(.outputFailed, "\(path(token)) is not what pipec writes") }
        let url = try secrets.text(address.settings["url"] ?? .null, at: nil) ?? ""
        var headers: [(name: String, value: String)] = [("Content-Type", "application/json")]
        let own = (address.settings["headers"]?.object ?? [:]).sorted { $0.key < $1.key }
        for (name, value) in own {
            if let value = try secrets.text(value, at: nil) { headers.append((name, value)) }
        }
        let timeout = Double(address.settings["timeout"]?.integer ?? 10_000_000) / 1e6
        let poster = WebhookPoster(
            client: HTTPClient(timeout: timeout), retries: address.retries,
            backoff: address.backoff, sleep: sleep)
        let sent = progress(token)
        var batch = 0
        while let body = try lines.next() {
            batch += 1
            guard batch > sent else { continue }
            let key = [(name: "Idempotency-Key", value: "\(node)/\(token)/\(batch)")]
            switch poster.post(url, headers: headers + key, body: Array(body)) {
            case .delivered: try Files.write(Array("\(batch)".utf8), to: progressPath(token))
            case .refused(let why), .failed(let why): throw undelivered(node, batch, why)
            }
        }
        unlink(progressPath(token))
        unlink(path(token))
    }

    private func progress(_ token: String) -> Int {
        Files.read(progressPath(token)).flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
    }

    private func undelivered(_ node: String, _ batch: Int, _ why: String) -> RunError {
        RunError(
            .webhookUndelivered, "`\(node)` could not deliver batch \(batch): \(why)",
            notes: [
                "it is kept in \(folder), and sent again by the next start",
                "to give it up, remove that folder",
            ])
    }
}

/// The lines of a file, one at a time, without their line ends.
private struct TextLines {
    private let input: any ByteInput
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false

    init(_ input: any ByteInput) { self.input = input }

    mutating func next() throws -> ArraySlice<UInt8>? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { start = end + 1 }
                return buffer[start..<end]
            }
            buffer.removeSubrange(..<start)
            start = 0
            searched = buffer.count
            // A line without an end was never finished.
            guard try fill() else { return nil }
        }
    }

    private mutating func fill() throws -> Bool {
        guard !isAtEnd else { return false }
        var chunk = [UInt8](repeating: 0, count: 256 << 10)
        let got = try chunk.withUnsafeMutableBytes { try input.read(into: $0) }
        if got == 0 { isAtEnd = true }
        buffer.append(contentsOf: chunk[..<got])
        return got > 0
    }
}

import Foundation
import PipelineDSL
import Planner
import Runtime
import TestSupport
import Testing

/// Rows that are posted to somebody else.
@Suite struct WebhookTests {
    private func spec(_ url: String, _ more: String = "") -> String {
        """
        sources:
          rows: { files: { path: "in/*.jsonl" }, format: jsonl, columns: { id: bigint not null } }
        sinks:
          out:
            from: rows
            webhook: { url: "\(url)", headers: { Authorization: "Bearer ${secret:TOKEN}" } }
            batch: { rows: 2 }
            \(more)
        """
    }

    private func run(_ project: SpecProject, _ spec: String) throws -> RunReport {
        var settings = RunSettings(now: RunClock.now())
        settings.environment = { $0 == "TOKEN" ? "hidden" : nil }
        return try Run(
            plan: try project.plan(spec), project: project.directory, settings: settings
        ).execute()
    }

    private func bodies(_ hook: HookServer) -> [String] {
        hook.requests.map { String(decoding: $0.body, as: UTF8.self) }
    }

    private func keys(_ hook: HookServer) -> [String] {
        hook.requests.compactMap { $0.head.header("idempotency-key") }
    }

    @Test func rowsArePostedInBatches() throws {
        let hook = try HookServer(answers: [200])
        defer { hook.stop() }
        let project = try SpecProject(files: [
            "in/a.jsonl": "{\"id\": 1}\n{\"id\": 2}\n{\"id\": 3}\n{\"id\": 4}\n{\"id\": 5}\n"
        ])
        let report = try run(project, spec(hook.url))
        #expect(report.nodes.last?.written == 5)
        #expect(
            bodies(hook) == [
                "[{\"id\":1},{\"id\":2}]", "[{\"id\":3},{\"id\":4}]", "[{\"id\":5}]",
            ])
        #expect(Set(keys(hook)).count == 3)
        #expect(hook.requests.allSatisfy { $0.head.header("authorization") == "Bearer hidden" })
        #expect(project.walk(".pipec/webhook").isEmpty)
    }

    @Test func whatMayPassIsTriedAgainWithTheSameKey() throws {
        let hook = try HookServer(answers: [503, 429, 200], retryAfter: "0")
        defer { hook.stop() }
        let project = try SpecProject(files: ["in/a.jsonl": "{\"id\": 1}\n"])
        _ = try run(project, spec(hook.url, "on_error: { retries: 3, backoff: 1 ms }"))
        #expect(bodies(hook) == Array(repeating: "[{\"id\":1}]", count: 3))
        #expect(Set(keys(hook)).count == 1)
    }

    @Test func whatIsNotTakenIsSentByTheNextStart() throws {
        let hook = try HookServer(answers: [200, 400])
        defer { hook.stop() }
        let project = try SpecProject(files: [
            "in/a.jsonl": "{\"id\": 1}\n{\"id\": 2}\n{\"id\": 3}\n"
        ])
        let spec = spec(hook.url, "on_error: { retries: 1, backoff: 1 ms }")
        #expect { try run(project, spec) } throws: {
            ($0 as? RunError)?.diagnostic.code == .webhookUndelivered
        }
        // What waits holds no secret.
        for file in project.walk(".pipec/webhook") {
            #expect(try !project.text(".pipec/webhook/" + file).contains("hidden"))
        }
        try project.write("", to: "in/a.jsonl")
        hook.answer([200])
        _ = try run(project, spec)
        #expect(
            bodies(hook) == ["[{\"id\":1},{\"id\":2}]", "[{\"id\":3}]", "[{\"id\":3}]"])
        #expect(keys(hook)[1] == keys(hook)[2] && keys(hook)[0] != keys(hook)[1])
        #expect(project.walk(".pipec/webhook").isEmpty)
    }
}

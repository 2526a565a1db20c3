import Foundation
import PipelineDSL
import Planner
import Runtime
import Synchronization
import TestSupport
import Testing

/// Alerts: what a condition may say, when it fires, and whom it tells.
@Suite struct AlertTests {
    static let nodes = """
        sources:
          files:
            files: { path: in.jsonl }
            format: jsonl
            columns: { id: bigint not null }
        stages:
          processor: { lambda: { memory: 128 MB } }
        zones:
          bronze: { path: lake, format: parquet }
        transforms:
          bronze.rows: { from: files, runs_on: processor }
        """

    private func plan(_ when: String, within: String? = nil) throws -> Plan {
        let within = within.map { "within: \($0), " } ?? ""
        return try SpecProject().plan(
            Self.nodes
                + "\nalerts:\n  a: { when: \"\(when)\", \(within)notify: { sns: { topic: t } } }\n")
    }

    @Test(arguments: [
        "errors(processor) > 5", "errors() >= 1", "dead_letters(files) / rows_read(files) > 1%",
        "iterator_age(files) > 60 s", "iterator_age(files) > 1 minute AND backlog(files) > 1_000",
        "(errors(processor) > 5 OR dead_letters(bronze.rows) > 2) and memory() > 512 MB",
        "freshness(bronze.rows) > 2 * 30 minutes", "rows_written(bronze.rows) - 5 < -1",
        "(rows_read(files) + 1) * 2 > 4", "epoch_duration() <> 0 s",
        "state_bytes(bronze.rows) > 1 GiB",
    ]) func conditions(_ when: String) throws {
        let plan = try plan(when)
        #expect(plan.alerts.first?.condition(in: plan) != nil)
    }

    @Test(arguments: [
        ("errors(processr) > 5", "processor"), ("dead_letters(file) > 5", "files"),
        ("error(processor) > 5", "errors"), ("iterator_age(bronze.rows) > 5 s", "no source"),
        ("iterator_age(files) > 5", "compared"), ("errors(processor) > 5 s", "compared"),
        ("errors(processor)", "comparison"), ("errors > 5", "brackets"), ("5", "comparison"),
        ("", ""), ("errors(processor) > ", "ends"), ("errors(processor) > 5 6", "does not belong"),
        ("errors(processor) > 5 parsecs", "quantity"), ("memory(files) > 5 MB", "whole run"),
        ("iterator_age() > 5 s", "name"), ("errors(processor) > ${x}", "parameter"),
        ("iterator_age(files) + 5 > 1", "means nothing"), ("§ > 5", "§"),
        (String(repeating: "(", count: 5000) + "1", "nested"),
        ("1" + String(repeating: " + 1", count: 5000) + " > 0", "too long"),
        (String(repeating: "- ", count: 5000) + "1 > 0", "nested"),
    ]) func mistakes(_ when: String, _ said: String) throws {
        let (_, found) = try SpecProject().check(
            Self.nodes + "\nalerts:\n  a: { when: \"\(when)\", notify: { sns: { topic: t } } }\n")
        let errors = found.filter { $0.severity == .error }
        #expect(errors.count == 1, "\(errors.map(\.message))")
        let text = errors.map { "\($0.message) \($0.primary?.text ?? "") \($0.notes)" }.joined()
        #expect(said.isEmpty || text.contains(said), "\(text)")
    }

    @Test func receiversAreChecked() throws {
        func found(_ receiver: String) throws -> [Diagnostic] {
            try SpecProject().check(
                Self.nodes + "\nalerts:\n  a: { when: errors() > 1, notify: [ \(receiver) ] }\n"
            ).1
        }
        #expect(try found("{ slak: { webhook: x } }").contains { $0.code == .alertReceiver })
        #expect(try found("{ dynamodb: { table: x } }").contains { $0.code == .alertReceiver })
        #expect(try found("{ webhook: { url: nowhere } }").contains { $0.code == .webhookAddress })
        #expect(try found("{ webhook: { ulr: x } }").count > 0)
        #expect(try found("{ webhook: { url: \"http://localhost:1/x\" } }").isEmpty)
    }

    // MARK: - Evaluation

    private func epoch(
        _ plan: Plan, at seconds: Int64, rejected: Int = 0, written: Int = 1
    ) throws -> EpochSummary {
        var report = try SpecProject().report(of: plan)
        report.nodes = ["files", "bronze.rows"].map {
            var node = RunReport.Node(name: $0, kind: "source")
            node.read = 10
            node.written = written
            node.rejected = $0 == "files" ? 0 : rejected
            return node
        }
        let now = seconds * 1_000_000
        return EpochSummary(number: 1, report: report, began: now - 1000, committed: now)
    }

    @Test func firesOnceAndRecovers() throws {
        let plan = try plan("errors(processor) > 5", within: "2 minutes")
        var alerts = AlertEvaluator(plan)
        alerts.started(RunStart(plan: plan, token: "t", now: 0))
        #expect(alerts.committed(try epoch(plan, at: 10, rejected: 5)).isEmpty)
        let fired = alerts.committed(try epoch(plan, at: 60, rejected: 1))
        #expect(fired.map(\.state) == [.firing])
        #expect(fired.first?.values == ["errors(processor)": 6])
        #expect(alerts.committed(try epoch(plan, at: 70, rejected: 9)).isEmpty)
        #expect(alerts.idled(IdleSummary(now: 189_000_000)).isEmpty)
        #expect(alerts.idled(IdleSummary(now: 192_000_000)).map(\.state) == [.resolved])
        #expect(alerts.idled(IdleSummary(now: 900_000_000)).isEmpty)
        #expect(alerts.committed(try epoch(plan, at: 901, rejected: 6)).map(\.state) == [.firing])
    }

    @Test func agesAreMeasuredWhereNothingHappens() throws {
        let plan = try plan("iterator_age(files) > 60 s")
        var alerts = AlertEvaluator(plan)
        let lags = ["files": SourceLag(records: 3, oldestArrival: 0)]
        #expect(alerts.idled(IdleSummary(now: 60_000_000, lags: lags)).isEmpty)
        #expect(alerts.idled(IdleSummary(now: 60_000_001)).map(\.state) == [.firing])
        let read = ["files": SourceLag(records: 0)]
        #expect(alerts.idled(IdleSummary(now: 61_000_000, lags: read)).map(\.state) == [.resolved])
    }

    @Test func nothingIsDividedByZero() throws {
        let plan = try plan("dead_letters(files) / rows_written(files) < 1%")
        var alerts = AlertEvaluator(plan)
        #expect(alerts.committed(try epoch(plan, at: 1, written: 0)).isEmpty)
        #expect(alerts.committed(try epoch(plan, at: 2, written: 1)).count == 1)
    }

    @Test func aFailedRunIsAnError() throws {
        let plan = try plan("errors() > 0", within: "1 minute")
        var alerts = AlertEvaluator(plan)
        #expect(alerts.failed(at: 5_000_000).map(\.state) == [.firing])
    }

    @Test func windowsAreBounded() throws {
        let plan = try plan("errors() > 1000000", within: "1 hour")
        var alerts = AlertEvaluator(plan)
        let one = try epoch(plan, at: 1, rejected: 1)
        for second in 0..<20_000 {
            var next = one
            next.committed = Int64(second) * 1_000_000
            #expect(alerts.committed(next).isEmpty)
        }
    }

    // MARK: - Delivery

    @Test func receiversAreTold() throws {
        let hook = try HookServer(answers: [503, 200])
        defer { hook.stop() }
        let project = try SpecProject(files: ["in.jsonl": "{\"id\": 1}\n{\"id\": null}\n"])
        let plan = try project.plan(
            Self.nodes + """

                alerts:
                  bad: { when: dead_letters(files) > 0, description: look,
                    notify: [ { webhook: { url: "\(hook.url)", headers: { X-Token: "${secret:T}" } } },
                              { slack: { webhook: "${secret:NOT_SET}" } } ] }

                """)
        let deliveries = Mutex<[AlertDelivery]>([])
        var settings = RunSettings(now: RunClock.now())
        settings.observers.add(
            Alerts(
                plan, project: project.directory, environment: { $0 == "T" ? "secret" : nil },
                report: { delivery in deliveries.withLock { $0.append(delivery) } }))
        _ = try Run(plan: plan, project: project.directory, settings: settings).execute()
        let told = deliveries.withLock { $0 }
        #expect(told.count == 2)
        // A slack message needs no secret where it is embedded.
        #expect(told.last?.failure == nil)
        let request = try #require(hook.requests.last)
        #expect(request.head.header("x-token") == "secret")
        #expect(request.head.header("idempotency-key")?.contains("/bad/firing/") == true)
        let text = String(decoding: request.body, as: UTF8.self)
        #expect(text.contains("\"values\":{\"dead_letters(files)\":1}"), "\(text)")
        let archive = AlertArchive(project.directory, plan.pipeline, "bad").lines(10)
        #expect(archive.count == 1)
        #expect(archive.lines.first?.contains("${secret:NOT_SET}") == true)
        let (lines, summary) = try Feed(node: "bad", plan: plan, project: project.directory)
            .peek(10, now: 0)
        #expect(lines.count == 1 && summary == "1 notice")
    }

    @Test func aBrokenReceiverStopsNothing() throws {
        let project = try SpecProject(files: ["in.jsonl": "{\"id\": null}\n{\"id\": 1}\n"])
        let plan = try project.plan(
            Self.nodes + """

                alerts:
                  bad: { when: dead_letters(files) > 0, notify: { webhook: { url: "http://127.0.0.1:1/" } } }

                """)
        let failures = Mutex<[String]>([])
        var settings = RunSettings(now: RunClock.now())
        settings.observers.add(
            Alerts(plan, project: project.directory, environment: { _ in nil }) { delivery in
                failures.withLock { $0.append(delivery.failure ?? "") }
            })
        let report = try Run(plan: plan, project: project.directory, settings: settings).execute()
        #expect(report.status == .succeeded)
        #expect(failures.withLock { $0 } == ["the connection is refused"])
    }

    @Test func plansKeepTheirAlerts() throws {
        let plan = try plan("errors(processor) > 5", within: "2 minutes")
        let (read, problems) = PlanJSON.read(
            SourceText(text: PlanJSON.text(plan), file: "plan.json"))
        #expect(problems.isEmpty)
        #expect(read?.alerts == plan.alerts)
    }
}

/// A receiver that answers as it is told and remembers what it got.
final class HookServer: HTTPService, @unchecked Sendable {
    private let state = Mutex<(answers: [Int], requests: [HTTPRequest])>(([], []))
    private let retryAfter: String?
    private let server = Mutex<HTTPServer?>(nil)

    /// - Parameter answers: statuses, one a request; the last one stays.
    init(answers: [Int], retryAfter: String? = nil) throws {
        self.retryAfter = retryAfter
        state.withLock { $0.answers = answers }
        let made = try HTTPServer(ListenAddress(port: 0), service: self)
        server.withLock { $0 = made }
    }

    var url: String { "http://" + (server.withLock { $0?.address.description } ?? "") + "/hook" }
    var requests: [HTTPRequest] { state.withLock { $0.requests } }

    func answer(_ statuses: [Int]) { state.withLock { $0.answers = statuses } }

    func stop() { server.withLock { $0.take() }?.stop() }

    func admit(_ head: HTTPHead) -> HTTPAdmission { .accept(bodyLimit: 16 << 20) }

    func respond(to request: HTTPRequest, reply: @escaping @Sendable (HTTPResponse) -> Void) {
        let status = state.withLock { state in
            state.requests.append(request)
            return state.answers.count > 1
                ? state.answers.removeFirst() : state.answers.first ?? 200
        }
        var response = HTTPResponse.text(status, "")
        if let retryAfter, status >= 400 { response.headers.append(("Retry-After", retryAfter)) }
        reply(response)
    }
}

import Foundation
import PipelineDSL
import Planner
import Runtime
import Synchronization
import TestSupport
import Testing

/// What a run shows to those who watch it: `/metrics` and `/health`.
@Suite struct OperationsTests {
    static let spec = """
        contracts:
          reading:
            columns: { id: bigint not null, at: timestamp not null, value: double }
            rules: { positive: value > 0 }
        sources:
          readings:
            files: { path: "in/*.jsonl" }
            format: jsonl
            contract: reading
            event_time: { column: at, watermark: 1 minute }
        zones:
          bronze: { path: lake, format: parquet }
        transforms:
          bronze.readings: { from: readings, steps: [ { dedupe: { on: id, within: 1 day } } ] }
        """

    static let file = """
        {"id": 1, "at": "2026-01-01T00:00:00Z", "value": 1}
        {"id": 1, "at": "2026-01-01T00:00:00Z", "value": 1}
        {"id": 2, "at": "2026-01-01T00:05:00Z", "value": -1}
        {"id": 3, "at": "2026-01-01T00:10:00Z", "value": 2.5}

        """

    /// A streaming run over one file, to its end, followed by `observers`.
    private func stream(_ observers: [any RunObserver]) throws {
        let project = try SpecProject(files: ["in/a.jsonl": Self.file])
        var plan = try project.plan(Self.spec)
        plan.mode = .streaming
        for index in plan.nodes.indices where plan.nodes[index].table != nil {
            plan.nodes[index].table?.mode = .append
        }
        var settings = RunSettings(now: RunClock.now())
        settings.observers = RunObservers(observers)
        var options = StreamingRun.Options()
        options.untilIdle = true
        _ = try StreamingRun(
            plan: plan, project: project.directory, settings: settings, options: options
        ).execute()
    }

    @Test func metricsAreWhatPrometheusReads() throws {
        let metrics = RunMetrics()
        try stream([metrics])
        let text = metrics.prometheus(now: 1_767_226_200_000_000)
        #expect(
            text.contains(
                "pipec_rows_read_total{pipeline=\"test\",node=\"readings\",kind=\"source\"} 4\n"))
        #expect(
            text.contains(
                "pipec_rows_rejected_total{pipeline=\"test\",node=\"readings\",kind=\"source\"} 1\n"
            ))
        #expect(
            text.contains(
                "pipec_rows_deduplicated_total{pipeline=\"test\",node=\"bronze.readings\",kind=\"table\"} 1\n"
            ))
        #expect(text.contains("pipec_epochs_total{pipeline=\"test\"} 1\n"))
        #expect(text.contains("pipec_dead_letters_total{pipeline=\"test\"} 1\n"))
        // 00:10 is the last row, the watermark a minute behind it; the clock says 00:10.
        #expect(
            text.contains("pipec_watermark_lag_seconds{pipeline=\"test\",source=\"readings\"} 60\n")
        )
        #expect(
            text.contains("pipec_epoch_duration_seconds_bucket{pipeline=\"test\",le=\"+Inf\"} 1\n"))
        #expect(text.contains("pipec_state_rows{"))
    }

    @Test(.disabled(if: Peers.isMissing, "run scripts/peers.sh"))
    func metricsAreParsedByThePrometheusClient() throws {
        let metrics = RunMetrics()
        try stream([metrics])
        try Peers.withFolder { folder in
            let file = folder + "/metrics.txt"
            try metrics.prometheus(now: RunClock.now())
                .write(toFile: file, atomically: true, encoding: .utf8)
            let said = try Peers.run("prometheus_parse.py", file)
            #expect(said.contains("pipec_rows_read counter"))
            #expect(said.contains("pipec_epoch_duration_seconds histogram"))
        }
    }

    @Test func labelsAreEscaped() {
        var text = PrometheusText()
        text.family("m", .gauge, "a \\ and\na line", [([("l", "say \"x\"\n\\")], .infinity)])
        #expect(
            text.text == """
                # HELP m a \\\\ and\\na line
                # TYPE m gauge
                m{l="say \\"x\\"\\n\\\\"} +Inf

                """)
    }

    @Test func healthFollowsCommits() throws {
        let health = RunHealth(bound: 10_000_000)
        #expect(!health.answer(now: 0).isHealthy)
        let project = try SpecProject()
        let plan = try project.plan(Self.spec)
        health.runStarted(RunStart(plan: plan, token: "t", now: 0))
        #expect(health.answer(now: 10_000_000).isHealthy)
        #expect(
            health.answer(now: 10_000_001).reason
                == "nothing was committed for 10 s, the bound is 10 s")
        health.streamIdled(IdleSummary(now: 20_000_000))
        #expect(health.answer(now: 25_000_000).isHealthy)
        let report = try project.report(of: plan)
        health.epochCommitted(
            EpochSummary(number: 7, report: report, began: 26_000_000, committed: 27_000_000))
        let answer = health.answer(now: 28_000_000)
        #expect(answer.isHealthy && answer.epoch == 7 && answer.secondsSinceLastCommit == 1)
        health.runEnded(report, failure: Diagnostic(.outputFailed, "no disk", at: nil), at: 0)
        #expect(health.answer(now: 28_000_000).reason?.contains("no disk") == true)
    }

    @Test func bothAreServed() throws {
        let clock = Mutex<Int64>(5_000_000)
        let (metrics, health) = (RunMetrics(), RunHealth(bound: 1_000_000))
        let server = try HTTPServer(
            ListenAddress(port: 0),
            service: OperationsService(metrics: metrics, health: health) {
                clock.withLock { $0 }
            })
        defer { server.stop() }
        let base = "http://\(server.address)"
        let client = HTTPClient()
        #expect(try client.get(base + "/health").status == 503)
        let plan = try SpecProject().plan(Self.spec)
        for one in [metrics, health] as [any RunObserver] {
            one.runStarted(RunStart(plan: plan, token: "t", now: 5_000_000))
        }
        let healthy = try client.get(base + "/health")
        #expect(healthy.status == 200)
        #expect(String(decoding: healthy.body, as: UTF8.self).contains("\"status\":\"healthy\""))
        clock.withLock { $0 = 6_000_001 }
        #expect(try client.get(base + "/health").status == 503)
        let text = try client.get(base + "/metrics")
        #expect(text.status == 200)
        #expect(text.header("content-type") == "text/plain; version=0.0.4; charset=utf-8")
        #expect(String(decoding: text.body, as: UTF8.self).contains("pipec_run_info{"))
        #expect(try client.get(base + "/else").status == 404)
        #expect(try client.post(base + "/metrics", headers: [], body: []).status == 405)
    }

    @Test func aTakenPortIsSaid() throws {
        let service = OperationsService(metrics: RunMetrics(), health: RunHealth(bound: 1))
        let first = try HTTPServer(ListenAddress(port: 0), service: service)
        defer { first.stop() }
        #expect {
            try HTTPServer(first.address, service: service)
        } throws: {
            ($0 as? RunError)?.diagnostic.code == .cannotListen
        }
    }

    @Test(arguments: [
        ("9464", "127.0.0.1:9464"), (":80", "127.0.0.1:80"), ("0.0.0.0:0", "0.0.0.0:0"),
        ("[::1]:9", "[::1]:9"), ("localhost:9464", "localhost:9464"),
    ]) func addresses(_ text: String, _ expected: String) {
        #expect(ListenAddress(text)?.description == expected)
    }

    @Test(arguments: ["", "a", "1.2.3.4", "::1:80", "host:65536", "host:-1", "[]:1", "[::1]", "x:"])
    func noAddresses(_ text: String) { #expect(ListenAddress(text) == nil) }
}

extension SpecProject {
    /// Of a run that has not begun.
    func report(of plan: Plan) throws -> RunReport {
        Run(plan: plan, project: directory, settings: RunSettings(now: 0))
            .report(.succeeded, seconds: 0)
    }
}

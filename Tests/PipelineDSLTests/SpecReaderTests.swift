import PipelineDSL
import Testing

@Suite struct SpecReaderTests {
    /// The model spec of the language: every section, most keys.
    static let model = """
        # yaml-language-server: $schema=../../schema/pipec.schema.json
        version: 1
        pipeline: fleet-telemetry
        description: GPS telemetry of 50,000 delivery vehicles, validated and enriched
        owner: fleet-data

        parameters:
          max_speed_kmh: { type: double, default: 180 }
          delay: { type: string, default: 10 minutes }
          depot_latitude: double

        contracts:
          telemetry:
            columns:
              vehicle_id:    string not null
              recorded_at:   timestamp not null
              latitude:      { type: double, required: true, pii: location, description: North }
              speed_kmh:     double
            key: [vehicle_id, recorded_at]
            rules:
              latitude_in_range:  latitude BETWEEN -90 AND 90
              speed_plausible:    { check: "speed_kmh < ${max_speed_kmh}", severity: warn }
            freshness: 1 hour
            unknown_columns: reject
            compatibility: backward

        sources:
          telemetry_files:
            s3: { bucket: fleet-landing, path: "telemetry/*.csv" }
            format: { csv: { delimiter: ";" } }
            contract: telemetry
            event_time: { column: recorded_at, watermark: "${delay}" }
            rate: { records: 2000 / second, record_size: 500 B }
            rename: { MMSI: vehicle_id }
            metadata: { file: _file, line: _line }
            on_error: { retries: 3, backoff: 1 s, dead_letter: true }
          vehicles:
            files: { path: data/vehicles.json }
            format: json
            columns: { vehicle_id: string not null, depot: string }

        zones:
          bronze: { path: "s3://lake/bronze", format: parquet, partition_by: ["date(recorded_at)"] }
          silver: { path: data/silver, format: delta, retain: { archive_after: 7 days } }

        transforms:
          bronze.telemetry: { from: telemetry_files }
          silver.telemetry:
            from: [bronze.telemetry]
            steps:
              - dedupe: { on: [vehicle_id, recorded_at], within: 1 day }
              - where: speed_kmh >= 0
            write: { mode: merge, on: [vehicle_id, recorded_at] }
            every: 5 minutes
          daily:
            sql: |
              SELECT vehicle_id, count(*) AS pings
              FROM silver.telemetry
              GROUP BY vehicle_id
            runs_on: stream_processor
            cron_is_not_here_: 1

        sinks:
          store:
            from: silver.telemetry
            dynamodb: { table: telemetry, partition_key: vehicle_id }
            batch: { rows: 25, every: 1 s }
          moving:
            from: silver.telemetry
            where: speed_kmh > 0
            select: [vehicle_id, { speed_ms: speed_kmh / 3.6 }]
            sqs: { queue: moving.fifo }

        stages:
          stream_processor:
            lambda: { memory: 512 MB, timeout: 60 s, batch: { rows: 100 }, bisect_on_error: true }

        alerts:
          errors: { when: errors(stream_processor) > 5, within: 2 minutes, notify: [ { sns: { topic: a } } ] }

        tests:
          works:
            given: { telemetry_files: [ { vehicle_id: V1 } ] }
            then: [ { advance: 1 hour } ]
            expect: { silver.telemetry: [ { vehicle_id: V1 } ], dead_letters: [] }

        dead_letters: { path: data/dead, expire_after: 90 days }
        moved: { old_store: store }

        profiles:
          local:
            telemetry_files: { files: { path: "data/telemetry/*.csv" }, format: csv }
          aws-prod:
            region: ap-southeast-3
        """

    private func read(
        _ text: String, _ parameters: [String: String] = [:]
    ) -> (Spec?, [Diagnostic]) {
        SpecReader.read(
            file: "pipec.yaml", bytes: Array(text.utf8),
            values: InterpolationValues(parameters: parameters))
    }

    @Test func theModelIsRead() throws {
        let (read, diagnostics) = self.read(Self.model)
        let spec = try #require(read)
        #expect(
            diagnostics.map(\.message) == ["unknown key `cron_is_not_here_` in transform `daily`"])
        #expect(spec.pipeline.value == "fleet-telemetry")
        #expect(spec.owner == "fleet-data")
        #expect(spec.parameters.map(\.name.value) == ["max_speed_kmh", "delay", "depot_latitude"])
        #expect(spec.parameters[0].defaultValue?.text == "180")

        let contract = try #require(spec.contracts.first)
        #expect(contract.columns.map(\.isNullable) == [false, false, false, true])
        #expect(contract.columns[2].pii?.value == "location")
        #expect(contract.key.map(\.value) == ["vehicle_id", "recorded_at"])
        #expect(contract.rules.map(\.severity) == [.reject, .warn])
        #expect(contract.freshness?.value == 3_600_000_000)
        #expect(contract.unknownColumns == .reject)
        #expect(contract.compatibility?.value == .backward)

        let source = spec.sources[0]
        #expect(source.binding?.connector.value == "s3")
        #expect(source.binding?.settings["bucket"]?.scalar?.text == "fleet-landing")
        #expect(source.format?.name.value == "csv")
        #expect(source.format?.settings?["delimiter"]?.scalar?.text == ";")
        #expect(source.eventTime?.watermark?.value == 600_000_000)
        #expect(source.rate?.number("records") == 2000)
        #expect(source.rename.map(\.from.value) == ["MMSI"])
        #expect(source.metadata.map(\.kind) == [.file, .line])
        #expect(spec.sources[1].columns?.map(\.name.value) == ["vehicle_id", "depot"])

        #expect(spec.zones[0].partitionBy.map(\.text) == ["date(recorded_at)"])
        #expect(spec.zones[1].retain?.duration("archive_after") == 604_800_000_000)

        guard case .steps(let from, let steps) = spec.transforms[1].body,
            case .sql(let sql) = spec.transforms[2].body
        else {
            Issue.record("other bodies")
            return
        }
        #expect(from.map(\.value) == ["bronze.telemetry"])
        #expect(steps.map(\.name.value) == ["dedupe", "where"])
        #expect(sql.text.hasPrefix("SELECT vehicle_id"))
        #expect(spec.transforms[1].write?.on.count == 2)
        #expect(spec.transforms[1].every?.value == 300_000_000)
        #expect(spec.transforms[2].runsOn?.value == "stream_processor")

        #expect(spec.sinks[0].batch?.integer("rows") == 25)
        #expect(spec.sinks[1].select?.map(\.name.value) == ["vehicle_id", "speed_ms"])
        #expect(spec.sinks[1].select?.map(\.expression.text) == ["vehicle_id", "speed_kmh / 3.6"])
        #expect(spec.stages[0].platform.value == "lambda")
        #expect(spec.stages[0].settings.size("memory") == 512_000_000)
        #expect(spec.alerts[0].within == 120_000_000)
        #expect(spec.tests[0].then?.count == 1)
        #expect(spec.deadLetters?.string("path") == "data/dead")
        #expect(spec.moved.map(\.to.value) == ["store"])
        #expect(spec.profiles[0].bindings[0].binding.connector.value == "files")
        #expect(spec.profiles[0].bindings[0].format?.name.value == "csv")
        #expect(spec.profiles[1].settings.map { $0.key.scalar?.text } == ["region"])
    }

    @Test func aParameterFromOutsideWinsOverItsDefault() {
        let (spec, _) = read(Self.model, ["delay": "3 s"])
        #expect(spec?.sources.first?.eventTime?.watermark?.value == 3_000_000)
    }

    @Test func aKnownConnectorSettlesWhichOfTwoKeysIsMeant() {
        let text = """
            version: 1
            pipeline: p
            sources:
              a: { formt: { csv: {} }, kafak: { topic: x }, files: { path: a } }
            """
        let (spec, diagnostics) = SpecReader.read(
            file: "f", bytes: Array(text.utf8), connectors: ["files", "kafka"])
        #expect(spec?.sources[0].binding?.connector.value == "files")
        #expect(diagnostics.map(\.code) == [.unknownKey, .unknownKey])
    }

    @Test func filesAreMergedAndReadOnce() {
        let files = [
            "contracts/a.yaml": "contracts: { a: { columns: { x: string } } }",
            "contracts/b.yaml":
                "include: ../common.yaml\ncontracts: { b: { columns: { x: string } } }",
            "common.yaml": "parameters: { wait: { type: string, default: 5 s } }",
        ]
        let main = """
            version: 1
            pipeline: p
            include: [contracts/*.yaml, common.yaml]
            zones: { z: { path: x, retain: { expire_after: "${wait}" } } }
            """
        var asked: [String] = []
        let (spec, diagnostics) = SpecReader.read(file: "pipec.yaml", bytes: Array(main.utf8)) {
            pattern, including in
            asked.append("\(pattern) of \(including)")
            let names =
                pattern.hasSuffix("*.yaml")
                ? ["contracts/a.yaml", "contracts/b.yaml"]
                : [including == "pipec.yaml" ? "common.yaml" : "contracts/../common.yaml"]
            return names.map { name in
                let key = name == "contracts/../common.yaml" ? "common.yaml" : name
                return SpecFile(name: name, bytes: Array((files[key] ?? "").utf8))
            }
        }
        #expect(diagnostics == [])
        #expect(spec?.contracts.map(\.name.value) == ["a", "b"])
        #expect(spec?.contracts.last?.name.span.file == "contracts/b.yaml")
        #expect(spec?.parameters.count == 1)
        #expect(spec?.zones.first?.retain?.duration("expire_after") == 5_000_000)
        #expect(
            asked == [
                "contracts/*.yaml of pipec.yaml", "../common.yaml of contracts/b.yaml",
                "common.yaml of pipec.yaml",
            ])
    }

    @Test func everyCodeHasAPageAndANumberInItsRange() {
        let codes = DiagnosticCode.all.filter { $0.number < 200 }
        #expect(codes.count >= 50)
        #expect(Set(codes.map(\.number)).count == codes.count)
        for code in codes {
            #expect(!code.title.isEmpty && code.explanation.utf8.count > 60, "\(code)")
            // Examples are fenced, and every fence is closed.
            let fences = code.explanation.split(separator: "\n").filter { $0.hasPrefix("```") }
            #expect(fences.count.isMultiple(of: 2), "\(code)")
        }
    }
}

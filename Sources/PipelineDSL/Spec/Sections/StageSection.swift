enum StageGrammar {
    static let platforms: [String: [SettingSignature]] = [
        "lambda": [
            SettingSignature("memory", .size, default: "512 MB", "Memory for one batch."),
            SettingSignature(
                "timeout", .duration, default: "60 s", "For one batch; at most 15 minutes."),
            batch,
        ] + retrying + [
            SettingSignature(
                "concurrency", .integer(1...10_000), "How many run at a time, at most.")
        ] + schedule,
        "fargate": [
            SettingSignature("memory", .size, "Memory for one batch."),
            SettingSignature("cpu", .number(0.25...16), default: "1", "Virtual CPUs of a task."),
            SettingSignature("timeout", .duration, "For one batch."),
            SettingSignature("scale", .object(scale), "How many tasks there are."),
            batch,
        ] + retrying + schedule,
        "glue": schedule + [
            SettingSignature("workers", .integer(1...1000), "How many workers."),
            SettingSignature("timeout", .duration, "When a run is given up."),
        ] + retrying,
        "flink": [
            SettingSignature("parallelism", .integer(1...1000), "How many work at a time."),
            SettingSignature("memory", .size, "Memory for one batch."),
            SettingSignature("timeout", .duration, "For one batch."),
            batch,
        ] + retrying,
    ]

    private static let batch = SettingSignature(
        "batch", .object(SinkGrammar.batch), "Records of one invocation.")

    private static let schedule = [
        SettingSignature("cron", .string, "When it runs, in UTC: `30 0 * * *`."),
        SettingSignature("every", .duration, "How often it runs: `1 hour` is on the hour, UTC."),
    ]

    private static let retrying = [
        SettingSignature("retries", .integer(0...10_000), "How often a batch is tried again."),
        SettingSignature(
            "backoff", .duration, default: "100 ms",
            "How long to wait before the first retry; it doubles, up to a minute."),
        SettingSignature(
            "bisect_on_error", .boolean, default: "false",
            "Whether a failing batch is halved to find the record at fault."),
        SettingSignature(
            "dead_letter", .name,
            "A folder of its own for the rows that its transforms reject, and for what goes on failing."
        ),
    ]

    static let scale = [
        SettingSignature("on", .choice(["backlog", "cpu", "memory"]), required: true, "By what."),
        SettingSignature("min", .integer(0...10_000), default: "0", "At least so many."),
        SettingSignature("max", .integer(1...10_000), default: "1", "At most so many."),
        SettingSignature(
            "per", .integer(1...1_000_000_000),
            "Rows of backlog for each: the rows of a batch where it is left out, else 1000."),
    ]
}

/// What a platform gives at most; a number beyond is refused when it deploys, so it is refused here.
private struct StageLimit {
    var platform: String
    /// In `batch`, if two names.
    var path: [String]
    var range: ClosedRange<Int64>
    var text: String

    static let all = [
        StageLimit(
            platform: "lambda", path: ["timeout"], range: 1_000_000...900_000_000,
            text: "1 second to 15 minutes"),
        StageLimit(
            platform: "lambda", path: ["memory"], range: 128_000_000...10_737_418_240,
            text: "128 MB to 10,240 MB"),
        StageLimit(
            platform: "lambda", path: ["batch", "rows"], range: 1...10_000,
            text: "at most 10,000 records"),
        StageLimit(
            platform: "lambda", path: ["batch", "every"], range: 0...300_000_000,
            text: "at most 5 minutes"),
        StageLimit(
            platform: "lambda", path: ["batch", "bytes"], range: 1...6_291_456,
            text: "at most 6 MB"),
        StageLimit(
            platform: "fargate", path: ["memory"], range: 512_000_000...128_849_018_880,
            text: "512 MB to 120 GB"),
    ]
}

extension SpecBuilder {
    mutating func readStages(_ section: YAMLNode.Entry) {
        for entry in declarations(section, example: "cleaners: { lambda: { memory: 512 MB } }") {
            guard declare(entry.name, "stage") else { continue }
            let value = reader.value(
                entry.value, .variant(StageGrammar.platforms), name: entry.name.value,
                place: entry.name.span)
            guard case .variant(let platform, let settings)? = value?.kind else { continue }
            checkCron(settings)
            checkSchedule(settings)
            checkScale(settings.object("scale"))
            checkLimits(platform, settings)
            spec.stages.append(
                StageDeclaration(name: entry.name, platform: platform, settings: settings))
        }
    }

    private mutating func checkSchedule(_ settings: Settings) {
        guard let every = settings.keySpan("every"), let cron = settings.keySpan("cron") else {
            return
        }
        conflict("every", every, "cron", cron, "only one can say when it runs")
    }

    private mutating func checkLimits(_ platform: Spanned<String>, _ settings: Settings) {
        for limit in StageLimit.all where limit.platform == platform.value {
            let parent = limit.path.count > 1 ? settings.object(limit.path[0]) : settings
            guard let parent, let name = limit.path.last, let setting = parent[name],
                let value = parent.duration(name) ?? parent.size(name) ?? parent.integer(name),
                !limit.range.contains(value)
            else { continue }
            reader.diagnostics.add(
                Diagnostic(
                    .stageLimit,
                    "`\(name)` is outside what `\(platform.value)` gives",
                    at: setting.span, label: limit.text,
                    notes: ["choose another platform for what needs it: \(Self.platformNames)"]))
        }
    }

    private static let platformNames = StageGrammar.platforms.keys.sorted().map { "`\($0)`" }
        .joined(separator: ", ")

    private mutating func checkScale(_ scale: Settings?) {
        guard let least = scale?.integer("min"), let most = scale?.integer("max"), least > most,
            let span = scale?.span("min"), let other = scale?.span("max")
        else { return }
        reader.diagnostics.add(
            Diagnostic(
                .outOfRange, "`min` is larger than `max`", at: span,
                secondary: [.init(other, "`max` here")]))
    }

    mutating func checkCron(_ settings: Settings) {
        guard case .string(let source)? = settings["cron"]?.kind,
            let problem = CronText.problem(source.text)
        else { return }
        reader.diagnostics.add(
            Diagnostic(
                .badCron, "`\(source.text)` is not a cron expression", at: source.span,
                label: problem,
                notes: [
                    "five fields: minute, hour, day of month, month, day of week, in UTC",
                    "`30 0 * * *` is half past midnight every day",
                ]))
    }
}

enum StageGrammar {
    static let platforms: [String: [SettingSignature]] = [
        "lambda": [
            SettingSignature("memory", .size, default: "512 MB", "Memory of the function."),
            SettingSignature("timeout", .duration, default: "60 s", "At most 15 minutes."),
            SettingSignature("batch", .object(SinkGrammar.batch), "Records of one invocation."),
            SettingSignature("retries", .integer(0...10_000), "How often a batch is tried again."),
            SettingSignature(
                "bisect_on_error", .boolean, default: "false",
                "Whether a failing batch is halved to find the record at fault."),
            SettingSignature(
                "concurrency", .integer(1...10_000), "How many run at a time, at most."),
        ],
        "fargate": [
            SettingSignature("memory", .size, default: "2 GB", "Memory of a task."),
            SettingSignature("cpu", .number(0.25...16), default: "1", "Virtual CPUs of a task."),
            SettingSignature("scale", .object(scale), "How many tasks there are."),
        ],
        "glue": [
            SettingSignature("cron", .string, "When it runs, in UTC: `30 0 * * *`."),
            SettingSignature("every", .duration, "How often it runs."),
            SettingSignature("workers", .integer(1...1000), "How many workers."),
            SettingSignature("timeout", .duration, "When a run is given up."),
        ],
    ]

    static let scale = [
        SettingSignature("on", .choice(["backlog", "cpu", "memory"]), required: true, "By what."),
        SettingSignature("min", .integer(0...10_000), default: "0", "At least so many."),
        SettingSignature("max", .integer(1...10_000), default: "1", "At most so many."),
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
            checkScale(settings.object("scale"))
            spec.stages.append(
                StageDeclaration(name: entry.name, platform: platform, settings: settings))
        }
    }

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

import PipelineDSL
import Planner

/// A notice in the form that a receiver wants.
struct AlertMessage {
    var url: String
    var headers: [(name: String, value: String)]
    var body: [UInt8]
    /// Seconds.
    var timeout = 10.0

    /// - Throws: ``RunError`` where a secret is not set, or nothing real can be told.
    init(_ notice: AlertNotice, _ receiver: BindingPlan, _ secrets: SecretValues) throws {
        func text(_ name: String) throws -> String {
            try receiver.settings[name].flatMap { try secrets.text($0, at: receiver.span) } ?? ""
        }
        // The same for every attempt, and for no other notice.
        let key = "\(notice.run)/\(notice.alert.name)/\(notice.state.rawValue)/\(notice.at)"
        headers = [("Content-Type", "application/json"), ("Idempotency-Key", key)]
        switch receiver.connector {
        case "webhook":
            url = try text("url")
            for (name, value) in (receiver.settings["headers"]?.object ?? [:]).sorted(by: {
                $0.key < $1.key
            }) {
                if let value = try secrets.text(value, at: receiver.span) {
                    headers.append((name, value))
                }
            }
            if let timeout = receiver.settings["timeout"]?.integer {
                self.timeout = Double(timeout) / 1e6
            }
            body = AlertMessage.document(notice).bytes
        case "slack":
            url = try text("webhook")
            body = JSONPart.object([("text", .text(AlertMessage.sentence(notice)))]).bytes
        case "pagerduty":
            url = "https://events.pagerduty.com/v2/enqueue"
            body = AlertMessage.pagerDuty(notice, routingKey: try text("routing_key")).bytes
        default:
            throw RunError(
                .alertReceiver, "`\(receiver.connector)` can only be told where it is embedded",
                at: receiver.span)
        }
    }

    /// What a webhook gets, and what is archived.
    static func document(_ notice: AlertNotice) -> JSONPart {
        var members: [(String, JSONPart)] = [
            ("alert", .text(notice.alert.name)), ("state", .text(notice.state.rawValue)),
            ("pipeline", .text(notice.pipeline)), ("run", .text(notice.run)),
            ("time", .text(RunClock.text(notice.at))), ("condition", .text(notice.alert.when)),
        ]
        if let within = notice.alert.within {
            members.append(("within_seconds", number(Double(within) / 1e6)))
        }
        if let description = notice.alert.description {
            members.append(("description", .text(description)))
        }
        let values = notice.values.sorted { $0.key < $1.key }
        members.append(
            ("values", .object(values.map { ($0.key, value($0.key, $0.value)) })))
        return .object(members)
    }

    /// Durations in seconds, as metrics have them.
    private static func value(_ name: String, _ value: Double) -> JSONPart {
        let metric = AlertMetric(rawValue: String(name.prefix { $0 != "(" }))
        return number(metric?.unit == .duration ? value / 1e6 : value)
    }

    private static func number(_ value: Double) -> JSONPart {
        Int(exactly: value).map { .number($0) } ?? .real(value)
    }

    static func sentence(_ notice: AlertNotice) -> String {
        let what = notice.state == .firing ? "FIRING" : "resolved"
        return "\(what): \(notice.alert.name) of \(notice.pipeline): \(notice.alert.when)"
            + (notice.alert.description.map { "\n\($0)" } ?? "")
    }

    /// Events API v2.
    private static func pagerDuty(_ notice: AlertNotice, routingKey: String) -> JSONPart {
        .object([
            ("routing_key", .text(routingKey)),
            ("event_action", .text(notice.state == .firing ? "trigger" : "resolve")),
            ("dedup_key", .text("\(notice.pipeline)/\(notice.alert.name)")),
            (
                "payload",
                .object([
                    ("summary", .text(sentence(notice))), ("source", .text(notice.pipeline)),
                    ("severity", .text("error")), ("timestamp", .text(RunClock.text(notice.at))),
                    ("custom_details", document(notice)),
                ])
            ),
        ])
    }
}

/// What embedded receivers were told of an alert, a line each: `pipec peek <alert>` shows it.
package struct AlertArchive {
    private let path: String
    private static let mostBytes: Int64 = 4 << 20

    package init(_ project: ProjectDirectory, _ pipeline: String, _ alert: String) {
        let folder = EmbeddedPaths.component(pipeline)
        path = project.resolve(
            ".pipec/notifications/\(folder)/\(EmbeddedPaths.component(alert)).jsonl")
    }

    func append(_ notice: AlertNotice, _ receiver: BindingPlan) throws {
        var settings: [(String, JSONPart)] = []
        for (name, value) in receiver.settings.sorted(by: { $0.key < $1.key }) {
            settings.append((name, .text(value.text)))
        }
        let line = JSONPart.object([
            ("to", .object([(receiver.connector, .object(settings))])),
            ("notice", AlertMessage.document(notice)),
        ])
        // The file before this one is kept.
        if let size = Files.size(path), size > AlertArchive.mostBytes {
            try Files.rename(path, to: path + ".1")
        }
        let kept = Files.read(path) ?? []
        try Files.write(kept + line.bytes + [0x0A], to: path)
    }

    /// The newest lines, oldest first, and how many there are.
    package func lines(_ limit: Int) -> (lines: [String], count: Int) {
        let all = (Files.read(path) ?? []).split(separator: UInt8(ascii: "\n"))
        return (all.suffix(max(0, limit)).map { String(decoding: $0, as: UTF8.self) }, all.count)
    }
}

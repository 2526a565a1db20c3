import PipelineDSL
import Planner

/// What a binding to `http` says.
struct IngestSettings: Sendable {
    struct Plan: Sendable {
        var name: String
        /// Requests a second; `nil` is no limit.
        var rate: Double?
        var burst: Double
        var quota: Quota?
    }

    struct Quota: Sendable {
        enum Period: String, Sendable, Codable { case day, week, month }
        var requests: Int64
        var period: Period
    }

    struct Key: Sendable {
        /// The secret's name: what is kept and shown of it.
        var name: String
        var text: String
        var plan: Plan?
    }

    let address: ListenAddress
    let path: String
    let keys: [Key]
    let maxBody: Int
    let takesParts: Bool
    let partitionKey: String?

    /// - Throws: ``RunError`` where a secret is not set.
    init(_ binding: BindingPlan, node: String, secrets: SecretValues) throws {
        let values = binding.settings
        address = ListenAddress(
            host: values["host"]?.string ?? ListenAddress.loopback,
            port: Int(clamping: values["port"]?.integer ?? 8080))
        path = values["path"]?.string ?? "/" + node
        maxBody = Int(clamping: values["max_body"]?.integer ?? 10_000_000)
        takesParts = values["partial"]?.boolean ?? false
        partitionKey = values["partition_key"]?.string
        var keys: [Key] = []
        func add(_ list: PlanValue?, _ plan: Plan?) throws {
            for value in list?.list ?? [] {
                guard let name = value.secrets.min(),
                    let text = try secrets.text(value, at: binding.span)
                else { continue }
                keys.append(Key(name: name, text: text, plan: plan))
            }
        }
        try add(values["keys"], nil)
        for (name, plan) in (values["usage_plans"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            let settings = plan.object ?? [:]
            try add(settings["keys"], Plan(name, settings))
        }
        self.keys = keys
    }

    /// Whether a request must show a key.
    static func needsKey(_ binding: BindingPlan) -> Bool {
        binding.settings["keys"]?.list?.isEmpty == false
            || binding.settings["usage_plans"]?.object?.isEmpty == false
    }
}

extension IngestSettings.Plan {
    init(_ name: String, _ settings: [String: PlanValue]) {
        self.name = name
        rate = settings["rate"]?.number
        burst = max(1, settings["burst"]?.number ?? rate ?? 1)
        quota = settings["quota"]?.object.flatMap { quota in
            guard let requests = quota["requests"]?.integer,
                let period = quota["per"]?.string.flatMap({
                    IngestSettings.Quota.Period(rawValue: $0)
                })
            else { return nil }
            return IngestSettings.Quota(requests: requests, period: period)
        }
    }
}

extension IngestSettings.Quota.Period {
    /// The number of the period that holds an instant, and when the next one begins; UTC, weeks from
    /// Monday.
    func containing(_ now: Int64) -> (number: Int64, end: Int64) {
        let day = CivilTime.split(now).day
        let next: Int64
        let number: Int64
        switch self {
        case .day: (number, next) = (day, day + 1)
        case .week:
            // 1970-01-01 was a Thursday.
            let sinceMonday = ((day + 3) % 7 + 7) % 7
            (number, next) = ((day + 3 - sinceMonday) / 7, day - sinceMonday + 7)
        case .month:
            let (year, month, dayOfMonth) = CivilTime.civil(day)
            number = year * 12 + month - 1
            // The first of the month after is at most 31 days after this month's first.
            var first = day - dayOfMonth + 29
            while CivilTime.civil(first).day != 1 { first += 1 }
            next = first
        }
        return (number, next &* CivilTime.microsecondsPerDay)
    }
}

/// For who wants to know when a quota begins anew.
package enum UsagePeriods {
    /// - Returns: `nil` where there is no such period.
    package static func end(_ period: String, _ now: Int64) -> Int64? {
        IngestSettings.Quota.Period(rawValue: period)?.containing(now).end
    }
}

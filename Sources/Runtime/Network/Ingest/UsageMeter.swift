import Foundation
import Synchronization

/// Counts the requests of every key against its usage plan: a token bucket for the rate, a count for
/// each calendar period for the quota. As in API Gateway, each key has its plan's limits for itself.
final class UsageMeter: Sendable {
    enum Verdict: Hashable, Sendable {
        case granted
        /// More at once than the rate allows; try again after so many seconds.
        case throttled(retryAfter: Int64)
        /// The quota of the period is used up.
        case exhausted(retryAfter: Int64)
    }

    private struct Usage {
        var tokens: Double
        var refilled: Int64
        var period: Int64 = .min
        var used: Int64 = 0
    }

    /// The quotas' counts as they are kept on disk, by the name of the key.
    struct Kept: Codable, Hashable, Sendable {
        var period: Int64
        var used: Int64
    }

    private let keys: [IngestSettings.Key]
    private let state: Mutex<[Usage]>

    init(_ keys: [IngestSettings.Key], kept: [String: Kept] = [:], now: Int64) {
        self.keys = keys
        state = Mutex(
            keys.map { key in
                var usage = Usage(tokens: key.plan?.burst ?? 0, refilled: now)
                if let kept = kept[key.name] {
                    // One counted before the clock was set back would never end.
                    let present = key.plan?.quota?.period.containing(now).number
                    usage.period = min(kept.period, present ?? kept.period)
                    usage.used = kept.used
                }
                return usage
            })
    }

    /// Counts one request of a key.
    func take(_ key: Int, now: Int64) -> Verdict {
        guard let plan = keys[key].plan else { return .granted }
        return state.withLock { state in
            if let quota = plan.quota {
                let (period, end) = quota.period.containing(now)
                // A clock that was set back does not open a new period.
                if period > state[key].period {
                    state[key].period = period
                    state[key].used = 0
                }
                if state[key].used >= quota.requests {
                    return .exhausted(retryAfter: UsageMeter.seconds(end - now))
                }
            }
            if let rate = plan.rate {
                let elapsed = Double(max(0, now &- state[key].refilled)) / 1e6
                state[key].tokens = min(plan.burst, state[key].tokens + elapsed * rate)
                state[key].refilled = now
                if state[key].tokens < 1 {
                    let wait = rate > 0 ? (1 - state[key].tokens) / rate : 3600
                    return .throttled(retryAfter: UsageMeter.seconds(Int64(min(wait, 3600) * 1e6)))
                }
                state[key].tokens -= 1
            }
            if plan.quota != nil { state[key].used += 1 }
            return .granted
        }
    }

    /// What the quotas have counted.
    var kept: [String: Kept] {
        state.withLock { state in
            var kept: [String: Kept] = [:]
            for (key, usage) in zip(keys, state) where key.plan?.quota != nil {
                kept[key.name] = Kept(period: usage.period, used: usage.used)
            }
            return kept
        }
    }

    /// Whole ones, at least one, as `Retry-After` wants them.
    private static func seconds(_ microseconds: Int64) -> Int64 {
        max(1, (microseconds + 999_999) / 1_000_000)
    }
}

/// The keys that requests may show, compared in a time that does not depend on how much of one is
/// right: by their digests, every one of them, to the last byte.
struct APIKeys: Sendable {
    private let digests: [[UInt8]]

    init(_ keys: [String]) { digests = keys.map(APIKeys.digest) }

    /// Which key it is; `nil` where it is none.
    func index(of key: String) -> Int? {
        let shown = APIKeys.digest(key)
        var found = -1
        for (index, digest) in digests.enumerated() {
            var difference: UInt8 = 0
            for (a, b) in zip(digest, shown) { difference |= a ^ b }
            found = difference == 0 ? index : found
        }
        return found < 0 ? nil : found
    }

    private static func digest(_ key: String) -> [UInt8] {
        Array(key.utf8).withUnsafeBytes { SHA256.digest($0) }
    }
}

/// The quotas' counts of a source on disk, so that a restart does not grant them anew.
struct UsageFile: Sendable {
    let path: String

    /// Nothing where there is no such file, or it is not one.
    func load() -> [String: UsageMeter.Kept] {
        guard let bytes = Files.read(path) else { return [:] }
        return (try? JSONDecoder().decode([String: UsageMeter.Kept].self, from: Data(bytes))) ?? [:]
    }

    func save(_ kept: [String: UsageMeter.Kept]) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        try Files.write([UInt8](try encoder.encode(kept)), to: path)
    }
}

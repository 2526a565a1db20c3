import Foundation

/// Posts until it is taken: what may pass (no answer, 408, 425, 429, 5xx) is tried again, with a wait
/// that doubles, or as long as the answer's `Retry-After` says.
struct WebhookPoster: Sendable {
    enum Outcome: Hashable, Sendable {
        case delivered
        /// The receiver will not take it, however often it is sent.
        case refused(String)
        /// It did not work so often.
        case failed(String)
    }

    var client = HTTPClient()
    var retries: Int
    /// Microseconds before the first retry.
    var backoff: Int64
    /// Waits so many microseconds; `false` where it is no use to go on.
    var sleep: @Sendable (Int64) -> Bool
    var now: @Sendable () -> Int64 = { RunClock.now() }

    private static let longestWait: Int64 = 60_000_000

    func post(_ url: String, headers: [(name: String, value: String)], body: [UInt8]) -> Outcome {
        var wait = max(1, backoff)
        var attempt = 0
        while true {
            let (reason, asked) = attemptOnce(url, headers, body)
            switch reason {
            case .delivered, .refused: return reason
            case .failed:
                guard attempt < retries else { return reason }
                attempt += 1
                guard sleep(min(max(wait, asked ?? 0), WebhookPoster.longestWait)) else {
                    return reason
                }
                wait = min(wait &* 2, WebhookPoster.longestWait)
            }
        }
    }

    private func attemptOnce(
        _ url: String, _ headers: [(name: String, value: String)], _ body: [UInt8]
    ) -> (Outcome, retryAfter: Int64?) {
        let response: HTTPResponse
        do { response = try client.post(url, headers: headers, body: body) } catch {
            return (.failed(error.description), nil)
        }
        switch response.status {
        case 200..<300: return (.delivered, nil)
        case 408, 425, 429, 500...:
            return (.failed("it answers \(response.status)"), after(response))
        default: return (.refused("it answers \(response.status)"), nil)
        }
    }

    /// Microseconds; seconds or a date (RFC 9110, section 10.2.3).
    private func after(_ response: HTTPResponse) -> Int64? {
        guard let text = response.header("retry-after") else { return nil }
        if let seconds = Int64(text) { return min(max(0, seconds), 86_400) * 1_000_000 }
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(secondsFromGMT: 0)
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        guard let date = format.date(from: text) else { return nil }
        let microseconds = Int64(date.timeIntervalSince1970) * 1_000_000
        return min(max(0, microseconds - now()), 86_400_000_000)
    }
}

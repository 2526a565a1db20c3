import Foundation
import PipelineDSL
import Runtime
import TestSupport
import Testing

@Suite struct ScheduleTests {
    /// Lines of `Tests/Golden/cron/next.txt`: what another implementation says.
    private static func cases() throws -> [[String]] {
        let url = TestRun.root.appendingPathComponent("Tests/Golden/cron/next.txt")
        return try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
            .filter { !$0.hasPrefix("#") }
            .map { $0.components(separatedBy: " | ") }
    }

    private static func instant(_ text: String) throws -> Int64 {
        let date = try Date(text, strategy: .iso8601)
        return Int64(date.timeIntervalSince1970) * 1_000_000
    }

    @Test func cronFiresWhenAnotherImplementationSays() throws {
        let cases = try Self.cases()
        #expect(cases.count > 100)
        for parts in cases {
            let schedule = Schedule.cron(try CronExpression(parts[0]))
            var now = try Self.instant(parts[1])
            for text in parts[2...] {
                let next = try #require(schedule.next(after: now))
                #expect(next == (try Self.instant(text)), "\(parts[0]) after \(now)")
                now = next
            }
        }
    }

    @Test func intervalsAreCountedFrom1970() {
        let hourly = Schedule.every(3_600_000_000)
        #expect(hourly.next(after: 0) == 3_600_000_000)
        #expect(hourly.next(after: 3_599_999_999) == 3_600_000_000)
        #expect(hourly.next(after: -1) == 0)
        #expect(hourly.next(after: .max) == nil)
        #expect(Schedule.every(0).next(after: 0) == nil)
        #expect(Schedule.every(.max).next(after: 5) == .max)
    }

    @Test(arguments: [
        ("* * * *", "4 fields"), ("60 * * * *", "no minute"), ("* 24 * * *", "no hour"),
        ("* * 0 * *", "no day of month"), ("* * * 13 *", "no month"),
        ("* * * * 8", "no day of week"),
        ("*/0 * * * *", "no minute"), ("5-1 * * * *", "no minute"), ("1- * * * *", "no minute"),
        (", * * * *", "no minute"), ("1/2/3 * * * *", "no minute"), ("٣ * * * *", "no minute"),
        ("99999999999999999999 * * * *", "no minute"), ("* * 30 feb *", "no month has"),
        ("* * 31 4,6,9,11 *", "no month has"),
    ])
    func mistakesAreSaid(text: String, reason: String) {
        do {
            _ = try CronExpression(text)
            Issue.record("`\(text)` is a cron expression")
        } catch { #expect(error.reason.contains(reason), "\(error.reason)") }
    }

    /// Any five fields are refused or fire within eight years.
    @Test func anyTextHasATimeOrAReason() {
        var random = SplitMix(seed: 3)
        let alphabet = Array("0123456789*/-,  monfeb")
        TestRun.fuzz(rounds: 3000) { _ in
            let length = Int.random(in: 0...24, using: &random)
            let text = String((0..<length).map { _ in alphabet.randomElement(using: &random)! })
            guard let expression = try? CronExpression(text) else { return }
            for after in [Int64(0), .max, .min, -62_135_596_800_000_000] {
                let next = Schedule.cron(expression).next(after: after)
                #expect(next.map { $0 > after } ?? (after == .max), "\(text) after \(after)")
            }
        }
    }
}

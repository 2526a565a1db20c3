import PipelineDSL

/// When something runs again and again, in UTC.
package enum Schedule: Hashable, Sendable {
    /// At the multiples of so many microseconds since 1970, so that a restart moves nothing:
    /// `every: 1 hour` is on the hour.
    case every(Int64)
    case cron(CronExpression)

    /// The first instant after `instant`, microseconds since 1970; `nil` where there is none that can
    /// be named.
    package func next(after instant: Int64) -> Int64? {
        switch self {
        case .every(let interval):
            guard interval > 0 else { return nil }
            let remainder = instant % interval
            let past = remainder < 0 ? remainder + interval : remainder
            let (next, overflow) = instant.addingReportingOverflow(interval - past)
            return overflow ? nil : next
        case .cron(let expression): return expression.next(after: instant)
        }
    }
}

extension CronExpression {
    /// No two days that fit are further apart: 29 February from 1896 to 1904.
    private static let daysAhead: Int64 = 366 * 8

    private static let minute: Int64 = 60_000_000

    /// The first whole minute after `instant`, both microseconds since 1970, UTC.
    package func next(after instant: Int64) -> Int64? {
        let (today, time) = CivilTime.split(instant)
        for offset in 0...Self.daysAhead {
            let day = today + offset
            let civil = CivilTime.civil(day)
            // 1970-01-01 was a Thursday.
            let weekday = ((day + 4) % 7 + 7) % 7
            guard fits(month: Int(civil.month), day: Int(civil.day), dayOfWeek: Int(weekday)),
                let minutes = firstMinute(from: offset == 0 ? time / Self.minute + 1 : 0)
            else { continue }
            let (start, overflow) = day.multipliedReportingOverflow(
                by: CivilTime.microsecondsPerDay)
            let (next, isBeyond) = start.addingReportingOverflow(minutes * Self.minute)
            if overflow || isBeyond {
                // The first day there is begins before the first instant there is.
                if day < 0 { continue }
                return nil
            }
            return next
        }
        return nil
    }

    /// Minutes since midnight, at least `least`; `nil` where the day has none any more.
    private func firstMinute(from least: Int64) -> Int64? {
        for hour in (least / 60)..<max(24, least / 60) where hours & 1 << UInt64(hour) != 0 {
            let floor = hour == least / 60 ? least % 60 : 0
            let rest = minutes >> UInt64(floor)
            if rest != 0 { return hour * 60 + floor + Int64(rest.trailingZeroBitCount) }
        }
        return nil
    }
}

/// Calendar arithmetic without time zones: everything is UTC, the calendar proleptic Gregorian.
///
/// Days ↔ year, month, day after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
package enum CivilTime {
    package static let microsecondsPerDay: Int64 = 86_400_000_000

    /// Year, month (1…12) and day (1…31) of a day counted from 1970-01-01.
    @inline(__always)
    package static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let z = days &+ 719_468
        let era = (z >= 0 ? z : z &- 146_096) / 146_097
        let dayOfEra = z &- era &* 146_097
        let yearOfEra =
            (dayOfEra &- dayOfEra / 1460 &+ dayOfEra / 36_524 &- dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra &- (365 &* yearOfEra &+ yearOfEra / 4 &- yearOfEra / 100)
        let shifted = (5 &* dayOfYear &+ 2) / 153
        let day = dayOfYear &- (153 &* shifted &+ 2) / 5 &+ 1
        let month = shifted < 10 ? shifted &+ 3 : shifted &- 9
        let year = yearOfEra &+ era &* 400 &+ (month <= 2 ? 1 : 0)
        return (year, month, day)
    }

    /// Floor division of a timestamp into day and microsecond of the day.
    @inline(__always)
    package static func split(_ microseconds: Int64) -> (day: Int64, time: Int64) {
        var day = microseconds / microsecondsPerDay
        var time = microseconds % microsecondsPerDay
        if time < 0 {
            day &-= 1
            time &+= microsecondsPerDay
        }
        return (day, time)
    }

    /// `2026-01-31`
    package static func date(_ days: Int64) -> String {
        let (year, month, day) = civil(days)
        return "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))"
    }

    /// `2026-01-31T12:00:00.5Z`
    package static func timestamp(_ microseconds: Int64) -> String {
        let (day, time) = split(microseconds)
        return "\(date(day))T\(clock(UInt64(time)))Z"
    }

    /// `12:00:00.5`
    package static func time(_ microseconds: Int64) -> String { clock(microseconds.magnitude) }

    static func clock(_ microseconds: UInt64) -> String {
        let seconds = microseconds / 1_000_000
        var text =
            "\(pad(Int64(seconds / 3600), 2)):\(pad(Int64(seconds / 60 % 60), 2))"
            + ":\(pad(Int64(seconds % 60), 2))"
        let fraction = microseconds % 1_000_000
        if fraction != 0 {
            var digits = pad(Int64(fraction), 6)
            while digits.hasSuffix("0") { digits.removeLast() }
            text += "." + digits
        }
        return text
    }

    private static func pad(_ value: Int64, _ width: Int) -> String {
        let digits = String(value.magnitude)
        return (value < 0 ? "-" : "")
            + String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
    }
}

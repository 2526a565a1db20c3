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
}

/// Days, months and years of the proleptic Gregorian calendar.
///
/// The algorithms are those of Howard Hinnant, "chrono-compatible low-level date algorithms".
enum CivilDate {
    static let microsecondsPerDay: Int64 = 86_400_000_000

    /// Days since 1970-01-01; `nil` where the calendar has no such day.
    static func days(year: Int, month: Int, day: Int) -> Int64? {
        guard (1...12).contains(month), day >= 1, day <= length(of: month, in: year),
            (-300_000...300_000).contains(year)
        else { return nil }
        let y = month <= 2 ? year - 1 : year
        let era = (y >= 0 ? y : y - 399) / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int64(era * 146_097 + dayOfEra - 719_468)
    }

    static func length(of month: Int, in year: Int) -> Int {
        if month == 2 { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28 }
        return [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    /// `2026-01-31`
    static func text(days: Int64) -> String {
        let z = Int128(days) + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shifted + 2) / 5 + 1
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return "\(digits(year, 4))-\(digits(month, 2))-\(digits(day, 2))"
    }

    /// `08:15:00.5`
    static func text(timeOfDay microseconds: Int64) -> String {
        let seconds = microseconds / 1_000_000
        let clock = [seconds / 3600, seconds / 60 % 60, seconds % 60]
        let text = clock.map { digits(Int128($0), 2) }.joined(separator: ":")
        let fraction = microseconds % 1_000_000
        guard fraction > 0 else { return text }
        var places = digits(Int128(fraction), 6)
        while places.hasSuffix("0") { places.removeLast() }
        return "\(text).\(places)"
    }

    /// `2026-01-31 08:15:00`
    static func text(timestamp microseconds: Int64) -> String {
        var days = microseconds / microsecondsPerDay
        var time = microseconds % microsecondsPerDay
        if time < 0 {
            days -= 1
            time += microsecondsPerDay
        }
        return "\(text(days: days)) \(text(timeOfDay: time))"
    }

    private static func digits(_ value: Int128, _ count: Int) -> String {
        let text = String(value.magnitude)
        let sign = value < 0 ? "-" : ""
        return sign + String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
}

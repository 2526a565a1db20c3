import PipelineDSL

extension KernelTable {
    static func temporalAddition(_ request: KernelRequest) -> BoundKernel? {
        switch request.pair {
        case (.date, .bigint)?: .checked { (a: Int32, b: Int64) in TemporalMath.addDays(a, b) }
        case (.bigint, .date)?: .checked { (a: Int64, b: Int32) in TemporalMath.addDays(b, a) }
        case (.date, .interval)?:
            .checked { (a: Int32, b: Interval) in TemporalMath.add(TemporalMath.midnight(a), b) }
        case (.interval, .date)?:
            .checked { (a: Interval, b: Int32) in TemporalMath.add(TemporalMath.midnight(b), a) }
        case (.timestamp, .interval)?:
            .checked { (a: Int64, b: Interval) in TemporalMath.add((a, .none), b) }
        case (.interval, .timestamp)?:
            .checked { (a: Interval, b: Int64) in TemporalMath.add((b, .none), a) }
        case (.time, .interval)?:
            .binary { (a: Int64, b: Interval) in
                TemporalMath.timeOfDay(a &+ b.microseconds % CivilTime.microsecondsPerDay)
            }
        case (.interval, .time)?:
            .binary { (a: Interval, b: Int64) in
                TemporalMath.timeOfDay(b &+ a.microseconds % CivilTime.microsecondsPerDay)
            }
        case (.interval, .interval)?:
            .checked { (a: Interval, b: Interval) in IntervalMath.add(a, b) }
        case (.date, .time)?:
            .checked { (a: Int32, b: Int64) in
                let (midnight, fault) = TemporalMath.midnight(a)
                let (sum, overflow) = midnight.addingReportingOverflow(b)
                return (sum, overflow || fault != .none ? .time : .none)
            }
        default: nil
        }
    }

    static func temporalSubtraction(_ request: KernelRequest) -> BoundKernel? {
        switch request.pair {
        case (.date, .bigint)?:
            .checked { (a: Int32, b: Int64) in
                b == .min ? (0, .time) : TemporalMath.addDays(a, -b)
            }
        case (.date, .date)?: .checked { (a: Int32, b: Int32) in IntegerMath.subtract(a, b) }
        case (.date, .interval)?:
            .checked { (a: Int32, b: Interval) in
                TemporalMath.subtract(TemporalMath.midnight(a), b)
            }
        case (.timestamp, .timestamp)?:
            .checked { (a: Int64, b: Int64) in
                let (difference, overflow) = a.subtractingReportingOverflow(b)
                if overflow { return (Interval(), .time) }
                let day = CivilTime.microsecondsPerDay
                return (
                    Interval(
                        days: Int32(truncatingIfNeeded: difference / day),
                        microseconds: difference % day), .none
                )
            }
        case (.timestamp, .interval)?:
            .checked { (a: Int64, b: Interval) in TemporalMath.subtract((a, .none), b) }
        case (.time, .time)?:
            .binary { (a: Int64, b: Int64) in Interval(microseconds: a &- b) }
        case (.time, .interval)?:
            .binary { (a: Int64, b: Interval) in
                TemporalMath.timeOfDay(a &- b.microseconds % CivilTime.microsecondsPerDay)
            }
        case (.interval, .interval)?:
            .checked { (a: Interval, b: Interval) in IntervalMath.subtract(a, b) }
        default: nil
        }
    }

    static func intervalScaling(_ request: KernelRequest) -> BoundKernel? {
        switch (request.name, request.pair) {
        case ("multiply", (.interval, .double)?):
            .checked { (a: Interval, b: Double) in IntervalMath.scale(a, by: b) }
        case ("multiply", (.double, .interval)?):
            .checked { (a: Double, b: Interval) in IntervalMath.scale(b, by: a) }
        case ("divide", (.interval, .double)?):
            .checked { (a: Interval, b: Double) in
                b == 0 ? (Interval(), .divisionByZero) : IntervalMath.scale(a, by: 1 / b)
            }
        default: nil
        }
    }
}

/// Dates and timestamps plus intervals: months first (the day is cut to the month's length), then
/// days, then microseconds, as PostgreSQL.
enum TemporalMath {
    @inline(__always)
    static func midnight(_ day: Int32) -> (Int64, Fault) {
        let (micros, overflow) = Int64(day).multipliedReportingOverflow(
            by: CivilTime.microsecondsPerDay)
        return (micros, .when(overflow, .time))
    }

    @inline(__always)
    static func addDays(_ date: Int32, _ days: Int64) -> (Int32, Fault) {
        let (sum, overflow) = Int64(date).addingReportingOverflow(days)
        let value = Int32(truncatingIfNeeded: sum)
        return (value, .when(overflow || Int64(value) != sum, .time))
    }

    static func add(_ instant: (Int64, Fault), _ interval: Interval) -> (Int64, Fault) {
        guard instant.1 == .none else { return instant }
        var micros = instant.0
        if interval.months != 0 {
            guard let moved = addMonths(micros, Int64(interval.months)) else { return (0, .time) }
            micros = moved
        }
        let days = Int128(interval.days) * Int128(CivilTime.microsecondsPerDay)
        let sum = Int128(micros) + days + Int128(interval.microseconds)
        guard let value = Int64(exactly: sum) else { return (0, .time) }
        return (value, .none)
    }

    static func subtract(_ instant: (Int64, Fault), _ interval: Interval) -> (Int64, Fault) {
        let (opposite, fault) = IntervalMath.negate(interval)
        return fault == .none ? add(instant, opposite) : (0, .time)
    }

    private static func addMonths(_ micros: Int64, _ months: Int64) -> Int64? {
        let (day, time) = CivilTime.split(micros)
        let moved = addMonths(day: day, months)
        let (start, overflow) = moved.multipliedReportingOverflow(by: CivilTime.microsecondsPerDay)
        if overflow { return nil }
        let (sum, overflow2) = start.addingReportingOverflow(time)
        return overflow2 ? nil : sum
    }

    /// The same day of another month, or that month's last where it is shorter.
    static func addMonths(day: Int64, _ months: Int64) -> Int64 {
        let (year, month, dayOfMonth) = CivilTime.civil(day)
        let index = year * 12 + (month - 1) + months
        let newYear = floorDivide(index, 12)
        let newMonth = Int(index - newYear * 12) + 1
        let last = ScalarText.daysInMonth(Int(newYear), newMonth)
        return Int64(
            ScalarText.days(
                year: Int(newYear), month: newMonth, day: min(Int(dayOfMonth), last)))
    }

    /// Wrapped to 0 ..< 24 h.
    @inline(__always)
    static func timeOfDay(_ micros: Int64) -> Int64 {
        let rest = micros % CivilTime.microsecondsPerDay
        return rest < 0 ? rest &+ CivilTime.microsecondsPerDay : rest
    }

    @inline(__always)
    static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
        let quotient = a / b
        return a % b < 0 ? quotient &- 1 : quotient
    }
}

enum IntervalMath {
    static func add(_ a: Interval, _ b: Interval) -> (Interval, Fault) {
        let (months, o1) = a.months.addingReportingOverflow(b.months)
        let (days, o2) = a.days.addingReportingOverflow(b.days)
        let (micros, o3) = a.microseconds.addingReportingOverflow(b.microseconds)
        return (
            Interval(months: months, days: days, microseconds: micros),
            .when(o1 || o2 || o3, .overflow)
        )
    }

    static func subtract(_ a: Interval, _ b: Interval) -> (Interval, Fault) {
        let (months, o1) = a.months.subtractingReportingOverflow(b.months)
        let (days, o2) = a.days.subtractingReportingOverflow(b.days)
        let (micros, o3) = a.microseconds.subtractingReportingOverflow(b.microseconds)
        return (
            Interval(months: months, days: days, microseconds: micros),
            .when(o1 || o2 || o3, .overflow)
        )
    }

    static func negate(_ a: Interval) -> (Interval, Fault) {
        (
            Interval(
                months: 0 &- a.months, days: 0 &- a.days, microseconds: 0 &- a.microseconds),
            .when(a.months == .min || a.days == .min || a.microseconds == .min, .overflow)
        )
    }

    /// Fractions of a month become days of 30 a month, fractions of a day microseconds.
    static func scale(_ a: Interval, by factor: Double) -> (Interval, Fault) {
        let months = Double(a.months) * factor
        let wholeMonths = months.rounded(.towardZero)
        let days = Double(a.days) * factor + tidy((months - wholeMonths) * 30)
        let wholeDays = days.rounded(.towardZero)
        let micros =
            (Double(a.microseconds) * factor
            + tidy(days - wholeDays) * Double(CivilTime.microsecondsPerDay)).rounded()
        guard let m = Int32(exactly: wholeMonths), let d = Int32(exactly: wholeDays),
            let u = Int64(exactly: micros)
        else { return (Interval(), .overflow) }
        return (Interval(months: m, days: d, microseconds: u), .none)
    }

    /// Binary noise below a microsecond's share of a day is not a fraction of a day.
    private static func tidy(_ days: Double) -> Double { (days * 1e12).rounded() / 1e12 }
}

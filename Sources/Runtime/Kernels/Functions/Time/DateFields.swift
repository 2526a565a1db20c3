import PipelineDSL

extension KernelTable {
    static let dateFields: [String: KernelResolver] = [
        "date_part": { request in
            guard let word = request.constantText(0), let field = DateField(rawValue: word),
                request.arguments.count == 2
            else { return nil }
            return part(field, of: request.arguments[1], to: request.result)
        },
        "second": { request in
            switch request.arguments.first {
            case .timestamp?:
                .unary { (a: Int64) in Int32(CivilTime.split(a).time / 1_000_000 % 60) }
            case .time?: .unary { (a: Int64) in Int32(truncatingIfNeeded: a / 1_000_000 % 60) }
            case .interval?:
                .unary { (a: Interval) in Int32(truncatingIfNeeded: a.microseconds / 1_000_000 % 60)
                }
            default: nil
            }
        },
        "dayname": { name($0) { DateNames.days[DateField.weekday($0)] } },
        "monthname": { name($0) { DateNames.months[Int(CivilTime.civil($0).month) - 1] } },
    ]

    private static func name(
        _ request: KernelRequest, _ name: @escaping @Sendable (_ day: Int64) -> String
    ) -> BoundKernel? {
        guard request.arguments.first == .date || request.arguments.first == .timestamp else {
            return nil
        }
        return BoundKernel { call in
            let column = call.arguments[0].column
            return call.texts { row, out in
                out.append(contentsOf: name(DateField.day(column, row)).utf8)
                return .value
            }
        }
    }

    private static func part(
        _ field: DateField, of type: DataType, to result: DataType
    ) -> BoundKernel? {
        switch type {
        case .date:
            return result == .double
                ? whenArgument1 { (a: Int32) in
                    field.fraction(
                        ofMicros: Int64(a) &* CivilTime.microsecondsPerDay, day: Int64(a))
                }
                : whenArgument1 { (a: Int32) in
                    Int32(truncatingIfNeeded: field.value(day: Int64(a)))
                }
        case .timestamp, .time:
            switch result {
            case .double:
                return whenArgument1 { (a: Int64) in
                    field.fraction(ofMicros: a, day: CivilTime.split(a).day)
                }
            case .bigint: return whenArgument1 { (a: Int64) in field.value(micros: a) }
            default:
                return whenArgument1 { (a: Int64) in
                    Int32(truncatingIfNeeded: field.value(micros: a))
                }
            }
        case .interval:
            switch result {
            case .double: return whenArgument1 { (a: Interval) in field.fraction(of: a) }
            case .bigint: return whenArgument1 { (a: Interval) in field.value(of: a) }
            default:
                return whenArgument1 { (a: Interval) in
                    Int32(truncatingIfNeeded: field.value(of: a))
                }
            }
        default: return nil
        }
    }

    /// A function of the second argument; the first, the field, is bound already.
    @inline(__always)
    private static func whenArgument1<A: ColumnElement, R: ColumnElement>(
        _ f: @escaping @Sendable (A) -> R
    ) -> BoundKernel {
        BoundKernel { call in
            KernelResult(R.wrap(mapValues(call.operand(1, A.self), call.count, f)))
        }
    }
}

/// What `extract` and `date_trunc` know, by the names of the catalogue.
enum DateField: String, Sendable {
    case microsecond, millisecond, second, minute, hour
    case day, week, month, quarter, year, decade, century
    case dow, isodow, doy, isoyear, epoch

    /// From Sunday as 0; 1970-01-01 was a Thursday.
    @inline(__always)
    static func weekday(_ day: Int64) -> Int {
        let rest = (day &+ 4) % 7
        return Int(rest < 0 ? rest &+ 7 : rest)
    }

    /// The Monday on or before.
    @inline(__always)
    static func monday(_ day: Int64) -> Int64 { day &- Int64((weekday(day) &+ 6) % 7) }

    /// The day a date or timestamp lies in.
    static func day(_ column: Column, _ row: Int) -> Int64 {
        switch column.values {
        case .int32(let v): Int64(v[row])
        case .int64(let v): CivilTime.split(v[row]).day
        default: 0
        }
    }

    /// Year and week of ISO 8601: week 1 has the year's first Thursday.
    static func isoWeek(_ day: Int64) -> (year: Int64, week: Int64) {
        let thursday = monday(day) &+ 3
        let year = CivilTime.civil(thursday).year
        let start = Int64(ScalarText.days(year: Int(year), month: 1, day: 1))
        return (year, (thursday &- start) / 7 &+ 1)
    }

    static func dayOfYear(_ day: Int64) -> Int64 {
        let year = CivilTime.civil(day).year
        return day &- Int64(ScalarText.days(year: Int(year), month: 1, day: 1)) &+ 1
    }

    @inline(__always)
    func value(day: Int64) -> Int64 {
        switch self {
        case .year: CivilTime.civil(day).year
        case .month: CivilTime.civil(day).month
        case .day: CivilTime.civil(day).day
        case .quarter: (CivilTime.civil(day).month &+ 2) / 3
        case .week: DateField.isoWeek(day).week
        case .isoyear: DateField.isoWeek(day).year
        case .dow: Int64(DateField.weekday(day))
        case .isodow: Int64((DateField.weekday(day) &+ 6) % 7 &+ 1)
        case .doy: DateField.dayOfYear(day)
        case .decade: TemporalMath.floorDivide(CivilTime.civil(day).year, 10)
        // The first century begins with the year 1; there is no century 0.
        case .century: DateField.century(CivilTime.civil(day).year)
        case .epoch: day &* 86_400
        case .hour, .minute, .second, .millisecond, .microsecond: 0
        }
    }

    static func century(_ year: Int64) -> Int64 {
        year > 0 ? (year &+ 99) / 100 : year / 100 &- 1
    }

    /// Of a timestamp, or of a time of day, which is a timestamp of 1970-01-01.
    @inline(__always)
    func value(micros: Int64) -> Int64 {
        let (day, time) = CivilTime.split(micros)
        switch self {
        case .hour: return time / 3_600_000_000
        case .minute: return time / 60_000_000 % 60
        case .second: return time / 1_000_000 % 60
        case .millisecond: return time % 60_000_000 / 1000
        // Seconds included, as in PostgreSQL.
        case .microsecond: return time % 60_000_000
        case .epoch: return TemporalMath.floorDivide(micros, 1_000_000)
        default: return value(day: day)
        }
    }

    /// The fields that have a fraction.
    @inline(__always)
    func fraction(ofMicros micros: Int64, day: Int64) -> Double {
        switch self {
        case .second: Double(CivilTime.split(micros).time % 60_000_000) / 1e6
        case .millisecond: Double(CivilTime.split(micros).time % 60_000_000) / 1e3
        case .epoch:
            // Exact to the microsecond within ±285 years of 1970.
            Double(micros) / 1e6
        default: Double(value(day: day))
        }
    }

    func value(of interval: Interval) -> Int64 {
        switch self {
        case .year: Int64(interval.months / 12)
        case .month: Int64(interval.months % 12)
        case .day: Int64(interval.days)
        case .hour: interval.microseconds / 3_600_000_000
        case .minute: interval.microseconds / 60_000_000 % 60
        case .second: interval.microseconds / 1_000_000 % 60
        case .millisecond: interval.microseconds % 60_000_000 / 1000
        case .microsecond: interval.microseconds % 60_000_000
        case .decade: Int64(interval.months / 120)
        case .century: Int64(interval.months / 1200)
        case .quarter: Int64(interval.months % 12 / 3 + 1)
        default: 0
        }
    }

    /// `epoch` counts a year as 365.25 days and a month as 30, as PostgreSQL does.
    func fraction(of interval: Interval) -> Double {
        switch self {
        case .second: Double(interval.microseconds % 60_000_000) / 1e6
        case .millisecond: Double(interval.microseconds % 60_000_000) / 1e3
        case .epoch:
            Double(interval.months / 12) * 31_557_600 + Double(interval.months % 12) * 2_592_000
                + Double(interval.days) * 86_400 + Double(interval.microseconds) / 1e6
        default: Double(value(of: interval))
        }
    }
}

enum DateNames {
    static let days = [
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    ]
    static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]
}

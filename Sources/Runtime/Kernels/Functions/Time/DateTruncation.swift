import PipelineDSL

extension KernelTable {
    static let dateTruncation: [String: KernelResolver] = [
        "date_trunc": { request in
            guard let word = request.constantText(0), let unit = DateField(rawValue: word) else {
                return nil
            }
            switch request.arguments.last {
            case .date?:
                return BoundKernel { call in
                    mapChecked(call.operand(1, Int32.self), call.count) { (day: Int32) in
                        let start = unit.startOfPeriod(Int64(day))
                        return (
                            Int32(truncatingIfNeeded: start), .when(start < Int64(Int32.min), .time)
                        )
                    }
                }
            case .timestamp?: return truncation(to: unit)
            default: return nil
            }
        },
        "date_bin": { _ in
            BoundKernel { call in
                let widths = call.operand(0, Interval.self)
                let moments = call.operand(1, Int64.self)
                let origins =
                    call.arguments.count > 2
                    ? call.operand(2, Int64.self) : .constant(defaultOrigin)
                return call.values(of: Int64.self) { row, out in
                    guard let width = fixedWidth(widths[row]) else { return .fault(.argument) }
                    let (moment, origin) = (Int128(moments[row]), Int128(origins[row]))
                    var rest = (moment - origin) % width
                    if rest < 0 { rest += width }
                    guard let start = Int64(exactly: moment - rest) else { return .fault(.time) }
                    out = start
                    return .value
                }
            }
        },
        "date_diff": { request in
            guard let word = request.constantText(0), let unit = DateField(rawValue: word) else {
                return nil
            }
            if request.arguments.last == .date {
                return BoundKernel { call in
                    KernelResult(
                        .int64(
                            mapValues(
                                call.operand(1, Int32.self), call.operand(2, Int32.self), call.count
                            ) { unit.index(Int64($1)) &- unit.index(Int64($0)) }))
                }
            }
            return BoundKernel { call in
                mapChecked(call.operand(1, Int64.self), call.operand(2, Int64.self), call.count) {
                    (a: Int64, b: Int64) in
                    let (difference, overflow) = unit.index(micros: b).subtractingReportingOverflow(
                        unit.index(micros: a))
                    return (difference, .when(overflow, .overflow))
                }
            }
        },
        "last_day": { _ in
            .unary { (day: Int32) in
                let (year, month, dayOfMonth) = CivilTime.civil(Int64(day))
                let last = ScalarText.daysInMonth(Int(year), Int(month))
                return Int32(clamping: Int64(day) &- dayOfMonth &+ Int64(last))
            }
        },
    ]

    /// 2000-01-03, a Monday.
    private static let defaultOrigin: Int64 = 10_959 * CivilTime.microsecondsPerDay

    /// Microseconds; `nil` where it has months or is not positive.
    private static func fixedWidth(_ interval: Interval) -> Int128? {
        guard interval.months == 0, interval.span > 0 else { return nil }
        return interval.span
    }

    private static func truncation(to unit: DateField) -> BoundKernel {
        if let width = unit.microseconds {
            // Units of a fixed length that divides the epoch: one division a row.
            return BoundKernel { call in
                mapChecked(call.operand(1, Int64.self), call.count) { (micros: Int64) in
                    let rest = micros % width
                    let down = rest < 0 ? rest &+ width : rest
                    let (start, overflow) = micros.subtractingReportingOverflow(down)
                    return (start, .when(overflow, .time))
                }
            }
        }
        return BoundKernel { call in
            mapChecked(call.operand(1, Int64.self), call.count) { (micros: Int64) in
                let start = unit.startOfPeriod(CivilTime.split(micros).day)
                let (value, overflow) = start.multipliedReportingOverflow(
                    by: CivilTime.microsecondsPerDay)
                return (value, .when(overflow, .time))
            }
        }
    }
}

extension DateField {
    /// Of units that always have the same length, up to a day.
    var microseconds: Int64? {
        switch self {
        case .microsecond: 1
        case .millisecond: 1000
        case .second: 1_000_000
        case .minute: 60_000_000
        case .hour: 3_600_000_000
        case .day: CivilTime.microsecondsPerDay
        default: nil
        }
    }

    /// First day of the period that `day` lies in.
    @inline(__always)
    func startOfPeriod(_ day: Int64) -> Int64 {
        if self == .week { return DateField.monday(day) }
        let (year, month, dayOfMonth) = CivilTime.civil(day)
        switch self {
        case .month: return day &- dayOfMonth &+ 1
        case .quarter: return DateField.first(year, (month &- 1) / 3 &* 3 &+ 1)
        case .year: return DateField.first(year, 1)
        case .decade: return DateField.first(TemporalMath.floorDivide(year, 10) &* 10, 1)
        // Centuries begin with their year 1.
        case .century:
            return DateField.first(TemporalMath.floorDivide(year &- 1, 100) &* 100 &+ 1, 1)
        default: return day
        }
    }

    private static func first(_ year: Int64, _ month: Int64) -> Int64 {
        Int64(ScalarText.days(year: Int(year), month: Int(month), day: 1))
    }

    /// Number of the period, counted from any fixed one: differences count boundaries.
    @inline(__always)
    func index(_ day: Int64) -> Int64 {
        switch self {
        case .week: return TemporalMath.floorDivide(DateField.monday(day) &+ 3, 7)
        case .month, .quarter:
            let (year, month, _) = CivilTime.civil(day)
            return self == .month ? year &* 12 &+ month : year &* 4 &+ (month &- 1) / 3
        case .year: return CivilTime.civil(day).year
        case .decade: return TemporalMath.floorDivide(CivilTime.civil(day).year, 10)
        case .century: return TemporalMath.floorDivide(CivilTime.civil(day).year &- 1, 100)
        default: return day
        }
    }

    @inline(__always)
    func index(micros: Int64) -> Int64 {
        if let width = microseconds { return TemporalMath.floorDivide(micros, width) }
        return index(CivilTime.split(micros).day)
    }
}

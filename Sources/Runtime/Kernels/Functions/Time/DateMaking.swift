import PipelineDSL

extension KernelTable {
    static let dateMaking: [String: KernelResolver] = [
        "make_date": { _ in
            BoundKernel { call in
                let (years, months) = (call.operand(0, Int64.self), call.operand(1, Int64.self))
                let days = call.operand(2, Int64.self)
                return call.values(of: Int32.self) { row, out in
                    guard let day = civilDay(years[row], months[row], days[row]) else {
                        return .fault(.time)
                    }
                    out = day
                    return .value
                }
            }
        },
        "make_timestamp": { _ in
            BoundKernel { call in
                let fields = (0..<5).map { call.operand($0, Int64.self) }
                let seconds = call.operand(5, Double.self)
                return call.values(of: Int64.self) { row, out in
                    guard let day = civilDay(fields[0][row], fields[1][row], fields[2][row]),
                        let time = timeOfDay(fields[3][row], fields[4][row], seconds[row])
                    else { return .fault(.time) }
                    let (midnight, fault) = TemporalMath.midnight(day)
                    let (sum, overflow) = midnight.addingReportingOverflow(time)
                    if overflow || fault != .none { return .fault(.time) }
                    out = sum
                    return .value
                }
            }
        },
        "to_timestamp": { request in
            if request.arguments.first == .double {
                return .checked { (seconds: Double) -> (Int64, Fault) in
                    let micros = (seconds * 1e6).rounded()
                    guard let value = Int64(exactly: micros) else { return (0, .time) }
                    return (value, .none)
                }
            }
            return .checked { (seconds: Int64) in
                let (micros, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
                return (micros, .when(overflow, .time))
            }
        },
        "epoch_ms": { request in
            if request.arguments.first == .timestamp {
                return .unary { (micros: Int64) in TemporalMath.floorDivide(micros, 1000) }
            }
            return .checked { (millis: Int64) in
                let (micros, overflow) = millis.multipliedReportingOverflow(by: 1000)
                return (micros, .when(overflow, .time))
            }
        },
        "now": { constant(.int64([$0.run.now])) },
        "current_date": {
            constant(.int32([Int32(truncatingIfNeeded: CivilTime.split($0.run.now).day)]))
        },
        "current_time": { constant(.int64([CivilTime.split($0.run.now).time])) },
        "timezone": { _ in timeZone },
    ]

    private static func constant(_ value: Column.Values) -> BoundKernel {
        BoundKernel { call in
            KernelResult(value.gather([UInt32](repeating: 0, count: call.count)))
        }
    }

    static func civilDay(_ year: Int64, _ month: Int64, _ day: Int64) -> Int32? {
        guard year.magnitude < 10_000_000, (1...12).contains(month), day >= 1,
            day <= Int64(ScalarText.daysInMonth(Int(year), Int(month)))
        else { return nil }
        return Int32(exactly: ScalarText.days(year: Int(year), month: Int(month), day: Int(day)))
    }

    private static func timeOfDay(_ hour: Int64, _ minute: Int64, _ second: Double) -> Int64? {
        guard (0..<24).contains(hour), (0..<60).contains(minute), second >= 0, second < 60 else {
            return nil
        }
        return hour * 3_600_000_000 + minute * 60_000_000 + Int64((second * 1e6).rounded())
    }

    private static let timeZone = BoundKernel { call in
        let moments = call.operand(1, Int64.self)
        return call.withStrings(0) { names in
            var known: [[UInt8]: TimeZoneRules?] = [:]
            let constant =
                call.arguments[0].isConstant
                ? TimeZoneRules.named(String(decoding: names[0], as: UTF8.self)) : nil
            return call.values(of: Int64.self) { row, out in
                var rules = constant
                if rules == nil {
                    let key = Array(names[row])
                    if known[key] == nil {
                        known[key] = .some(
                            TimeZoneRules.named(String(decoding: key, as: UTF8.self)))
                    }
                    rules = known[key] ?? nil
                }
                guard let rules else { return .fault(.timeZone) }
                let offset = rules.offset(at: TemporalMath.floorDivide(moments[row], 1_000_000))
                let (local, overflow) = moments[row].addingReportingOverflow(offset * 1_000_000)
                if overflow { return .fault(.time) }
                out = local
                return .value
            }
        }
    }
}

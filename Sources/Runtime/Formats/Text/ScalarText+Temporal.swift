extension ScalarText {
    package static let microsecondsPerDay: Int64 = 86_400_000_000

    /// Days since 1970-01-01 in the proleptic Gregorian calendar; the algorithm of Howard Hinnant's
    /// "chrono-Compatible Low-Level Date Algorithms". `month` and `day` must be in range.
    @inline(__always)
    package static func days(year: Int, month: Int, day: Int) -> Int {
        let y = month <= 2 ? year &- 1 : year
        let era = (y >= 0 ? y : y &- 399) / 400
        let yearOfEra = y &- era &* 400
        let shiftedMonth = month > 2 ? month &- 3 : month &+ 9
        let dayOfYear = (153 &* shiftedMonth &+ 2) / 5 &+ day &- 1
        let dayOfEra = yearOfEra &* 365 &+ yearOfEra / 4 &- yearOfEra / 100 &+ dayOfYear
        return era &* 146_097 &+ dayOfEra &- 719_468
    }

    /// The inverse of ``days(year:month:day:)``.
    @inline(__always)
    package static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let z = days &+ 719_468
        let era = (z >= 0 ? z : z &- 146_096) / 146_097
        let dayOfEra = z &- era &* 146_097
        let yearOfEra =
            (dayOfEra &- dayOfEra / 1460 &+ dayOfEra / 36_524 &- dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra &- (365 &* yearOfEra &+ yearOfEra / 4 &- yearOfEra / 100)
        let shiftedMonth = (5 &* dayOfYear &+ 2) / 153
        let day = dayOfYear &- (153 &* shiftedMonth &+ 2) / 5 &+ 1
        let month = shiftedMonth < 10 ? shiftedMonth &+ 3 : shiftedMonth &- 9
        return (yearOfEra &+ era &* 400 &+ (month <= 2 ? 1 : 0), month, day)
    }

    /// Floor division of a timestamp into its day and the microsecond of the day.
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

    @inline(__always)
    package static func daysInMonth(_ year: Int, _ month: Int) -> Int {
        if month == 2 { return year & 3 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28 }
        return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31
    }

    /// `YYYY-MM-DD` at `p`, which must have 10 bytes; `nil` where it is no day of the calendar.
    @inline(__always)
    private static func isoDays(_ p: UnsafePointer<UInt8>) -> Int? {
        // All eight bytes of `YYYY-MM-` at once: xor leaves digits as 0…9 and hyphens as 0, and the
        // sum carries into a high bit where one is more.
        let word = UInt64(littleEndian: UnsafeRawPointer(p).loadUnaligned(as: UInt64.self))
        let x = word ^ 0x2D30_302D_3030_3030
        let (tens, ones) = (p[8] &- 48, p[9] &- 48)
        guard ((x &+ 0x7F76_767F_7676_7676) | x) & UTF8Text.highBits == 0, tens <= 9, ones <= 9
        else { return nil }
        @inline(__always) func digit(_ i: Int) -> Int {
            Int(truncatingIfNeeded: x &>> UInt64(i &* 8) & 0xF)
        }
        let year = digit(0) &* 1000 &+ digit(1) &* 100 &+ digit(2) &* 10 &+ digit(3)
        let month = digit(5) &* 10 &+ digit(6)
        let day = Int(tens &* 10 &+ ones)
        guard month > 0, month <= 12, day > 0, day <= 28 || day <= daysInMonth(year, month)
        else { return nil }
        return days(year: year, month: month, day: day)
    }

    /// `YYYY-MM-DD`, in days since 1970-01-01.
    @inline(__always)
    package static func date(_ p: UnsafePointer<UInt8>, _ count: Int) -> Int32? {
        guard count == 10, let days = isoDays(p) else { return nil }
        return Int32(truncatingIfNeeded: days)
    }

    /// `H:MM`, `HH:MM` or `HH:MM:SS` with a fraction, in microseconds since midnight.
    package static func time(_ p: UnsafePointer<UInt8>, _ count: Int) -> Int64? {
        if count >= 4, p[1] == UInt8(ascii: ":") {
            // `9:00`, as spreadsheets write it.
            var padded: [UInt8] = [UInt8(ascii: "0")]
            padded.append(contentsOf: UnsafeBufferPointer(start: p, count: count))
            return padded.withUnsafeBufferPointer { time($0.baseAddress!, $0.count) }
        }
        guard let (micros, used) = clock(p, count), used == count,
            micros < ScalarText.microsecondsPerDay
        else { return nil }
        return micros
    }

    /// `HH:MM[:SS[.ffffff…]]` at the start of `p`: microseconds and bytes used. Fractions beyond
    /// microseconds are rounded. A leap second (`:60`) is the first of the next minute.
    @inline(__always)
    private static func clock(
        _ p: UnsafePointer<UInt8>, _ count: Int
    ) -> (micros: Int64, used: Int)? {
        @inline(__always) func pair(_ i: Int) -> Int {
            let (a, b) = (p[i] &- 48, p[i &+ 1] &- 48)
            return a > 9 || b > 9 ? 99 : Int(a &* 10 &+ b)
        }
        guard count >= 5, p[2] == UInt8(ascii: ":") else { return nil }
        let (hour, minute) = (pair(0), pair(3))
        guard hour < 24, minute < 60 else { return nil }
        let minutes = Int64(hour &* 60 &+ minute) &* 60_000_000
        guard count > 5, p[5] == UInt8(ascii: ":") else { return (minutes, 5) }
        guard count >= 8 else { return nil }
        let second = pair(6)
        guard second <= 60 else { return nil }
        let micros = minutes &+ Int64(second) &* 1_000_000
        guard count > 8, p[8] == UInt8(ascii: ".") || p[8] == UInt8(ascii: ",") else {
            return (micros, 8)
        }
        guard let (fraction, used) = fraction(p + 9, count &- 9) else { return nil }
        return (micros &+ fraction, 9 &+ used)
    }

    /// Digits after a decimal point, in microseconds; at least one.
    @inline(__always)
    static func fraction(_ p: UnsafePointer<UInt8>, _ count: Int) -> (micros: Int64, used: Int)? {
        var value: Int64 = 0
        var i = 0
        while i < count, p[i] &- 48 <= 9 {
            if i < 6 {
                value = value &* 10 &+ Int64(p[i] &- 48)
            } else if i == 6, p[i] >= UInt8(ascii: "5") {
                value &+= 1
            }
            i &+= 1
        }
        guard i > 0 else { return nil }
        var missing = i
        while missing < 6 {
            value = value &* 10
            missing &+= 1
        }
        return (value, i)
    }

    /// ISO 8601 / RFC 3339: `YYYY-MM-DD`, then optionally `T` or a blank and a time, then
    /// optionally `Z` or an offset `±HH`, `±HHMM`, `±HH:MM`. Without an offset it is UTC.
    /// Microseconds since 1970-01-01T00:00:00Z.
    @inline(__always)
    package static func timestamp(_ p: UnsafePointer<UInt8>, _ count: Int) -> Int64? {
        guard count >= 10, let days = isoDays(p) else { return nil }
        let midnight = Int64(days) &* ScalarText.microsecondsPerDay
        if count == 10 { return midnight }
        guard p[10] == UInt8(ascii: "T") || p[10] == UInt8(ascii: " ") || p[10] == UInt8(ascii: "t")
        else { return nil }
        guard let (micros, used) = clock(p + 11, count &- 11) else { return nil }
        let end = 11 &+ used
        if end == count { return midnight &+ micros }
        guard let zone = offset(p + end, count &- end) else { return nil }
        return midnight &+ micros &- zone
    }

    /// `Z`, `±HH`, `±HHMM` or `±HH:MM`, perhaps after a blank; microseconds east of UTC.
    static func offset(_ p: UnsafePointer<UInt8>, _ count: Int) -> Int64? {
        if count > 1, p[0] == UInt8(ascii: " ") { return offset(p + 1, count - 1) }
        if count == 1 { return p[0] | 0x20 == UInt8(ascii: "z") ? 0 : nil }
        if count == 3, p[0] | 0x20 == UInt8(ascii: "u") {
            return p[1] | 0x20 == UInt8(ascii: "t") && p[2] | 0x20 == UInt8(ascii: "c") ? 0 : nil
        }
        guard count == 3 || count == 5 || count == 6,
            p[0] == UInt8(ascii: "+") || p[0] == UInt8(ascii: "-")
        else { return nil }
        if count == 6, p[3] != UInt8(ascii: ":") { return nil }
        guard let hours = int64Digits(p + 1, 2), hours <= 18 else { return nil }
        var minutes: Int64 = 0
        if count > 3 {
            guard let value = int64Digits(p + (count - 2), 2), value < 60 else { return nil }
            minutes = value
        }
        let micros = (hours * 60 + minutes) * 60_000_000
        return p[0] == UInt8(ascii: "-") ? -micros : micros
    }

    /// Exactly `count` digits, at most 18.
    @inline(__always)
    static func int64Digits(_ p: UnsafePointer<UInt8>, _ count: Int) -> Int64? {
        var value: Int64 = 0
        for i in 0..<count {
            let digit = p[i] &- 48
            if digit > 9 { return nil }
            value = value &* 10 &+ Int64(digit)
        }
        return value
    }
}

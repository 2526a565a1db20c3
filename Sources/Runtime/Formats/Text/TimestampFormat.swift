/// A strptime-like format, compiled once.
///
/// | directive | reads |
/// |---|---|
/// | `%Y` `%y` | year of four digits; of two (69…99 is 19xx, 00…68 is 20xx, as in POSIX) |
/// | `%m` `%b` `%B` | month as one or two digits; its English name, short or full |
/// | `%d` `%e` `%j` | day of the month, one or two digits; day of the year |
/// | `%H` `%I` `%p` | hour 0…23; 1…12; AM or PM |
/// | `%M` `%S` | minute; second (60 is the next minute's first) |
/// | `%f` | fraction of a second, 1 to 9 digits, rounded to microseconds |
/// | `%z` `%Z` | `Z`, `UTC`, `±HH`, `±HHMM`, `±HH:MM`; `UTC`, `GMT` or `Z` |
/// | `%a` `%A` | English weekday, short or full; read and ignored |
/// | `%s` `%Q` | seconds, milliseconds since 1970-01-01T00:00:00Z, perhaps with a fraction |
/// | `%F` `%T` `%D` `%R` | `%Y-%m-%d`, `%H:%M:%S`, `%m/%d/%y`, `%H:%M` |
/// | `%%` | a percent sign |
///
/// A blank in the format takes any number of blanks, also none; anything else stands for itself.
/// What the format leaves out is 1970-01-01 00:00:00 UTC.
package struct TimestampFormat: Sendable, Hashable {
    package let text: String
    let steps: [Step]

    enum Step: Sendable, Hashable {
        case literal(UInt8)
        case blanks
        case directive(UInt8)
    }

    /// Why a format was refused, for a diagnostic.
    package struct Invalid: Error { package let reason: String }

    package init(_ text: String) throws(Invalid) {
        self.text = text
        let expansions: [UInt8: String] = [
            UInt8(ascii: "F"): "%Y-%m-%d", UInt8(ascii: "T"): "%H:%M:%S",
            UInt8(ascii: "D"): "%m/%d/%y", UInt8(ascii: "R"): "%H:%M",
        ]
        var steps: [Step] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") {
                if steps.last != .blanks { steps.append(.blanks) }
            } else if byte != UInt8(ascii: "%") {
                steps.append(.literal(byte))
            } else {
                guard let letter = rest.popFirst() else {
                    throw Invalid(reason: "it ends with a lone `%`; write `%%` for a percent sign")
                }
                if letter == UInt8(ascii: "%") {
                    steps.append(.literal(letter))
                } else if let expansion = expansions[letter] {
                    rest = Array(expansion.utf8)[...] + rest
                } else if TimestampFormat.directives.contains(letter) {
                    steps.append(.directive(letter))
                } else {
                    let name = String(UnicodeScalar(letter))
                    throw Invalid(reason: "`%\(name)` is not a directive that is read")
                }
            }
        }
        guard !steps.isEmpty else { throw Invalid(reason: "it is empty") }
        self.steps = steps
    }

    static let months = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september",
        "october", "november", "december",
    ]
    static let weekdays = [
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    ]
    private static let directives = Set("YymbBdejHIpMSfzZaAsQ".utf8)

    /// Microseconds since the epoch; `nil` where the bytes do not follow the format to their end.
    package func timestamp(_ p: UnsafePointer<UInt8>, _ count: Int) -> Int64? {
        var fields = Fields()
        var cursor = Cursor(p: p, count: count)
        for step in steps {
            let matched: Bool
            switch step {
            case .literal(let byte): matched = cursor.take(byte)
            case .blanks:
                cursor.skipBlanks()
                matched = true
            case .directive(let letter): matched = fields.read(letter, &cursor)
            }
            if !matched { return nil }
        }
        return cursor.i == count ? fields.microseconds : nil
    }

    /// Days since the epoch, where the format yields a midnight.
    package func date(_ p: UnsafePointer<UInt8>, _ count: Int) -> Int32? {
        guard let micros = timestamp(p, count), micros % ScalarText.microsecondsPerDay == 0
        else { return nil }
        return Int32(exactly: micros / ScalarText.microsecondsPerDay)
    }
}

private struct Cursor {
    let p: UnsafePointer<UInt8>
    let count: Int
    var i = 0

    mutating func take(_ byte: UInt8) -> Bool {
        guard i < count, p[i] == byte else { return false }
        i += 1
        return true
    }

    mutating func skipBlanks() {
        while i < count, p[i] == UInt8(ascii: " ") || p[i] == UInt8(ascii: "\t") { i += 1 }
    }

    mutating func number(_ digits: ClosedRange<Int>) -> Int? {
        var value = 0
        let start = i
        while i < count, i - start < digits.upperBound, p[i] &- 48 <= 9 {
            value = value * 10 + Int(p[i] &- 48)
            i += 1
        }
        return digits.contains(i - start) ? value : nil
    }

    /// The index of the first name that stands here, in any case; longer forms come first.
    mutating func name(_ names: [String], shortest: Int) -> Int? {
        let start = i
        var word: [UInt8] = []
        while i < count, (p[i] | 0x20) &- 97 < 26, word.count < 16 {
            word.append(p[i] | 0x20)
            i += 1
        }
        for (index, name) in names.enumerated() {
            let full = Array(name.utf8)
            for length in [full.count, shortest] where word.starts(with: full[..<length]) {
                i = start + length
                return index
            }
        }
        i = start
        return nil
    }
}

private struct Fields {
    var year = 1970
    var month = 1
    var day = 1
    var dayOfYear: Int?
    var hour = 0
    var isAfternoon: Bool?
    var minute = 0
    var second = 0
    var fraction: Int64 = 0
    var zone: Int64 = 0
    var epoch: Int64?

    mutating func read(_ letter: UInt8, _ cursor: inout Cursor) -> Bool {
        switch UnicodeScalar(letter) {
        case "Y": return set(\.year, cursor.number(4...4), 0...9999)
        case "y":
            guard let short = cursor.number(2...2) else { return false }
            year = short >= 69 ? 1900 + short : 2000 + short
            return true
        case "m": return set(\.month, cursor.number(1...2), 1...12)
        case "b", "B":
            return set(
                \.month, cursor.name(TimestampFormat.months, shortest: 3).map { $0 + 1 }, 1...12)
        case "d": return set(\.day, cursor.number(1...2), 1...31)
        case "e":
            cursor.skipBlanks()
            return set(\.day, cursor.number(1...2), 1...31)
        case "j":
            guard let value = cursor.number(1...3), (1...366).contains(value) else { return false }
            dayOfYear = value
            return true
        case "H": return set(\.hour, cursor.number(1...2), 0...23)
        case "I": return set(\.hour, cursor.number(1...2).map { $0 == 12 ? 0 : $0 }, 0...11)
        case "p":
            guard let index = cursor.name(["am", "pm"], shortest: 2) else { return false }
            isAfternoon = index == 1
            return true
        case "M": return set(\.minute, cursor.number(1...2), 0...59)
        case "S": return set(\.second, cursor.number(1...2), 0...60)
        case "f":
            guard
                let (micros, used) = ScalarText.fraction(
                    cursor.p + cursor.i, cursor.count - cursor.i)
            else { return false }
            fraction = micros
            cursor.i += used
            return true
        case "z": return readOffset(&cursor)
        case "Z": return cursor.name(["utc", "gmt", "z"], shortest: 1) != nil
        case "a", "A": return cursor.name(TimestampFormat.weekdays, shortest: 3) != nil
        case "s": return readEpoch(&cursor, microseconds: 1_000_000, digits: 12)
        case "Q": return readEpoch(&cursor, microseconds: 1000, digits: 15)
        default: return false
        }
    }

    private mutating func set(
        _ path: WritableKeyPath<Fields, Int>, _ value: Int?, _ range: ClosedRange<Int>
    ) -> Bool {
        guard let value, range.contains(value) else { return false }
        self[keyPath: path] = value
        return true
    }

    private mutating func readOffset(_ cursor: inout Cursor) -> Bool {
        var end = cursor.i
        while end < cursor.count, end - cursor.i < 6,
            ![0x20, 0x09, 0x29, 0x5D].contains(cursor.p[end])
        { end += 1 }
        guard let offset = ScalarText.offset(cursor.p + cursor.i, end - cursor.i) else {
            return false
        }
        zone = offset
        cursor.i = end
        return true
    }

    /// `digits` keeps the product within 64 bits.
    private mutating func readEpoch(
        _ cursor: inout Cursor, microseconds: Int64, digits: Int
    ) -> Bool {
        let isNegative = cursor.take(UInt8(ascii: "-"))
        guard let whole = cursor.number(1...digits) else { return false }
        var micros = Int64(whole) * microseconds
        if cursor.take(UInt8(ascii: ".")) {
            guard
                let (part, used) = ScalarText.fraction(cursor.p + cursor.i, cursor.count - cursor.i)
            else { return false }
            cursor.i += used
            micros += part * microseconds / 1_000_000
        }
        epoch = isNegative ? -micros : micros
        return true
    }

    var microseconds: Int64? {
        if let epoch { return epoch + fraction }
        var days: Int
        if let dayOfYear {
            days = ScalarText.days(year: year, month: 1, day: 1) + dayOfYear - 1
            if dayOfYear == 366, ScalarText.daysInMonth(year, 2) == 28 { return nil }
        } else {
            guard day <= ScalarText.daysInMonth(year, month) else { return nil }
            days = ScalarText.days(year: year, month: month, day: day)
        }
        let hours = isAfternoon == true && hour < 12 ? hour + 12 : hour
        let seconds = Int64(days * 86_400 + hours * 3600 + minute * 60 + second)
        return seconds * 1_000_000 + fraction - zone
    }
}

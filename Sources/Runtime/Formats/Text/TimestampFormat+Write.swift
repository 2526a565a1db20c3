extension TimestampFormat {
    /// Writes what ``timestamp(_:_:)`` reads back, as far as the format says it: always UTC, `%f` with
    /// six digits.
    package func append(_ microseconds: Int64, to out: inout [UInt8]) {
        let (days, time) = ScalarText.split(microseconds)
        let (year, month, day) = ScalarText.civil(Int(days))
        let (hour, minute) = (Int(time / 3_600_000_000), Int(time / 60_000_000 % 60))
        func number(_ value: Int, _ digits: Int) {
            ValueText.append(value, digits: digits, to: &out)
        }
        func name(_ names: [String], _ index: Int, short: Bool) {
            let name = names[index].prefix(short ? 3 : .max)
            out.append(contentsOf: (name.prefix(1).uppercased() + name.dropFirst()).utf8)
        }
        for step in steps {
            switch step {
            case .literal(let byte): out.append(byte)
            case .blanks: out.append(UInt8(ascii: " "))
            case .directive(let letter):
                switch UnicodeScalar(letter) {
                case "Y": number(year, 4)
                case "y": number(year % 100, 2)
                case "m": number(month, 2)
                case "b": name(TimestampFormat.months, month - 1, short: true)
                case "B": name(TimestampFormat.months, month - 1, short: false)
                case "d", "e": number(day, 2)
                case "j":
                    number(Int(days) - ScalarText.days(year: year, month: 1, day: 1) + 1, 3)
                case "H": number(hour, 2)
                case "I": number((hour + 11) % 12 + 1, 2)
                case "p": out.append(contentsOf: (hour < 12 ? "AM" : "PM").utf8)
                case "M": number(minute, 2)
                case "S": number(Int(time / 1_000_000 % 60), 2)
                case "f": number(Int(time % 1_000_000), 6)
                case "z": out.append(contentsOf: "+0000".utf8)
                case "Z": out.append(contentsOf: "UTC".utf8)
                case "a", "A":
                    // 1970-01-01 was a Thursday.
                    let weekday = ((Int(days) + 3) % 7 + 7) % 7
                    name(TimestampFormat.weekdays, weekday, short: letter == UInt8(ascii: "a"))
                case "s": epoch(microseconds, 1_000_000, to: &out)
                case "Q": epoch(microseconds, 1000, to: &out)
                default: break
                }
            }
        }
    }

    /// With a fraction only where there is one.
    private func epoch(_ microseconds: Int64, _ unit: Int64, to out: inout [UInt8]) {
        let scale = unit == 1000 ? 3 : 6
        if microseconds % unit == 0 {
            ValueText.append(microseconds / unit, to: &out)
        } else {
            ValueText.append(decimal: Int128(microseconds), scale: scale, to: &out)
        }
    }
}

import PipelineDSL

extension KernelTable {
    static let timeText: [String: KernelResolver] = [
        "strftime": { request in
            try formatting(request) { text throws(TimeTemplate.Invalid) in
                try TimeTemplate(strftime: text)
            }
        },
        "to_char": { request in
            try formatting(request) { text throws(TimeTemplate.Invalid) in
                TimeTemplate(patterns: text)
            }
        },
        "strptime": { request in
            guard let text = request.constantText(1) else { return nil }
            do throws(TimestampFormat.Invalid) {
                let format = try TimestampFormat(text)
                return BoundKernel { call in
                    call.withStrings(0) { texts in
                        call.values(of: Int64.self) { row, out in
                            guard
                                let value = format.timestamp(
                                    texts.pointer(row), texts.view(row).count)
                            else { return .fault(.time) }
                            out = value
                            return .value
                        }
                    }
                }
            } catch {
                throw RunError(
                    .badPattern, "the format `\(text)` cannot be used: \(error.reason)",
                    at: request.span)
            }
        },
    ]

    private static func formatting(
        _ request: KernelRequest, _ compile: (String) throws(TimeTemplate.Invalid) -> TimeTemplate
    ) throws -> BoundKernel? {
        guard let text = request.constantText(1) else { return nil }
        let template: TimeTemplate
        do throws(TimeTemplate.Invalid) { template = try compile(text) } catch {
            throw RunError(
                .badPattern, "the format `\(text)` cannot be used: \(error.reason)",
                at: request.span)
        }
        return BoundKernel { call in
            let moments = call.operand(0, Int64.self)
            return call.texts { row, out in
                template.append(moments[row], to: &out)
                return .value
            }
        }
    }
}

/// A format for timestamps, compiled once.
struct TimeTemplate: Sendable {
    struct Invalid: Error { let reason: String }

    private enum Step: Sendable {
        case text([UInt8])
        /// With zeros in front, or blanks, to a width; 0 is none.
        case number(@Sendable (Moment) -> Int64, width: Int, pad: UInt8)
        case word(@Sendable (Moment) -> String)
    }

    private var steps: [Step] = []

    /// A timestamp taken apart once.
    struct Moment {
        let day: Int64
        let time: Int64
        let year, month, dayOfMonth: Int64

        init(_ micros: Int64) {
            (day, time) = CivilTime.split(micros)
            (year, month, dayOfMonth) = CivilTime.civil(day)
        }

        var hour: Int64 { time / 3_600_000_000 }
        var hour12: Int64 { (hour + 11) % 12 + 1 }
        var minute: Int64 { time / 60_000_000 % 60 }
        var second: Int64 { time / 1_000_000 % 60 }
        var micros: Int64 { time % 1_000_000 }
        var dayName: String { DateNames.days[DateField.weekday(day)] }
        var monthName: String { DateNames.months[Int(month) - 1] }
        var isMorning: Bool { hour < 12 }
    }

    func append(_ micros: Int64, to out: inout [UInt8]) {
        let moment = Moment(micros)
        for step in steps {
            switch step {
            case .text(let bytes): out.append(contentsOf: bytes)
            case .word(let word): out.append(contentsOf: word(moment).utf8)
            case .number(let number, let width, let pad):
                let value = number(moment)
                let digits = String(value.magnitude).utf8
                if value < 0 { out.append(UInt8(ascii: "-")) }
                out.append(contentsOf: repeatElement(pad, count: max(0, width - digits.count)))
                out.append(contentsOf: digits)
            }
        }
    }

    private mutating func add(_ byte: UInt8) {
        if case .text(var bytes)? = steps.last {
            bytes.append(byte)
            steps[steps.count - 1] = .text(bytes)
        } else {
            steps.append(.text([byte]))
        }
    }

    private mutating func add(
        _ width: Int, pad: UInt8 = 0x30, _ number: @escaping @Sendable (Moment) -> Int64
    ) {
        steps.append(.number(number, width: width, pad: pad))
    }

    private mutating func add(_ word: @escaping @Sendable (Moment) -> String) {
        steps.append(.word(word))
    }
}

extension TimeTemplate {
    /// The directives of C's `strftime`, in the POSIX locale, and `%f`.
    init(strftime format: String) throws(Invalid) {
        var bytes = Array(format.utf8)[...]
        while let byte = bytes.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                add(byte)
                continue
            }
            guard let letter = bytes.popFirst() else {
                throw Invalid(reason: "it ends with a lone `%`; write `%%` for a percent sign")
            }
            let directive = Unicode.Scalar(letter)
            if let longer = TimeTemplate.shorthands[directive] {
                bytes = Array(longer.utf8)[...] + bytes
            } else if !addDirective(directive) {
                throw Invalid(reason: "`%\(directive)` is not a directive")
            }
        }
    }

    private static let shorthands: [Unicode.Scalar: String] = [
        "F": "%Y-%m-%d", "T": "%H:%M:%S", "D": "%m/%d/%y", "R": "%H:%M",
        "c": "%a %b %e %H:%M:%S %Y", "x": "%m/%d/%y", "X": "%H:%M:%S", "h": "%b",
    ]

    private mutating func addDirective(_ letter: Unicode.Scalar) -> Bool {
        switch letter {
        case "Y": add(4) { $0.year }
        case "y": add(2) { (($0.year % 100) + 100) % 100 }
        case "C": add(2) { TemporalMath.floorDivide($0.year, 100) }
        case "m": add(2) { $0.month }
        case "d": add(2) { $0.dayOfMonth }
        case "e": add(2, pad: 0x20) { $0.dayOfMonth }
        case "H": add(2) { $0.hour }
        case "I": add(2) { $0.hour12 }
        case "M": add(2) { $0.minute }
        case "S": add(2) { $0.second }
        case "f": add(6) { $0.micros }
        case "j": add(3) { DateField.dayOfYear($0.day) }
        case "u": add(1) { DateField.isodow.value(day: $0.day) }
        case "w": add(1) { Int64(DateField.weekday($0.day)) }
        case "G": add(4) { DateField.isoWeek($0.day).year }
        case "V": add(2) { DateField.isoWeek($0.day).week }
        case "s": add(1) { $0.day * 86_400 + $0.time / 1_000_000 }
        case "a": add { String($0.dayName.prefix(3)) }
        case "A": add { $0.dayName }
        case "b": add { String($0.monthName.prefix(3)) }
        case "B": add { $0.monthName }
        case "p": add { $0.isMorning ? "AM" : "PM" }
        case "z": add { _ in "+0000" }
        case "Z": add { _ in "UTC" }
        case "n": add(0x0A)
        case "t": add(0x09)
        case "%": add(UInt8(ascii: "%"))
        default: return false
        }
        return true
    }
}

extension TimeTemplate {
    /// PostgreSQL's `to_char` patterns. Letters that are none stand for themselves.
    init(patterns text: String) {
        var rest = Array(text.utf8)[...]
        while let byte = rest.first {
            if byte == UInt8(ascii: "\"") {
                rest = rest.dropFirst()
                while let quoted = rest.popFirst(), quoted != UInt8(ascii: "\"") {
                    if quoted == UInt8(ascii: "\\"), let escaped = rest.popFirst() {
                        add(escaped)
                    } else {
                        add(quoted)
                    }
                }
                continue
            }
            var isUnpadded = false
            if rest.starts(with: "FM".utf8) {
                isUnpadded = true
                rest = rest.dropFirst(2)
            }
            guard let length = addPattern(rest, isUnpadded) else {
                add(rest.first ?? byte)
                rest = rest.dropFirst()
                continue
            }
            rest = rest.dropFirst(length)
        }
    }

    /// Adds the longest pattern at the start of `text`; bytes it takes.
    private mutating func addPattern(_ text: ArraySlice<UInt8>, _ isUnpadded: Bool) -> Int? {
        // `Dy` before `D`; no number's name starts with that of a word.
        for (name, isPadded, word) in TimeTemplate.words where text.starts(with: name.utf8) {
            // Names are filled with blanks to the length of the longest, as in PostgreSQL.
            if isPadded, !isUnpadded {
                add {
                    let name = word($0)
                    return name + String(repeating: " ", count: max(0, 9 - name.count))
                }
            } else {
                add(word)
            }
            return name.utf8.count
        }
        for (name, width, number) in TimeTemplate.numbers where text.starts(with: name.utf8) {
            add(isUnpadded ? 0 : width, number)
            return name.utf8.count
        }
        return nil
    }

    /// Longer names before their prefixes.
    private static let numbers: [(String, Int, @Sendable (Moment) -> Int64)] = [
        ("YYYY", 4, { $0.year }), ("YYY", 3, { (($0.year % 1000) + 1000) % 1000 }),
        ("YY", 2, { (($0.year % 100) + 100) % 100 }), ("Y", 1, { (($0.year % 10) + 10) % 10 }),
        ("IYYY", 4, { DateField.isoWeek($0.day).year }),
        ("IW", 2, { DateField.isoWeek($0.day).week }),
        ("IDDD", 3, { $0.day - DateField.isoYearStart($0.day) + 1 }),
        ("ID", 1, { DateField.isodow.value(day: $0.day) }),
        ("MM", 2, { $0.month }), ("MI", 2, { $0.minute }), ("MS", 3, { $0.micros / 1000 }),
        ("DDD", 3, { DateField.dayOfYear($0.day) }), ("DD", 2, { $0.dayOfMonth }),
        ("D", 1, { Int64(DateField.weekday($0.day)) + 1 }),
        ("HH24", 2, { $0.hour }), ("HH12", 2, { $0.hour12 }), ("HH", 2, { $0.hour12 }),
        ("SSSS", 1, { $0.time / 1_000_000 }), ("SS", 2, { $0.second }), ("US", 6, { $0.micros }),
        ("Q", 1, { ($0.month + 2) / 3 }), ("WW", 2, { (DateField.dayOfYear($0.day) - 1) / 7 + 1 }),
        ("W", 1, { ($0.dayOfMonth - 1) / 7 + 1 }), ("CC", 2, { DateField.century($0.year) }),
    ]

    private static let words: [(String, Bool, @Sendable (Moment) -> String)] = [
        ("Month", true, { $0.monthName }), ("MONTH", true, { $0.monthName.uppercased() }),
        ("month", true, { $0.monthName.lowercased() }),
        ("Mon", false, { String($0.monthName.prefix(3)) }),
        ("MON", false, { $0.monthName.prefix(3).uppercased() }),
        ("mon", false, { $0.monthName.prefix(3).lowercased() }),
        ("Day", true, { $0.dayName }), ("DAY", true, { $0.dayName.uppercased() }),
        ("day", true, { $0.dayName.lowercased() }),
        ("Dy", false, { String($0.dayName.prefix(3)) }),
        ("DY", false, { $0.dayName.prefix(3).uppercased() }),
        ("dy", false, { $0.dayName.prefix(3).lowercased() }),
        ("AM", false, { $0.isMorning ? "AM" : "PM" }),
        ("PM", false, { $0.isMorning ? "AM" : "PM" }),
        ("am", false, { $0.isMorning ? "am" : "pm" }),
        ("pm", false, { $0.isMorning ? "am" : "pm" }),
        ("TZ", false, { _ in "UTC" }), ("OF", false, { _ in "+00" }),
    ]
}

extension DateField {
    /// The Monday of the first week of the ISO year a day lies in.
    static func isoYearStart(_ day: Int64) -> Int64 {
        monday(Int64(ScalarText.days(year: Int(isoWeek(day).year), month: 1, day: 4)))
    }
}

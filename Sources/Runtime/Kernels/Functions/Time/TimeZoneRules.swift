import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A time zone's offsets from UTC: a fixed one, or those of a file of the IANA database (RFC 9636),
/// with the rule of its footer for all time after the last transition listed.
struct TimeZoneRules: Sendable {
    /// Seconds since 1970 from which on `offsets` holds, ascending.
    private var transitions: [Int64] = []
    /// Seconds east of UTC; one more than transitions, the first for all time before.
    private var offsets: [Int64] = [0]
    private var footer: PosixZone?

    init(fixed seconds: Int64) { offsets = [seconds] }

    /// Seconds east of UTC at an instant, in seconds since 1970.
    func offset(at seconds: Int64) -> Int64 {
        if let footer, transitions.last.map({ seconds >= $0 }) ?? true {
            return footer.offset(at: seconds)
        }
        var (low, high) = (0, transitions.count)
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle] <= seconds { low = middle + 1 } else { high = middle }
        }
        return offsets[low]
    }

    /// `+03:00`, `-0330`, `UTC`, or a name of the database; `nil` where it is neither.
    static func named(_ name: String) -> TimeZoneRules? {
        if ["utc", "z", "gmt"].contains(name.lowercased()) { return TimeZoneRules(fixed: 0) }
        if let fixed = fixedOffset(name) { return TimeZoneRules(fixed: fixed) }
        return cache.withLock { cache in
            if let known = cache[name] { return known }
            let rules = load(name)
            if cache.count < 1000 { cache[name] = .some(rules) }
            return rules
        }
    }

    private static let cache = Mutex<[String: TimeZoneRules?]>([:])

    private static func fixedOffset(_ name: String) -> Int64? {
        var text = Array(name.utf8)
        guard !text.isEmpty else { return nil }
        return text.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return nil }
            return ScalarText.offset(base, buffer.count).map { $0 / 1_000_000 }
        }
    }

    // MARK: Files

    private static let folders = [
        "/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo",
    ]

    private static func load(_ name: String) -> TimeZoneRules? {
        // Only names of the database: no way out of its folder.
        let isName = name.utf8.allSatisfy { byte in
            (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || "_+-/".utf8.contains(byte)
        }
        guard isName, !name.isEmpty, name.utf8.count < 100, !name.hasPrefix("/") else { return nil }
        for folder in folders {
            if let bytes = read("\(folder)/\(name)"), let rules = TimeZoneRules(file: bytes) {
                return rules
            }
        }
        return nil
    }

    private static func read(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1 << 17)
        var count = 0
        while count < bytes.count {
            let got = bytes.withUnsafeMutableBytes { buffer in
                buffer.baseAddress.map { Glibc.read(descriptor, $0 + count, buffer.count - count) }
                    ?? -1
            }
            if got <= 0 { break }
            count += got
        }
        return Array(bytes.prefix(count))
    }

    /// A TZif file of version 2 or later: the second, 64-bit block, then the footer.
    private init?(file: [UInt8]) {
        var reader = BigEndianReader(bytes: file)
        guard let first = Header(&reader), first.version >= 2 else { return nil }
        reader.position += first.dataBytes(timeBytes: 4)
        guard let header = Header(&reader), header.typeCount > 0,
            reader.position + header.dataBytes(timeBytes: 8) <= file.count
        else { return nil }
        let times = (0..<header.timeCount).map { _ in reader.integer(8) }
        let types = (0..<header.timeCount).map { _ in Int(reader.integer(1) & 0xFF) }
        var typeOffsets: [Int64] = []
        for _ in 0..<header.typeCount {
            typeOffsets.append(reader.integer(4))
            reader.position += 2
        }
        guard types.allSatisfy({ $0 < typeOffsets.count }),
            zip(times, times.dropFirst()).allSatisfy({ $0 < $1 })
        else { return nil }
        reader.position +=
            header.characterCount + header.leapCount * 12 + header.standardCount + header.utcCount
        transitions = times
        offsets = [typeOffsets[0]] + types.map { typeOffsets[$0] }
        let rest = file.dropFirst(reader.position + 1).prefix { $0 != 0x0A }
        footer = PosixZone(Array(rest))
    }

    private struct Header {
        let version: Int
        let utcCount, standardCount, leapCount, timeCount, typeCount, characterCount: Int

        init?(_ reader: inout BigEndianReader) {
            let start = reader.position
            guard start + 44 <= reader.bytes.count,
                Array(reader.bytes[start..<(start + 4)]) == Array("TZif".utf8)
            else { return nil }
            version = Int(reader.bytes[start + 4]) - 0x30
            reader.position = start + 20
            let counts = (0..<6).map { _ in Int(reader.integer(4)) }
            guard counts.allSatisfy({ $0 >= 0 && $0 < 1 << 20 }) else { return nil }
            (utcCount, standardCount, leapCount) = (counts[0], counts[1], counts[2])
            (timeCount, typeCount, characterCount) = (counts[3], counts[4], counts[5])
        }

        func dataBytes(timeBytes: Int) -> Int {
            timeCount * (timeBytes + 1) + typeCount * 6 + characterCount
                + leapCount * (timeBytes + 4) + standardCount + utcCount
        }
    }
}

private struct BigEndianReader {
    let bytes: [UInt8]
    var position = 0

    /// Signed; 0 past the end.
    mutating func integer(_ count: Int) -> Int64 {
        guard position + count <= bytes.count else {
            position = bytes.count
            return 0
        }
        var value: Int64 = Int8(bitPattern: bytes[position]) < 0 ? -1 : 0
        for i in 0..<count { value = value << 8 | Int64(bytes[position + i]) }
        position += count
        return value
    }
}

/// A rule such as `CET-1CEST,M3.5.0,M10.5.0/3` (POSIX `TZ`, with the extensions of RFC 9636).
struct PosixZone: Sendable {
    private var standard: Int64
    private var daylight: Int64?
    private var start = Change()
    private var end = Change()

    private enum Day: Sendable {
        /// 1…365, without 29 February.
        case julian(Int)
        /// 0…365
        case ofYear(Int)
        /// Week 5 is the last; weekday from Sunday as 0.
        case weekday(month: Int, week: Int, weekday: Int)
    }

    private struct Change: Sendable {
        var day = Day.ofYear(0)
        /// Seconds of local time after midnight.
        var time: Int64 = 7200
    }

    init?(_ text: [UInt8]) {
        var rest = text[...]
        guard PosixZone.skipName(&rest), let offset = PosixZone.time(&rest) else { return nil }
        // POSIX counts west of Greenwich.
        standard = -offset
        if rest.isEmpty { return }
        guard PosixZone.skipName(&rest) else { return nil }
        var summer = standard + 3600
        if let next = rest.first, next != UInt8(ascii: ",") {
            guard let offset = PosixZone.time(&rest) else { return nil }
            summer = -offset
        }
        guard let start = PosixZone.change(&rest), let end = PosixZone.change(&rest), rest.isEmpty
        else { return nil }
        (daylight, self.start, self.end) = (summer, start, end)
    }

    func offset(at seconds: Int64) -> Int64 {
        guard let daylight else { return standard }
        let day = TemporalMath.floorDivide(seconds + standard, 86_400)
        guard day.magnitude < 1 << 31 else { return standard }
        let year = CivilTime.civil(day).year
        let from = moment(start, year) - standard
        let to = moment(end, year) - daylight
        let isSummer =
            from < to ? seconds >= from && seconds < to : seconds >= from || seconds < to
        return isSummer ? daylight : standard
    }

    /// Local seconds since 1970.
    private func moment(_ change: Change, _ year: Int64) -> Int64 {
        let newYear = Int64(ScalarText.days(year: Int(year), month: 1, day: 1))
        let day: Int64
        switch change.day {
        case .ofYear(let n): day = newYear + Int64(n)
        case .julian(let n):
            let isLeap = ScalarText.daysInMonth(Int(year), 2) == 29
            day = newYear + Int64(n - 1 + (isLeap && n >= 60 ? 1 : 0))
        case .weekday(let month, let week, let weekday):
            let first = Int64(ScalarText.days(year: Int(year), month: month, day: 1))
            let skip = (weekday - DateField.weekday(first) + 7) % 7
            var ofMonth = skip + (week - 1) * 7
            if ofMonth >= ScalarText.daysInMonth(Int(year), month) { ofMonth -= 7 }
            day = first + Int64(ofMonth)
        }
        return day * 86_400 + change.time
    }

    private static func skipName(_ text: inout ArraySlice<UInt8>) -> Bool {
        if text.first == UInt8(ascii: "<") {
            guard let close = text.firstIndex(of: UInt8(ascii: ">")) else { return false }
            text = text[(close + 1)...]
            return true
        }
        let letters = text.prefix { ($0 | 0x20) &- 0x61 < 26 }
        text = text.dropFirst(letters.count)
        return letters.count >= 3
    }

    private static func number(_ text: inout ArraySlice<UInt8>) -> Int? {
        let digits = text.prefix { $0 &- 0x30 < 10 }
        guard !digits.isEmpty, digits.count <= 4 else { return nil }
        text = text.dropFirst(digits.count)
        return digits.reduce(0) { $0 * 10 + Int($1 &- 0x30) }
    }

    /// `[+-]h[:m[:s]]` in seconds.
    private static func time(_ text: inout ArraySlice<UInt8>) -> Int64? {
        let isNegative = text.first == UInt8(ascii: "-")
        if isNegative || text.first == UInt8(ascii: "+") { text = text.dropFirst() }
        guard var total = number(&text).map({ $0 * 3600 }) else { return nil }
        for unit in [60, 1] where text.first == UInt8(ascii: ":") {
            text = text.dropFirst()
            guard let value = number(&text) else { return nil }
            total += value * unit
        }
        return Int64(isNegative ? -total : total)
    }

    private static func change(_ text: inout ArraySlice<UInt8>) -> Change? {
        guard text.popFirst() == UInt8(ascii: ","), let first = text.first else { return nil }
        var change = Change()
        switch first {
        case UInt8(ascii: "M"):
            text = text.dropFirst()
            guard let month = number(&text), (1...12).contains(month),
                text.popFirst() == UInt8(ascii: "."), let week = number(&text),
                (1...5).contains(week), text.popFirst() == UInt8(ascii: "."),
                let weekday = number(&text), weekday < 7
            else { return nil }
            change.day = .weekday(month: month, week: week, weekday: weekday)
        case UInt8(ascii: "J"):
            text = text.dropFirst()
            guard let day = number(&text), (1...365).contains(day) else { return nil }
            change.day = .julian(day)
        default:
            guard let day = number(&text), day < 366 else { return nil }
            change.day = .ofYear(day)
        }
        if text.first == UInt8(ascii: "/") {
            text = text.dropFirst()
            guard let time = time(&text) else { return nil }
            change.time = time
        }
        return change
    }
}

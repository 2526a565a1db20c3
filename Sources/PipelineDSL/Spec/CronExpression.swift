/// When something fires, in UTC: minute, hour, day of month, month, day of week, as crontab(5) has it.
///
/// A day fits if its day of the month or its day of the week does where both are restricted, and by
/// the restricted one where only one is (POSIX, `crontab`).
public struct CronExpression: Hashable, Sendable {
    public let text: String
    /// A bit for each value.
    public let minutes: UInt64
    public let hours: UInt64
    public let daysOfMonth: UInt64
    public let months: UInt64
    /// Sunday is bit 0.
    public let daysOfWeek: UInt64
    private let restrictsDayOfMonth: Bool
    private let restrictsDayOfWeek: Bool

    /// Why a text is none, for people.
    public struct Problem: Error, Hashable {
        public var reason: String
    }

    public init(_ text: String) throws(Problem) {
        self.text = text
        let parts = text.split(whereSeparator: \.isWhitespace)
        guard parts.count == 5 else {
            throw Problem(reason: "\(parts.count) fields instead of 5")
        }
        minutes = try Field.minute.mask(parts[0])
        hours = try Field.hour.mask(parts[1])
        daysOfMonth = try Field.dayOfMonth.mask(parts[2])
        months = try Field.month.mask(parts[3])
        let weekdays = try Field.dayOfWeek.mask(parts[4])
        // Sunday is 0 and 7.
        daysOfWeek = (weekdays | weekdays >> 7) & 0x7F
        restrictsDayOfMonth = !Field.isAny(parts[2])
        restrictsDayOfWeek = !Field.isAny(parts[4])
        guard hasDays else { throw Problem(reason: "no month has such a day") }
    }

    /// - Parameter dayOfWeek: Sunday is 0.
    public func fits(month: Int, day: Int, dayOfWeek: Int) -> Bool {
        guard months & 1 << UInt64(month) != 0 else { return false }
        let byMonth = daysOfMonth & 1 << UInt64(day) != 0
        let byWeek = daysOfWeek & 1 << UInt64(dayOfWeek) != 0
        return restrictsDayOfMonth && restrictsDayOfWeek ? byMonth || byWeek : byMonth && byWeek
    }

    /// Whether some day of some year fits.
    private var hasDays: Bool {
        if restrictsDayOfWeek { return true }
        let lengths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return lengths.indices.contains { index in
            months & 2 << UInt64(index) != 0
                && daysOfMonth.trailingZeroBitCount <= lengths[index]
        }
    }
}

extension CronExpression {
    fileprivate struct Field {
        var name: String
        var range: ClosedRange<Int>
        var names: [String] = []

        static let minute = Field(name: "minute", range: 0...59)
        static let hour = Field(name: "hour", range: 0...23)
        static let dayOfMonth = Field(name: "day of month", range: 1...31)
        static let month = Field(
            name: "month", range: 1...12,
            names: [
                "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
            ])
        static let dayOfWeek = Field(
            name: "day of week", range: 0...7,
            names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"])

        static func isAny(_ text: Substring) -> Bool { text == "*" || text == "*/1" }

        /// The values of a comma-separated list.
        func mask(_ text: Substring) throws(Problem) -> UInt64 {
            var mask: UInt64 = 0
            for item in text.split(separator: ",", omittingEmptySubsequences: false) {
                guard let values = values(item) else {
                    throw Problem(
                        reason: "`\(item)` is no \(name) (\(range.lowerBound) to "
                            + "\(range.upperBound))")
                }
                for value in values { mask |= 1 << UInt64(value) }
            }
            return mask
        }

        /// `*`, `5`, `1-5`, `*/15`, `5/15`, `mon-fri`
        private func values(_ item: Substring) -> StrideThrough<Int>? {
            let halves = item.split(separator: "/", omittingEmptySubsequences: false)
            guard let base = halves.first, halves.count <= 2 else { return nil }
            var step = 1
            if halves.count == 2 {
                guard let written = number(halves[1]), written > 0 else { return nil }
                step = min(written, 64)
            }
            if base == "*" {
                return stride(from: range.lowerBound, through: range.upperBound, by: step)
            }
            let ends = base.split(separator: "-", omittingEmptySubsequences: false)
            let values = ends.compactMap { value($0) }
            guard let first = values.first, values.count == ends.count, values.count <= 2 else {
                return nil
            }
            // A single start with a step goes on to the end: `5/15` is `5-59/15`.
            let last = values.count == 2 ? values[1] : halves.count == 2 ? range.upperBound : first
            return first <= last ? stride(from: first, through: last, by: step) : nil
        }

        private func value(_ text: Substring) -> Int? {
            if let index = names.firstIndex(of: text.lowercased()) {
                return index + range.lowerBound
            }
            guard let value = number(text), range.contains(value) else { return nil }
            return value
        }

        private func number(_ text: Substring) -> Int? {
            text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
        }
    }
}

/// Cron expressions of five fields, as in POSIX `crontab` with steps and names.
enum CronText {
    private struct Field {
        var name: String
        var range: ClosedRange<Int>
        var names: [String] = []
    }

    private static let fields = [
        Field(name: "minute", range: 0...59), Field(name: "hour", range: 0...23),
        Field(name: "day of month", range: 1...31),
        Field(
            name: "month", range: 1...12,
            names: [
                "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
            ]),
        Field(
            name: "day of week", range: 0...7,
            names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
    ]

    /// What is wrong with it; `nil` if nothing.
    static func problem(_ text: String) -> String? {
        let parts = text.split(whereSeparator: \.isWhitespace)
        guard parts.count == fields.count else {
            return "\(parts.count) fields instead of 5"
        }
        for (part, field) in zip(parts, fields) {
            for item in part.split(separator: ",", omittingEmptySubsequences: false) {
                guard isItem(item, field) else {
                    return "`\(item)` is no \(field.name) (\(field.range.lowerBound) to "
                        + "\(field.range.upperBound))"
                }
            }
        }
        return nil
    }

    /// `*`, `5`, `1-5`, `*/15`, `mon-fri`
    private static func isItem(_ item: Substring, _ field: Field) -> Bool {
        let halves = item.split(separator: "/", omittingEmptySubsequences: false)
        guard let base = halves.first, halves.count <= 2 else { return false }
        if halves.count == 2 {
            guard let step = Int(halves[1]), step > 0 else { return false }
        }
        if base == "*" { return true }
        let ends = base.split(separator: "-", omittingEmptySubsequences: false)
        let values = ends.compactMap { value($0, field) }
        guard values.count == ends.count, values.count <= 2 else { return false }
        return values.count < 2 || values[0] <= values[1]
    }

    private static func value(_ text: Substring, _ field: Field) -> Int? {
        if let index = field.names.firstIndex(of: text.lowercased()) {
            return index + field.range.lowerBound
        }
        guard text.allSatisfy({ $0.isASCII && $0.isNumber }), let value = Int(text),
            field.range.contains(value)
        else { return nil }
        return value
    }
}

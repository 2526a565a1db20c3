import PipelineDSL

/// What type the values of a column have in common. Values are shown to it one by one; each rules
/// out the types it does not fit.
struct TypeGuess {
    private var mayBe: Set<Candidate> = Set(Candidate.allCases)
    private var hasNumber = false
    /// Values seen that were not null.
    private(set) var count = 0
    private let options: Options

    enum Candidate: CaseIterable {
        case boolean, bigint, double, date, timestamp, string
    }

    /// How text spells values.
    struct Options {
        var point = UInt8(ascii: ".")
        var timestamp: TimestampFormat?
        var date: TimestampFormat?
    }

    init(_ options: Options) { self.options = options }

    /// The narrowest type that fits all of them; text where nothing was seen.
    var type: DataType {
        if count == 0 { return .string }
        if mayBe.contains(.boolean) { return .boolean }
        if mayBe.contains(.bigint) { return .bigint }
        if mayBe.contains(.double), hasNumber { return .double }
        if mayBe.contains(.date) { return .date }
        if mayBe.contains(.timestamp) { return .timestamp }
        return mayBe.contains(.string) ? .string : .json
    }

    /// A field of CSV.
    mutating func see(text p: UnsafePointer<UInt8>, _ length: Int) {
        count += 1
        keep(.boolean, isTrueOrFalse(p, length))
        keep(.bigint, isPlainNumber(p, length) && ScalarText.int64(p, length) != nil)
        if mayBe.contains(.double) {
            let value =
                isPlainNumber(p, length) ? ScalarText.double(p, length, point: options.point) : nil
            keep(.double, value != nil)
            if value?.isFinite == true { hasNumber = true }
        }
        seeTime(p, length)
    }

    /// A string of JSON, which is never a number.
    mutating func see(string p: UnsafePointer<UInt8>, _ length: Int) {
        count += 1
        rule(out: [.boolean, .bigint, .double])
        seeTime(p, length)
    }

    mutating func seeBoolean() {
        count += 1
        rule(out: [.bigint, .double, .date, .timestamp, .string])
    }

    /// A number of JSON.
    mutating func see(number p: UnsafePointer<UInt8>, _ length: Int) {
        count += 1
        rule(out: [.boolean, .date, .timestamp, .string])
        keep(.bigint, ScalarText.int64(p, length) != nil)
        keep(.double, ScalarText.double(p, length) != nil)
        hasNumber = true
    }

    /// An array or object.
    mutating func seeNested() {
        count += 1
        rule(out: Candidate.allCases)
    }

    private mutating func seeTime(_ p: UnsafePointer<UInt8>, _ length: Int) {
        if mayBe.contains(.date) {
            keep(.date, (options.date?.date(p, length) ?? dateUnlessFormatted(p, length)) != nil)
        }
        if mayBe.contains(.timestamp) {
            let value =
                options.timestamp.map { $0.timestamp(p, length) }
                ?? ScalarText.timestamp(p, length)
                ?? ScalarText.date(p, length).map { _ in 0 }
            keep(.timestamp, value != nil)
        }
    }

    private func dateUnlessFormatted(_ p: UnsafePointer<UInt8>, _ length: Int) -> Int32? {
        options.date == nil ? ScalarText.date(p, length) : nil
    }

    private mutating func keep(_ candidate: Candidate, _ fits: Bool) {
        if !fits { mayBe.remove(candidate) }
    }

    private mutating func rule(out candidates: [Candidate]) { mayBe.subtract(candidates) }

    /// Only the words: `1`, `t` and `no` are as often something else.
    private func isTrueOrFalse(_ p: UnsafePointer<UInt8>, _ length: Int) -> Bool {
        length >= 4 && ScalarText.boolean(p, length) != nil
    }

    /// Not with a zero or a plus in front: `007` and `+49 30` are codes, which a number would lose.
    private func isPlainNumber(_ p: UnsafePointer<UInt8>, _ length: Int) -> Bool {
        let start = length > 0 && p[0] == UInt8(ascii: "-") ? 1 : 0
        guard length > start, p[start] != UInt8(ascii: "+") else { return false }
        guard p[start] == UInt8(ascii: "0"), length > start + 1 else { return true }
        return ScalarText.hexDigit(p[start + 1]).map { $0 > 9 } ?? true
    }
}

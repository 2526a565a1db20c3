import PipelineDSL

/// The keys of JSON objects, in the order in which they first appear, and what their values have in
/// common. Nested values are kept as `json`.
struct JSONSample {
    private var names: [String] = []
    private var positions: [String: Int] = [:]
    private var guesses: [TypeGuess] = []
    private let options: TypeGuess.Options

    init(_ options: TypeGuess.Options) { self.options = options }

    var columns: [SchemaSample.Found] {
        zip(names, guesses).map {
            SchemaSample.Found(name: $0, type: $1.type, isCertain: $1.count > 0)
        }
    }

    /// One object; what is not one (a row that was cut because it is long) tells nothing.
    mutating func see(_ row: [UInt8]) {
        let block = ByteBlock(row)
        let base = UnsafePointer(block.base.assumingMemoryBound(to: UInt8.self))
        var members: [(String, JSONSpan?)] = []
        var cursor = JSONCursor(base, from: 0, end: block.count)
        guard cursor.peek() == UInt8(ascii: "{") else { return }
        do throws(JSONError) {
            try cursor.members(depth: 0) { key, cursor, value in
                var name: [UInt8] = []
                cursor.unescape(key, into: &name)
                members.append((String(decoding: name, as: UTF8.self), value))
            }
        } catch {
            return
        }
        for (name, value) in members {
            guard let position = position(name), let value else { continue }
            see(value, base, &guesses[position])
        }
    }

    private mutating func position(_ name: String) -> Int? {
        if let known = positions[name] { return known }
        guard names.count < SchemaSample.columnLimit else { return nil }
        positions[name] = names.count
        names.append(name)
        guesses.append(TypeGuess(options))
        return names.count - 1
    }

    private func see(
        _ value: JSONSpan, _ base: UnsafePointer<UInt8>, _ guess: inout TypeGuess
    ) {
        switch base[value.from] {
        case UInt8(ascii: "\""):
            // Without the quotes. An escape is in no date.
            let text = ByteBlock(
                UnsafeBufferPointer(start: base, count: value.end)[value.from + 1..<value.end - 1])
            guess.see(string: text.base.assumingMemoryBound(to: UInt8.self), text.count)
        case UInt8(ascii: "{"), UInt8(ascii: "["): guess.seeNested()
        case UInt8(ascii: "t"), UInt8(ascii: "f"): guess.seeBoolean()
        default: guess.see(number: base + value.from, value.end - value.from)
        }
    }
}

/// Reads ASCII text from left to right; nothing it does can go past the end.
struct TextScanner {
    private var rest: Substring.UTF8View

    init(_ text: some StringProtocol) { rest = Substring(text).utf8 }

    var isAtEnd: Bool { rest.isEmpty }
    var remaining: String { String(decoding: rest, as: UTF8.self) }
    var next: UInt8? { rest.first }

    mutating func accept(_ character: Unicode.Scalar) -> Bool {
        guard let byte = rest.first, UInt32(byte) == character.value else { return false }
        rest.removeFirst()
        return true
    }

    /// Exactly that many digits, at most 18.
    mutating func digits(_ count: Int) -> Int? {
        var value = 0
        var copy = rest
        for _ in 0..<min(count, 18) {
            guard let byte = copy.popFirst(), (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        rest = copy
        return value
    }

    /// All digits here, at least one.
    mutating func digitRun() -> String? {
        let run = rest.prefix { (0x30...0x39).contains($0) }
        guard !run.isEmpty else { return nil }
        rest = rest[run.endIndex...]
        return String(decoding: run, as: UTF8.self)
    }

    mutating func sign() -> Bool {
        if accept("-") { return true }
        _ = accept("+")
        return false
    }
}

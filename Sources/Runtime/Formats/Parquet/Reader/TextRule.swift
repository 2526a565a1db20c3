/// What bytes must be to count as text of a type.
enum TextRule: Sendable {
    case any
    case utf8
    case json

    /// Whether the bytes of a value obey; short ASCII needs only a look at its view.
    @inline(__always)
    func allows(_ view: StringView, _ blocks: [ByteBlock]) -> Bool {
        if self == .any || self == .utf8 && view.isShortASCII { return true }
        return view.withBytes(blocks) { bytes in
            guard let start = bytes.bindMemory(to: UInt8.self).baseAddress else {
                return self == .utf8
            }
            guard UTF8Text.isValid(start, bytes.count) else { return false }
            return self == .utf8 || JSONText.isValid(start, bytes.count)
        }
    }

    var reason: InvalidValue.Reason { self == .json ? .notJSON : .notUTF8 }
}

extension StringView {
    /// Length and first bytes share a word, so the length's own bits are left out.
    @inline(__always)
    fileprivate var isShortASCII: Bool {
        isInline && (low & 0x8080_8080_0000_0000 | high & UTF8Text.highBits) == 0
    }
}

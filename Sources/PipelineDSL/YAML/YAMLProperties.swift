/// Anchors and tags in front of a node, which libyaml counts to the node and the tree does not.
enum YAMLProperties {
    enum Count {
        /// Everything that looks like one: a scalar cannot start with `&` or `!` itself.
        case all
        case some(Int)
    }

    static let coreTags = ["!!str", "!!int", "!!float", "!!bool", "!!null", "!!map", "!!seq"]

    /// Offset of the node's own first character.
    static func skip(_ count: Count, from marked: Range<Int>, _ bytes: [UInt8]) -> Int {
        var at = marked.lowerBound
        var left = if case .some(let number) = count { number } else { Int.max }
        while left > 0, at < bytes.count, isProperty(bytes[at]) {
            left -= 1
            at = end(of: at, bytes)
            skipSpace(&at, bytes)
        }
        return at
    }

    static func tagRange(in marked: Range<Int>, _ bytes: [UInt8]) -> Range<Int> {
        var at = marked.lowerBound
        while at < bytes.count, isProperty(bytes[at]) {
            let end = end(of: at, bytes)
            if bytes[at] == UInt8(ascii: "!") { return at..<end }
            at = end
            skipSpace(&at, bytes)
        }
        return marked.lowerBound..<marked.lowerBound
    }

    private static func isProperty(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "&") || byte == UInt8(ascii: "!")
    }

    /// libyaml ends an anchor at the first sign that is no letter, digit, `_` or `-`, a tag at a
    /// blank.
    private static func end(of start: Int, _ bytes: [UInt8]) -> Int {
        let isAnchor = bytes[start] == UInt8(ascii: "&")
        let isVerbatim = start + 1 < bytes.count && bytes[start + 1] == UInt8(ascii: "<")
        var at = start + 1
        while at < bytes.count {
            if isAnchor {
                guard isAnchorByte(bytes[at]) else { break }
            } else {
                if isYAMLBlank(bytes[at]) || YAMLBreak(bytes, at, bytes.count) != nil { break }
                if !isVerbatim, ",[]{}".utf8.contains(bytes[at]) { break }
            }
            at += 1
        }
        return at
    }

    private static func isAnchorByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }

    /// Blanks, line ends and comments.
    private static func skipSpace(_ at: inout Int, _ bytes: [UInt8]) {
        while at < bytes.count {
            if isYAMLBlank(bytes[at]) {
                at += 1
            } else if let lineBreak = YAMLBreak(bytes, at, bytes.count) {
                at += lineBreak.length
            } else if bytes[at] == UInt8(ascii: "#") {
                while at < bytes.count, YAMLBreak(bytes, at, bytes.count) == nil { at += 1 }
            } else {
                return
            }
        }
    }
}

import Glibc

/// Checks on raw text bytes, a word at a time.
package enum UTF8Text {
    package static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// Whether every byte is below 0x80.
    @inline(__always)
    package static func isASCII(_ p: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        let raw = UnsafeRawPointer(p)
        var bits: UInt64 = 0
        var i = 0
        while i &+ 8 <= count {
            bits |= raw.loadUnaligned(fromByteOffset: i, as: UInt64.self)
            i &+= 8
        }
        while i < count {
            bits |= UInt64(p[i])
            i &+= 1
        }
        return bits & highBits == 0
    }

    package static func isValid(_ p: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        firstInvalid(p, count) == nil
    }

    /// Offset of the first byte that is not part of well-formed UTF-8 (Unicode table 3-7: no
    /// overlong forms, no surrogates, nothing past U+10FFFF), or `nil`.
    package static func firstInvalid(_ p: UnsafePointer<UInt8>, _ count: Int) -> Int? {
        let raw = UnsafeRawPointer(p)
        var i = 0
        while i < count {
            if i &+ 8 <= count,
                raw.loadUnaligned(fromByteOffset: i, as: UInt64.self) & highBits == 0
            {
                i &+= 8
                continue
            }
            let length = sequenceLength(p + i, count &- i)
            if length == 0 { return i }
            i &+= length
        }
        return nil
    }

    /// Length of the well-formed sequence at `p`, 0 where there is none.
    @inline(__always)
    package static func sequenceLength(_ p: UnsafePointer<UInt8>, _ available: Int) -> Int {
        let lead = p[0]
        if lead < 0x80 { return 1 }
        if lead < 0xC2 { return 0 }
        if lead < 0xE0 { return available >= 2 && isTail(p[1]) ? 2 : 0 }
        if lead < 0xF0 {
            guard available >= 3, isTail(p[1]), isTail(p[2]) else { return 0 }
            if lead == 0xE0, p[1] < 0xA0 { return 0 }
            if lead == 0xED, p[1] > 0x9F { return 0 }
            return 3
        }
        guard lead < 0xF5, available >= 4, isTail(p[1]), isTail(p[2]), isTail(p[3]) else {
            return 0
        }
        if lead == 0xF0, p[1] < 0x90 { return 0 }
        if lead == 0xF4, p[1] > 0x8F { return 0 }
        return 4
    }

    @inline(__always)
    private static func isTail(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }

    /// How often `byte` occurs. Written so that the compiler vectorises it.
    package static func count(_ byte: UInt8, in p: UnsafePointer<UInt8>, _ count: Int) -> Int {
        var total = 0
        var i = 0
        while i < count {
            let end = min(i &+ 255, count)
            var here: UInt8 = 0
            while i < end {
                here &+= p[i] == byte ? 1 : 0
                i &+= 1
            }
            total &+= Int(here)
        }
        return total
    }

    /// `bytes` for a message: at most 60 of them, what cannot be shown as an escape.
    package static func excerpt(_ bytes: UnsafeRawBufferPointer) -> String {
        let shown = String(decoding: bytes.prefix(60), as: UTF8.self)
        let escaped = shown.unicodeScalars.map { scalar in
            scalar.value < 0x20 || scalar.value == 0x7F
                ? scalar.escaped(asASCII: true) : String(scalar)
        }.joined()
        return bytes.count > 60 ? escaped + "…" : escaped
    }
}

/// Finds bytes in a word: the high bit of each matching byte is set, all other bits are clear.
/// Exact, unlike the shorter trick that may also mark bytes after the first match.
@inline(__always)
package func bytesEqual(_ word: UInt64, _ repeated: UInt64) -> UInt64 {
    let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
    let x = word ^ repeated
    return ~(((x & low) &+ low) | x | low)
}

@inline(__always)
package func repeatedByte(_ byte: UInt8) -> UInt64 { UInt64(byte) &* 0x0101_0101_0101_0101 }

/// A fixed number of bits in 64-bit words, least significant bit first, as Arrow lays out validity
/// and boolean values. Bits past `count` in the last word are always zero.
package struct Bitmap: Sendable, Hashable {
    package private(set) var words: [UInt64]
    package let count: Int

    package init(repeating bit: Bool, count: Int) {
        words = [UInt64](repeating: bit ? ~0 : 0, count: (count + 63) / 64)
        self.count = count
        clearTail()
    }

    /// `words` must hold `(count + 63) / 64` words; bits past `count` are cleared here.
    package init(words: [UInt64], count: Int) {
        precondition(words.count == (count + 63) / 64)
        self.words = words
        self.count = count
        clearTail()
    }

    /// Built 64 bits at a time: one store a word instead of one a bit.
    @inline(__always)
    package init(count: Int, _ bit: (Int) -> Bool) {
        let wordCount = (count + 63) / 64
        self.count = count
        words = [UInt64](unsafeUninitializedCapacity: wordCount) { buffer, initialized in
            for w in 0..<wordCount {
                let base = w &* 64
                let bits = min(64, count &- base)
                var word: UInt64 = 0
                for b in 0..<bits { word |= (bit(base &+ b) ? 1 : 0) &<< UInt64(b) }
                buffer.initializeElement(at: w, to: word)
            }
            initialized = wordCount
        }
    }

    private mutating func clearTail() {
        let used = count & 63
        if used != 0 { words[words.count - 1] &= (1 << UInt64(used)) &- 1 }
    }

    package subscript(index: Int) -> Bool {
        @inline(__always) get { words[index >> 6] &>> UInt64(index & 63) & 1 == 1 }
        @inline(__always) set {
            precondition(index < count)
            let mask: UInt64 = 1 &<< UInt64(index & 63)
            if newValue { words[index >> 6] |= mask } else { words[index >> 6] &= ~mask }
        }
    }

    package var onesCount: Int { words.reduce(0) { $0 &+ $1.nonzeroBitCount } }
    package var allOnes: Bool { onesCount == count }
    package var allZeros: Bool { words.allSatisfy { $0 == 0 } }

    package static func & (a: Bitmap, b: Bitmap) -> Bitmap { a.zip(b) { $0 & $1 } }
    package static func | (a: Bitmap, b: Bitmap) -> Bitmap { a.zip(b) { $0 | $1 } }
    package static func ^ (a: Bitmap, b: Bitmap) -> Bitmap { a.zip(b) { $0 ^ $1 } }
    package static prefix func ~ (a: Bitmap) -> Bitmap {
        Bitmap(words: a.words.map { ~$0 }, count: a.count)
    }
    /// Bits of `self` that are not set in `other`.
    package func subtracting(_ other: Bitmap) -> Bitmap { zip(other) { $0 & ~$1 } }

    @inline(__always)
    private func zip(_ other: Bitmap, _ combine: (UInt64, UInt64) -> UInt64) -> Bitmap {
        precondition(count == other.count)
        let n = words.count
        let combined = [UInt64](unsafeUninitializedCapacity: n) { buffer, initialized in
            words.withUnsafeBufferPointer { a in
                other.words.withUnsafeBufferPointer { b in
                    for i in 0..<n { buffer.initializeElement(at: i, to: combine(a[i], b[i])) }
                }
            }
            initialized = n
        }
        return Bitmap(words: combined, count: count)
    }

    /// Calls `body` with every set index, ascending.
    @inline(__always)
    package func forEachOne(_ body: (Int) -> Void) {
        for (w, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                body(w &* 64 &+ rest.trailingZeroBitCount)
                rest &= rest &- 1
            }
        }
    }

    /// The set indices, ascending.
    package var ones: [UInt32] {
        var indices: [UInt32] = []
        indices.reserveCapacity(onesCount)
        forEachOne { indices.append(UInt32(truncatingIfNeeded: $0)) }
        return indices
    }

    package func gather(_ rows: [UInt32]) -> Bitmap {
        rows.withUnsafeBufferPointer { rows in
            Bitmap(count: rows.count) { self[Int(rows[$0])] }
        }
    }

    package func slice(_ range: Range<Int>) -> Bitmap {
        Bitmap(count: range.count) { self[range.lowerBound &+ $0] }
    }

    /// Intersection of two validities where `nil` is "all valid".
    package static func both(_ a: Bitmap?, _ b: Bitmap?) -> Bitmap? {
        guard let a else { return b }
        guard let b else { return a }
        return a & b
    }
}

/// Random numbers that are addressed rather than drawn: the number of a row depends on the seed, the
/// column's name and the row, and on nothing else. So rows may be made in any order, by any worker.
///
/// The numbers are those of splitmix64 (Steele, Lea, Flood 2014) at a position instead of in turn.
struct RandomStream: Sendable {
    private let key: UInt64

    init(seed: Int64, name: String) {
        key = Self.mix(Self.mix(UInt64(bitPattern: seed)) ^ Self.hash(name))
    }

    private init(key: UInt64) { self.key = key }

    /// Of a part of what this makes, by its name.
    func member(_ name: String) -> RandomStream {
        RandomStream(key: Self.mix(key ^ Self.hash(name)))
    }

    /// FNV-1a: names that differ in one letter start far apart once they are mixed.
    private static func hash(_ name: String) -> UInt64 {
        name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    @inline(__always)
    static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z &>> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z &>> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z &>> 31)
    }

    /// - Parameter draw: which of several numbers of one row.
    @inline(__always)
    func bits(_ row: Int64, draw: UInt64 = 0) -> UInt64 {
        let stream = key ^ (draw &* 0xD6E8_FEB8_6659_FD93)
        return Self.mix(stream &+ (UInt64(bitPattern: row) &+ 1) &* 0x9E37_79B9_7F4A_7C15)
    }

    /// Between 0 and 1, never one of the two.
    @inline(__always)
    func unit(_ row: Int64, draw: UInt64 = 0) -> Double {
        (Double(bits(row, draw: draw) &>> 12) + 0.5) * 0x1p-52
    }

    /// Within `0..<bound`; any number where `bound` is 0, which stands for 2⁶⁴.
    @inline(__always)
    func below(_ bound: UInt64, _ row: Int64, draw: UInt64 = 0) -> UInt64 {
        let bits = bits(row, draw: draw)
        return bound == 0 ? bits : bits.multipliedFullWidth(by: bound).high
    }
}

/// An array whose every element is computed once, without a check an element.
@inline(__always)
func made<T: BitwiseCopyable>(_ count: Int, _ value: (Int) -> T) -> [T] {
    [T](unsafeUninitializedCapacity: count) { buffer, initialized in
        for i in 0..<count { buffer.initializeElement(at: i, to: value(i)) }
        initialized = count
    }
}

extension Int64 {
    /// Towards zero; what does not fit becomes the nearest that does, what is no number 0.
    @inline(__always)
    init(saturating value: Double) {
        if let exact = Int64(exactly: value.rounded(.towardZero)) {
            self = exact
        } else {
            self = value.isNaN ? 0 : value < 0 ? .min : .max
        }
    }

    @inline(__always)
    func saturatingAdd(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }
}

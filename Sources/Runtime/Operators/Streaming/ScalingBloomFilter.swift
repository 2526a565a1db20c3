#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A set of 64-bit hashes that may take a few for members that are not: at most `rate` of them,
/// however many are inserted.
///
/// A series of Bloom filters, each twice as large as the one before and half as likely to err, as in
/// Almeida et al., "Scalable Bloom Filters", 2007. Bits are chosen by double hashing, as in Kirsch and
/// Mitzenmacher, "Less Hashing, Same Performance", 2006.
package struct ScalingBloomFilter: Sendable {
    private struct Filter: Sendable {
        var words: [UInt64]
        let hashCount: Int
        let capacity: Int
        var count = 0

        init(capacity: Int, rate: Double) {
            let bits = Double(capacity) * Filter.bitsPerKey(rate)
            words = [UInt64](repeating: 0, count: max(1, Int(bits / 64) + 1))
            hashCount = Filter.hashCount(rate)
            self.capacity = capacity
        }

        /// ln(1/rate) / ln²2, at which a full filter errs at the rate.
        static func bitsPerKey(_ rate: Double) -> Double { -1.44269504 * log2(rate) }

        static func hashCount(_ rate: Double) -> Int { max(1, Int((-log2(rate)).rounded(.up))) }

        private func position(_ hash: UInt64, _ i: Int) -> (Int, UInt64) {
            // The step is odd, so no two of a key's bits fall together in a power of two.
            let step = (hash &* 0x9E37_79B9_7F4A_7C15) &>> 17 | 1
            let mixed = hash &+ UInt64(truncatingIfNeeded: i) &* step &* 0xD6E8_FEB8_6659_FD93
            let bit = mixed.multipliedFullWidth(by: UInt64(words.count * 64)).high
            return (Int(bit >> 6), 1 << (bit & 63))
        }

        func contains(_ hash: UInt64) -> Bool {
            for i in 0..<hashCount {
                let (word, mask) = position(hash, i)
                if words[word] & mask == 0 { return false }
            }
            return true
        }

        mutating func insert(_ hash: UInt64) {
            for i in 0..<hashCount {
                let (word, mask) = position(hash, i)
                words[word] |= mask
            }
            count += 1
        }
    }

    private static let firstCapacity = 1024
    /// Enough for more hashes than there are.
    private static let maximumFilters = 50

    private let rate: Double
    private var filters: [Filter] = []

    /// - Parameter rate: the share of hashes that are not members but may be taken for it; more than
    ///   0 and less than 1.
    package init(rate: Double) { self.rate = min(max(rate, 1e-12), 0.999) }

    /// Hashes that were inserted.
    package var count: Int { filters.reduce(0) { $0 + $1.count } }

    package var byteCount: Int { filters.reduce(0) { $0 + $1.words.count * 8 } }

    package func contains(_ hash: UInt64) -> Bool {
        // The last holds most.
        filters.reversed().contains { $0.contains(hash) }
    }

    package mutating func insert(_ hash: UInt64) {
        if filters.last.map({ $0.count >= $0.capacity }) ?? true {
            filters.append(Self.filter(filters.count, rate))
        }
        filters[filters.count - 1].insert(hash)
    }

    private static func filter(_ index: Int, _ rate: Double) -> Filter {
        // The halves add up to the rate, less a margin for what double hashing adds.
        var own = rate * 0.4
        for _ in 0..<index { own /= 2 }
        return Filter(capacity: firstCapacity << min(index, 40), rate: own)
    }

    func encode(into bytes: inout [UInt8]) {
        ValueCodec.append(UInt64(filters.count), to: &bytes)
        for filter in filters {
            ValueCodec.append(UInt64(filter.count), to: &bytes)
            filter.words.withUnsafeBytes { bytes.append(contentsOf: $0) }
        }
    }

    init(rate: Double, from reader: inout ByteReader) throws {
        self.init(rate: rate)
        let count = reader.read(UInt64.self)
        guard !reader.isTruncated, count <= UInt64(Self.maximumFilters) else {
            throw BatchCodec.Malformed()
        }
        for index in 0..<Int(count) {
            // A damaged file must not ask for more than it has.
            let size = Double(Self.firstCapacity << min(index, 40))
            guard size / 8 <= Double(reader.left) else { throw BatchCodec.Malformed() }
            var filter = Self.filter(index, self.rate)
            filter.count = Int(truncatingIfNeeded: reader.read(UInt64.self))
            for word in filter.words.indices { filter.words[word] = reader.read(UInt64.self) }
            guard !reader.isTruncated else { throw BatchCodec.Malformed() }
            filters.append(filter)
        }
    }
}

/// The distinct values of a column chunk and, for every value, which of them it is.
struct ValueDictionary {
    let indices: [UInt32]
    /// Where each distinct value stands first.
    let entries: [UInt32]

    var bitWidth: Int { max(1, Self.bits(entries.count - 1)) }

    static func bits(_ highest: Int) -> Int { Int.bitWidth - max(0, highest).leadingZeroBitCount }

    /// Calls `body` with the place of every distinct value that occurs in `range`.
    func forEachUsed(in range: Range<Int>, _ body: (Int) -> Void) {
        var used = [Bool](repeating: false, count: entries.count)
        indices.withUnsafeBufferPointer { indices in
            used.withUnsafeMutableBufferPointer { used in
                for i in range { used[Int(truncatingIfNeeded: indices[i])] = true }
            }
        }
        for entry in entries.indices where used[entry] { body(Int(entries[entry])) }
    }
}

/// An open-addressing table of the values seen so far. Values stay where they are: the table holds
/// hashes and numbers of entries only.
struct DictionaryBuilder {
    private var indices: [UInt32]
    private var filled = 0
    private var entries: [UInt32] = []
    private var hashes: [UInt64] = []
    /// Number of an entry plus one, 0 where there is none; linear probing, at most half full.
    private var slots: [UInt32]
    private var mask: Int
    private let valueCount: Int
    private let plainBytes: Int
    private let limitEntries: Int
    private var nextCheck = 1024
    /// Indices would not be worth it.
    private(set) var isHopeless = false
    private var lastHash: UInt64 = 0
    private var lastEntry: UInt32 = 0

    init(valueCount: Int, plainBytes: Int, limitEntries: Int) {
        self.valueCount = valueCount
        self.plainBytes = plainBytes
        self.limitEntries = limitEntries
        indices = [UInt32](repeating: 0, count: valueCount)
        slots = [UInt32](repeating: 0, count: 2048)
        mask = 2047
        isHopeless = valueCount == 0
    }

    /// Notes value number `index`, which comes after all numbers before. `isEqual` compares it with
    /// an entry. Returns whether it is a new entry.
    @inline(__always)
    mutating func append(_ index: Int, hash key: UInt64, isEqual: (Int) -> Bool) -> Bool {
        if key == lastHash && !entries.isEmpty && isEqual(Int(lastEntry)) {
            indices[index] = lastEntry
            return false
        }
        // The high bits of the product depend on every bit of the key.
        let hash = key &* 0x9E37_79B9_7F4A_7C15
        var slot = Int(truncatingIfNeeded: hash &>> 32) & mask
        while true {
            let found = slots[slot]
            if found == 0 { break }
            let entry = found &- 1
            if hashes[Int(entry)] == hash && isEqual(Int(entry)) {
                indices[index] = entry
                (lastHash, lastEntry) = (key, entry)
                return false
            }
            slot = (slot &+ 1) & mask
        }
        add(index, hash, slot)
        (lastHash, lastEntry) = (key, UInt32(truncatingIfNeeded: entries.count &- 1))
        return true
    }

    @inline(never)
    private mutating func add(_ index: Int, _ hash: UInt64, _ slot: Int) {
        indices[index] = UInt32(truncatingIfNeeded: entries.count)
        entries.append(UInt32(truncatingIfNeeded: index))
        hashes.append(hash)
        slots[slot] = UInt32(truncatingIfNeeded: entries.count)
        if entries.count > limitEntries { isHopeless = true }
        // Where most values are new, they will go on to be.
        if entries.count > nextCheck {
            if entries.count * 2 > index { isHopeless = true }
            nextCheck += nextCheck
        }
        if entries.count * 2 > slots.count { grow() }
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 4)
        mask = slots.count - 1
        for (entry, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash &>> 32) & mask
            while slots[slot] != 0 { slot = (slot &+ 1) & mask }
            slots[slot] = UInt32(truncatingIfNeeded: entry + 1)
        }
    }

    /// `entryBytes` are those of the distinct values in PLAIN encoding.
    func finish(entryBytes: Int) -> ValueDictionary? {
        let dictionary = ValueDictionary(indices: indices, entries: entries)
        let indexBytes = valueCount * dictionary.bitWidth / 8
        let saves = entryBytes + indexBytes < plainBytes - plainBytes / 16
        return saves ? dictionary : nil
    }
}

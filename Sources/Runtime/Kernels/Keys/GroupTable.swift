import PipelineDSL

/// Numbers the distinct keys it meets: 0, 1, 2 … in the order of first appearance. Null equals null.
///
/// Open addressing over a power of two of 64-bit slots (32 bits of the hash, number + 1), probed
/// linearly; the keys themselves lie in a ``KeyStore``. Used by one thread at a time, except that
/// ``find(_:hashes:rows:nullsEqual:)`` may run on many once nothing is inserted any more.
package final class GroupTable: @unchecked Sendable {
    package let types: [DataType]
    private let store: KeyStore
    private var slots: UnsafeMutableBufferPointer<UInt64>
    /// 64 − log₂ of the number of slots: the high bits of a hash choose the slot.
    private var shift: UInt64
    /// Keeps the loads of the prefetching pass from being thrown away.
    private var sink: UInt64 = 0

    /// Keys it holds at most.
    package static let maximumCount = Int(UInt32.max) - 1
    /// Not a group: what ``find(_:hashes:rows:nullsEqual:)`` gives for a key that is not there.
    package static let none = UInt32.max

    package init(types: [DataType], expectedCount: Int = 0) {
        self.types = types
        store = KeyStore(KeyLayout(types))
        var bits: UInt64 = 10
        while bits < 32, (1 << bits) * 5 / 8 < expectedCount { bits += 1 }
        slots = .allocate(capacity: 1 << bits)
        slots.initialize(repeating: 0)
        shift = 64 - bits
    }

    deinit { slots.deallocate() }

    package var count: Int { store.count }

    /// Bytes held.
    package var byteCount: Int { store.byteCount + slots.count * 8 }

    /// At most the bytes held, momentarily, after `rows` more rows of which all are new, with
    /// `stringBytes` in strings: what to ask the budget for beforehand.
    package func byteCountBound(adding rows: Int, stringBytes: Int) -> Int {
        var slots = slots.count
        while count + rows > slots / 8 * 5 { slots *= 2 }
        // While it grows, the slots of the old table are there, too.
        let growth = slots > self.slots.count ? slots * 8 : 0
        return byteCount + growth + store.growthBound(rows: rows, stringBytes: stringBytes)
    }

    package struct Groups: Sendable {
        /// The group of each row, in the order of the rows given.
        package var groups: [UInt32]
        /// Positions in `groups` whose key was new, ascending; their groups are consecutive.
        package var newPositions: [UInt32]

        package var isNew: Bitmap {
            var bits = Bitmap(repeating: false, count: groups.count)
            for position in newPositions { bits[Int(position)] = true }
            return bits
        }

        /// The physical rows that were the first of their key.
        package func newRows(of rows: [UInt32]?) -> [UInt32] {
            rows.map { gatherValues($0, newPositions) } ?? newPositions
        }
    }

    /// The group of each row, made where its key is new.
    ///
    /// - Parameters:
    ///   - keys: one column a key, of `types`.
    ///   - hashes: ``hashRows(_:count:seed:)`` of `keys`, all physical rows.
    ///   - rows: physical rows, `nil` for all.
    /// - Throws: ``RunError`` beyond ``maximumCount`` keys.
    package func findOrInsert(_ keys: [Column], hashes: [UInt64], rows: [UInt32]?) throws -> Groups
    {
        let encoded = EncodedKeys(store.layout, keys, hashes: hashes, rows: rows)
        guard count + encoded.count <= GroupTable.maximumCount else {
            throw RunError(
                .tooManyGroups, "more than \(GroupTable.maximumCount) distinct keys in one table",
                notes: ["group by fewer columns, or bound the input by time"])
        }
        var groups = Groups(
            groups: [UInt32](repeating: 0, count: encoded.count), newPositions: [])
        var from = 0
        while from < encoded.count {
            let to = min(from + GroupTable.chunk, encoded.count)
            insert(encoded, from..<to, hashes: hashes, rows: rows, into: &groups)
            from = to
        }
        return groups
    }

    /// Rows that are probed together, so that their cache misses overlap.
    private static let chunk = 128

    private var limit: Int { slots.count / 8 * 5 }

    private func insert(
        _ encoded: EncodedKeys, _ range: Range<Int>, hashes: [UInt64], rows: [UInt32]?,
        into groups: inout Groups
    ) {
        while count + range.count > limit { grow() }
        store.reserve(range.count)
        let (layout, slots, shift) = (store.layout, slots, shift)
        let mask = slots.count - 1
        encoded.words.withUnsafeBufferPointer { words in
            guard let base = words.baseAddress else { return }
            touch(base, layout.stride, range)
            layout.compared.withUnsafeBufferPointer { compared in
                layout.strings.withUnsafeBufferPointer { strings in
                    for i in range {
                        let row = base + i &* layout.stride
                        let hash = row[0]
                        let tag = hash &<< 16 & 0xFFFF_FFFF_0000_0000
                        var slot = Int(truncatingIfNeeded: hash &>> shift)
                        var group: Int
                        while true {
                            let entry = slots[slot]
                            if entry == 0 {
                                group = store.count
                                store.append(row)
                                slots[slot] = tag | UInt64(truncatingIfNeeded: group &+ 1)
                                groups.newPositions.append(UInt32(truncatingIfNeeded: i))
                                break
                            }
                            group = Int(truncatingIfNeeded: entry & 0xFFFF_FFFF) &- 1
                            if entry & 0xFFFF_FFFF_0000_0000 == tag,
                                KeyLayout.equal(row, store.row(group), compared, strings)
                            {
                                break
                            }
                            slot = (slot &+ 1) & mask
                        }
                        groups.groups[i] = UInt32(truncatingIfNeeded: group)
                    }
                }
            }
        }
    }

    /// Loads the first slot of every row, then the key it points at: independent loads, which the
    /// processor overlaps, where the probing loop would wait for one after the other.
    @inline(__always)
    private func touch(_ base: UnsafePointer<UInt64>, _ stride: Int, _ range: Range<Int>) {
        sink &+= GroupTable.touch(base, stride, range, slots, shift, store)
    }

    @inline(__always)
    private static func touch(
        _ base: UnsafePointer<UInt64>, _ stride: Int, _ range: Range<Int>,
        _ slots: UnsafeMutableBufferPointer<UInt64>, _ shift: UInt64, _ store: KeyStore
    ) -> UInt64 {
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: range.count) { entries in
            for (k, i) in range.enumerated() {
                entries[k] = slots[Int(truncatingIfNeeded: base[i &* stride] &>> shift)]
            }
            var sum: UInt64 = 0
            for (k, i) in range.enumerated() {
                let tag = base[i &* stride] &<< 16 & 0xFFFF_FFFF_0000_0000
                guard entries[k] != 0, entries[k] & 0xFFFF_FFFF_0000_0000 == tag else { continue }
                sum &+= store.row(Int(truncatingIfNeeded: entries[k] & 0xFFFF_FFFF) &- 1)[0]
            }
            return sum
        }
    }

    private func grow() {
        let larger = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: slots.count * 2)
        larger.initialize(repeating: 0)
        shift -= 1
        let mask = larger.count - 1
        for group in 0..<store.count {
            let hash = store.row(group)[0]
            var slot = Int(truncatingIfNeeded: hash &>> shift)
            while larger[slot] != 0 { slot = (slot &+ 1) & mask }
            larger[slot] =
                hash &<< 16 & 0xFFFF_FFFF_0000_0000 | UInt64(truncatingIfNeeded: group &+ 1)
        }
        slots.deallocate()
        slots = larger
    }

    /// The group of each row, ``none`` where its key is not there. Inserts nothing.
    ///
    /// - Parameter nullsEqual: `false` for joins: a key with a null in it matches nothing.
    package func find(
        _ keys: [Column], hashes: [UInt64], rows: [UInt32]?, nullsEqual: Bool = false
    ) -> [UInt32] {
        let encoded = EncodedKeys(store.layout, keys, hashes: hashes, rows: rows)
        let layout = store.layout
        let mask = slots.count - 1
        return [UInt32](unsafeUninitializedCapacity: encoded.count) { out, initialized in
            initialized = encoded.count
            encoded.words.withUnsafeBufferPointer { words in
                guard let base = words.baseAddress else { return }
                layout.compared.withUnsafeBufferPointer { compared in
                    layout.strings.withUnsafeBufferPointer { strings in
                        for i in 0..<encoded.count {
                            let row = base + i &* layout.stride
                            let tag = row[0] &<< 16 & 0xFFFF_FFFF_0000_0000
                            var slot = Int(truncatingIfNeeded: row[0] &>> shift)
                            var found = GroupTable.none
                            while slots[slot] != 0, nullsEqual || !layout.hasNull(row) {
                                let entry = slots[slot]
                                let group = Int(truncatingIfNeeded: entry & 0xFFFF_FFFF) &- 1
                                if entry & 0xFFFF_FFFF_0000_0000 == tag,
                                    KeyLayout.equal(row, store.row(group), compared, strings)
                                {
                                    found = UInt32(truncatingIfNeeded: group)
                                    break
                                }
                                slot = (slot &+ 1) & mask
                            }
                            out.initializeElement(at: i, to: found)
                        }
                    }
                }
            }
        }
    }

    /// The keys of the groups in `range`, one column a key: for output, spilling and checkpoints
    /// (inserted into an empty table in this order, they get the same numbers).
    package func keyColumns(_ range: Range<Int>) -> [Column] {
        store.columns(range.clamped(to: 0..<count))
    }
}

import Glibc

/// A row of JSON that did not become one.
struct JSONBadRecord {
    enum Fault {
        case syntax(JSONError)
        case notAnObject
        case tooLong
        /// Where the first such key stands.
        case unknownKey(Range<Int>)
    }
    var start: Int
    var end: Int
    var fault: Fault
}

/// The first of two stages: all of the syntax is checked, and where the wanted values stand is
/// written into a matrix. No value is looked at.
struct JSONFieldScan {
    private let keys: JSONKeys
    private let maxRecordBytes: Int
    private let refusesUnknown: Bool
    let width: Int
    let capacity: Int
    /// `rows × width` packed ``JSONSpan``s; 0 is null or absent.
    let values: UnsafeMutablePointer<UInt64>
    private(set) var starts: [UInt32] = []
    private(set) var ends: [UInt32] = []
    private(set) var bad: [JSONBadRecord] = []

    /// `capacity` rows at a time. Free it with ``deallocate()``.
    init(_ plan: JSONPlan, capacity: Int) {
        self.capacity = capacity
        keys = plan.keys
        maxRecordBytes = plan.options.maxRecordBytes
        refusesUnknown = plan.refusesUnknown
        width = plan.fields.count
        values = .allocate(capacity: max(1, width * capacity))
    }

    func deallocate() { values.deallocate() }

    var rowCount: Int { starts.count }

    func span(_ row: Int, _ column: Int) -> JSONSpan? {
        let packed = values[row &* width &+ column]
        return packed == 0 ? nil : JSONSpan(packed: packed)
    }

    /// Reads rows from `from` until there are `capacity` of them; returns where to go on.
    ///
    /// Throws only where the framing is not lines: there nothing after the mistake can be trusted.
    mutating func scan(
        _ base: UnsafePointer<UInt8>, _ from: Int, _ end: Int, _ framing: JSONFraming
    ) throws(JSONError) -> Int {
        starts.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        bad.removeAll(keepingCapacity: true)
        if framing == .lines { return scanLines(base, from, end) }
        var cursor = JSONCursor(base, from: from, end: end)
        while rowCount < capacity {
            cursor.skipSpace()
            if cursor.i == end {
                if framing == .elements { throw cursor.expected("a value") }
                return end
            }
            try row(&cursor)
            if framing == .elements {
                cursor.skipSpace()
                if cursor.i == end { return end }
                guard cursor.take(UInt8(ascii: ",")) else { throw cursor.expected("`,` or `]`") }
                if cursor.peek() == 0, cursor.i == end { throw cursor.expected("a value") }
            }
        }
        return cursor.i
    }

    private mutating func scanLines(_ base: UnsafePointer<UInt8>, _ from: Int, _ end: Int) -> Int {
        var position = from
        while position < end, rowCount < capacity {
            let lineEnd = CSVSyntax.find(UInt8(ascii: "\n"), base, position, end) ?? end
            var cursor = JSONCursor(base, from: position, end: lineEnd)
            cursor.skipSpace()
            defer { position = lineEnd + 1 }
            if lineEnd - position > maxRecordBytes {
                bad.append(JSONBadRecord(start: position, end: lineEnd, fault: .tooLong))
                continue
            }
            if cursor.i == lineEnd { continue }
            let rows = rowCount
            do throws(JSONError) {
                try row(&cursor)
                try cursor.finish()
            } catch {
                if rowCount > rows {
                    starts.removeLast()
                    ends.removeLast()
                } else if !bad.isEmpty, bad[bad.count - 1].start >= position {
                    bad.removeLast()
                }
                bad.append(JSONBadRecord(start: position, end: lineEnd, fault: .syntax(error)))
            }
        }
        return min(position, end)
    }

    /// One value: a row where it is an object.
    @inline(__always)
    private mutating func row(_ cursor: inout JSONCursor) throws(JSONError) {
        let isObject = cursor.peek() == UInt8(ascii: "{")
        let start = cursor.i
        guard isObject else {
            try cursor.skipValue()
            bad.append(JSONBadRecord(start: start, end: cursor.i, fault: .notAnObject))
            return
        }
        let slots = values + rowCount &* width
        memset(slots, 0, width &* MemoryLayout<UInt64>.size)
        let keys = self.keys
        var unknown: Range<Int>?
        try cursor.members(depth: 0) { key, cursor, value in
            let column = keys.column(key, cursor)
            if column >= 0 {
                slots[column] = value?.packed ?? 0
            } else if unknown == nil {
                unknown = key.from..<key.end
            }
        }
        if refusesUnknown, let unknown {
            bad.append(JSONBadRecord(start: start, end: cursor.i, fault: .unknownKey(unknown)))
            return
        }
        starts.append(UInt32(truncatingIfNeeded: start))
        ends.append(UInt32(truncatingIfNeeded: cursor.i))
    }
}

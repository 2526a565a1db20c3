import PipelineDSL

/// What the values of a column lie within, both ends included.
package enum KeyRange: Codable, Sendable, Hashable {
    /// Numbers without a fraction, dates, times.
    case integers(Int64, Int64)
    /// In the order of their bytes.
    case texts(String, String)

    /// Text is not kept at any length; a range without a short upper end is none.
    private static let longestText = 128

    /// `nil` where there is a null, or values that have no such order here: they may be anything.
    init?(_ column: Column, rows: [UInt32]) {
        guard let first = rows.first,
            column.validity == nil || !rows.contains(where: { column.isNull(Int($0)) })
        else { return nil }
        switch column.values {
        case .int32(let values):
            let ends = KeyRange.ends(rows) { values[$0] }
            self = .integers(Int64(ends.0), Int64(ends.1))
        case .int64(let values):
            let ends = KeyRange.ends(rows) { values[$0] }
            self = .integers(ends.0, ends.1)
        case .strings(let values) where column.type == .string:
            var (least, most) = (Int(first), Int(first))
            for row in rows {
                if KeyRange.compare(values, Int(row), least) < 0 { least = Int(row) }
                if KeyRange.compare(values, Int(row), most) > 0 { most = Int(row) }
            }
            let ends = (values.string(least), values.string(most))
            guard ends.0.utf8.count <= KeyRange.longestText,
                ends.1.utf8.count <= KeyRange.longestText
            else { return nil }
            self = .texts(ends.0, ends.1)
        default: return nil
        }
    }

    private static func ends<T: Comparable>(_ rows: [UInt32], _ value: (Int) -> T) -> (T, T) {
        var (least, most) = (value(Int(rows[0])), value(Int(rows[0])))
        for row in rows {
            let value = value(Int(row))
            if value < least { least = value }
            if value > most { most = value }
        }
        return (least, most)
    }

    private static func compare(_ texts: Strings, _ a: Int, _ b: Int) -> Int {
        StringView.compare(texts.views[a], texts.blocks, texts.views[b], texts.blocks)
    }

    /// What covers both; `nil` where they are not of one kind.
    func union(_ other: KeyRange) -> KeyRange? {
        switch (self, other) {
        case (.integers(let a, let b), .integers(let c, let d)):
            return .integers(min(a, c), max(b, d))
        case (.texts(let a, let b), .texts(let c, let d)):
            return .texts(KeyRange.precedes(a, c) ? a : c, KeyRange.precedes(b, d) ? d : b)
        default: return nil
        }
    }

    /// Whether a value may lie in both.
    func overlaps(_ other: KeyRange) -> Bool {
        switch (self, other) {
        case (.integers(let a, let b), .integers(let c, let d)): return a <= d && c <= b
        case (.texts(let a, let b), .texts(let c, let d)):
            return !KeyRange.precedes(d, a) && !KeyRange.precedes(b, c)
        default: return true
        }
    }

    private static func precedes(_ a: String, _ b: String) -> Bool {
        a.utf8.lexicographicallyPrecedes(b.utf8)
    }
}

/// The ranges of the columns of a key, over some rows.
struct KeyRanges: Sendable {
    /// `nil` for a column that may be anything.
    private(set) var columns: [KeyRange?]
    private(set) var isEmpty = true

    init(columnCount: Int) { columns = Array(repeating: nil, count: columnCount) }

    mutating func add(_ batch: Batch, _ keys: [Int]) {
        guard batch.count > 0 else { return }
        let rows = batch.rows
        add(keys.map { KeyRange(batch.columns[$0], rows: rows) })
    }

    mutating func add(_ other: KeyRanges) {
        if !other.isEmpty { add(other.columns) }
    }

    private mutating func add(_ ranges: [KeyRange?]) {
        if isEmpty {
            columns = ranges
        } else {
            columns = zip(columns, ranges).map { a, b in
                a.flatMap { a in b.flatMap { a.union($0) } }
            }
        }
        isEmpty = false
    }

    /// Whether a file may hold a row with a key of these.
    func mayMeet(_ file: TableManifest.File) -> Bool {
        guard !isEmpty else { return false }
        guard let ranges = file.keys, ranges.count == columns.count else { return true }
        return zip(columns, ranges).allSatisfy { mine, theirs in
            guard let mine, let theirs else { return true }
            return mine.overlaps(theirs)
        }
    }
}

import PipelineDSL

/// What of a record's bytes may be shown: the values of columns with personal data give way to
/// the name of their class, `<email>`. A record that cannot be taken apart is not shown at all.
///
/// It belongs to the file, not to the node that rejects a row: whatever later steps rename or drop,
/// the bytes are those of the file.
struct RawRedaction: Sendable {
    private enum Shape: Sendable {
        /// The class of each field of the file, `nil` for plain ones.
        case csv(CSVSyntax, classes: [String?])
        /// The class of each column that a key may mean.
        case json(JSONKeys, classes: [String?])
    }

    private let shape: Shape

    /// `nil` where nothing needs it.
    init?(_ columns: [CSVPlan.BoundColumn], width: Int, _ syntax: CSVSyntax) {
        var classes = [String?](repeating: nil, count: width)
        for column in columns {
            if let index = column.index, classes.indices.contains(index) {
                classes[index] = classes[index] ?? column.field.pii
            }
        }
        guard classes.contains(where: { $0 != nil }) else { return nil }
        shape = .csv(syntax, classes: classes)
    }

    /// `nil` where nothing needs it.
    init?(_ fields: [Field], _ keys: JSONKeys) {
        guard fields.contains(where: { $0.pii != nil }) else { return nil }
        shape = .json(keys, classes: fields.map(\.pii))
    }

    /// What stands for a record that cannot be shown.
    static func hidden(_ count: Int) -> [UInt8] {
        Array("<\(count) bytes with personal data>".utf8)
    }

    /// What stands for one value.
    static func mark(_ piiClass: String) -> [UInt8] { Array("<\(piiClass)>".utf8) }

    func redacted(_ bytes: some Collection<UInt8>) -> [UInt8] {
        // A block, because scans read some bytes past the end.
        let block = ByteBlock(bytes)
        let base = UnsafePointer(block.base.assumingMemoryBound(to: UInt8.self))
        let shown = withExtendedLifetime(block) {
            switch shape {
            case .csv(let syntax, let classes): csv(base, block.count, syntax, classes)
            case .json(let keys, let classes): json(base, block.count, keys, classes)
            }
        }
        return shown ?? RawRedaction.hidden(block.count)
    }

    private func csv(
        _ base: UnsafePointer<UInt8>, _ count: Int, _ syntax: CSVSyntax, _ classes: [String?]
    ) -> [UInt8]? {
        guard let cells = syntax.cells(base, 0, count), cells.count == classes.count else {
            return nil
        }
        var out: [UInt8] = []
        for (index, cell) in cells.enumerated() {
            if index > 0 { out.append(syntax.delimiter) }
            // That nothing is there may be seen: it is often the very reason.
            if let piiClass = classes[index], !cell.bytes.isEmpty {
                out += RawRedaction.mark(piiClass)
            } else {
                out += UnsafeBufferPointer(start: base, count: count)[cell.bytes]
            }
        }
        return out
    }

    private func json(
        _ base: UnsafePointer<UInt8>, _ count: Int, _ keys: JSONKeys, _ classes: [String?]
    ) -> [UInt8]? {
        var cursor = JSONCursor(base, from: 0, end: count)
        guard cursor.peek() == UInt8(ascii: "{") else { return nil }
        var hidden: [(Range<Int>, String)] = []
        do throws(JSONError) {
            try cursor.members(depth: 0) { key, cursor, value in
                let column = keys.column(key, cursor)
                guard column >= 0, let piiClass = classes[column], let value else { return }
                hidden.append((value.from..<value.end, piiClass))
            }
            try cursor.finish()
        } catch {
            return nil
        }
        var out: [UInt8] = []
        var position = 0
        let bytes = UnsafeBufferPointer(start: base, count: count)
        for (range, piiClass) in hidden {
            out += bytes[position..<range.lowerBound]
            out.append(UInt8(ascii: "\""))
            out += RawRedaction.mark(piiClass)
            out.append(UInt8(ascii: "\""))
            position = range.upperBound
        }
        return out + bytes[position...]
    }
}

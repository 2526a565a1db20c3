import Glibc
import PipelineDSL

/// A value that does not fit; `column` counts the wanted columns, -1 is the whole row.
struct CSVValueFault {
    var row: UInt32
    var column: Int32
    var fault: CSVFault
}

/// The second of two stages: one column after another, from the bytes of its fields straight into
/// the column's array. The type is looked at once a column, strings stay where they are.
struct CSVColumnDecoder {
    let plan: CSVPlan
    let block: ByteBlock
    let base: UnsafePointer<UInt8>
    let ends: UnsafeMutablePointer<UInt32>
    let starts: UnsafeMutablePointer<UInt32>
    let rows: Int
    // What every field asks for, out of reach of reference counting.
    private let width: Int
    private let trims: Bool
    private let emptyIsNull: Bool
    private let hasOtherNulls: Bool
    private let quotedNulls: Bool
    private(set) var faults: [CSVValueFault] = []

    init(_ plan: CSVPlan, _ block: ByteBlock, _ scan: CSVFieldScan) {
        self.plan = plan
        self.block = block
        base = UnsafePointer(block.base.assumingMemoryBound(to: UInt8.self))
        ends = scan.ends
        starts = scan.starts
        rows = scan.rowCount
        width = plan.width
        trims = plan.options.syntax.trims
        emptyIsNull = plan.emptyIsNull
        hasOtherNulls = !plan.otherNulls.isEmpty
        quotedNulls = plan.options.quotedNulls
    }

    mutating func reject(row: Int, column: Int = -1, _ fault: CSVFault) {
        faults.append(
            CSVValueFault(
                row: UInt32(truncatingIfNeeded: row), column: Int32(truncatingIfNeeded: column),
                fault: fault))
    }

    /// Column `c` of the wanted ones.
    mutating func column(_ c: Int) -> Column {
        let bound = plan.columns[c]
        let type = bound.field.type
        guard let index = bound.index else { return .nulls(type, count: rows) }
        switch type {
        case .bigint:
            let (values, validity) = scalars(c, index, 0) { ScalarText.int64($0, $1) }
            return Column(type, .int64(values), validity: validity)
        case .integer:
            let (values, validity) = scalars(c, index, 0) { ScalarText.int32($0, $1) }
            return Column(type, .int32(values), validity: validity)
        case .double: return double(c, index)
        case .timestamp: return timestamp(c, index)
        case .string: return strings(c, index)
        default: return rarer(type, c, index)
        }
    }

    private mutating func double(_ c: Int, _ index: Int) -> Column {
        let point = plan.options.decimal
        let (values, validity) =
            point == UInt8(ascii: ".")
            ? scalars(c, index, 0) { ScalarText.double($0, $1) }
            : scalars(c, index, 0) { ScalarText.double($0, $1, point: point) }
        return Column(.double, .float64(values), validity: validity)
    }

    private mutating func timestamp(_ c: Int, _ index: Int) -> Column {
        let (values, validity) =
            if let format = plan.options.timestampFormat {
                scalars(c, index, Int64(0)) { format.timestamp($0, $1) }
            } else {
                scalars(c, index, Int64(0)) { ScalarText.timestamp($0, $1) }
            }
        return Column(.timestamp, .int64(values), validity: validity)
    }

    private mutating func rarer(_ type: DataType, _ c: Int, _ index: Int) -> Column {
        let point = plan.options.decimal
        switch type {
        case .boolean:
            let (values, validity) = scalars(c, index, false) { ScalarText.boolean($0, $1) }
            return Column(type, .boolean(Bitmap(count: rows) { values[$0] }), validity: validity)
        case .real:
            let (values, validity) = scalars(c, index, Float(0)) {
                ScalarText.real($0, $1, point: point)
            }
            return Column(type, .float32(values), validity: validity)
        case .decimal(let precision, let scale):
            let (values, validity) = scalars(c, index, Int128(0)) {
                ScalarText.decimal($0, $1, precision: precision, scale: scale, point: point)
            }
            return Column(type, .int128(values), validity: validity)
        case .uuid:
            let (values, validity) = scalars(c, index, Int128(0)) { ScalarText.uuid($0, $1) }
            return Column(type, .int128(values), validity: validity)
        case .date:
            let format = plan.options.dateFormat
            let (values, validity) = scalars(c, index, Int32(0)) {
                if let format { format.date($0, $1) } else { ScalarText.date($0, $1) }
            }
            return Column(type, .int32(values), validity: validity)
        case .time:
            let (values, validity) = scalars(c, index, Int64(0)) { ScalarText.time($0, $1) }
            return Column(type, .int64(values), validity: validity)
        case .json: return strings(c, index) { JSONText.isValid($0, $1) }
        case .bytes: return bytes(c, index)
        default: return nested(type, c, index)
        }
    }
}

extension CSVColumnDecoder {
    /// Where a field's content is. `isNull` is decided here too.
    private struct Content {
        var from: Int
        var end: Int
        var isQuoted = false
        /// Whether a quote of its text is written twice.
        var hasDoubled = false
    }

    /// Takes off quotes, and padding where `trims`.
    @inline(__always)
    private func content(_ row: Int, _ index: Int, trims: Bool) -> Content {
        let slot = ends + (row &* width &+ index)
        let mark = slot[0]
        var from =
            index == 0
            ? Int(starts[row]) : Int(slot[-1] & CSVFieldScan.positionMask) &+ 1
        var end = Int(mark & CSVFieldScan.positionMask)
        let isQuoted = mark & CSVFieldScan.quotedBit != 0
        if isQuoted {
            if self.trims { (from, end) = trimmed(from, end) }
            (from, end) = (from &+ 1, end &- 1)
        }
        if trims { (from, end) = trimmed(from, end) }
        return Content(
            from: from, end: end, isQuoted: isQuoted,
            hasDoubled: mark & CSVFieldScan.doubledBit != 0)
    }

    @inline(__always)
    private func trimmed(_ from: Int, _ end: Int) -> (Int, Int) {
        var (from, end) = (from, end)
        while from < end, base[from] == 0x20 || base[from] == 0x09 { from &+= 1 }
        while from < end, base[end &- 1] == 0x20 || base[end &- 1] == 0x09 { end &-= 1 }
        return (from, end)
    }

    @inline(__always)
    private func isNull(_ field: Content) -> Bool {
        if field.isQuoted, !quotedNulls { return false }
        if field.from == field.end { return emptyIsNull }
        return hasOtherNulls && isOtherNull(field)
    }

    @inline(never)
    private func isOtherNull(_ field: Content) -> Bool {
        let count = field.end - field.from
        return plan.otherNulls.contains { spelling in
            spelling.count == count && memcmp(spelling, base + field.from, count) == 0
        }
    }

    /// Nulls of a column: invalid where they may be, faults where not.
    private mutating func validity(_ c: Int, nulls: [UInt32]) -> Bitmap? {
        if nulls.isEmpty { return nil }
        if !plan.columns[c].field.nullable {
            for row in nulls { reject(row: Int(row), column: c, .null) }
            return nil
        }
        var bits = Bitmap(repeating: true, count: rows)
        for row in nulls { bits[Int(row)] = false }
        return bits
    }

    /// Every type whose values have a fixed width.
    @inline(__always)
    private mutating func scalars<T: BitwiseCopyable>(
        _ c: Int, _ index: Int, _ zero: T, _ parse: (UnsafePointer<UInt8>, Int) -> T?
    ) -> ([T], Bitmap?) {
        var nulls: [UInt32] = []
        var wrong: [UInt32] = []
        let values = [T](unsafeUninitializedCapacity: rows) { target, initialized in
            for row in 0..<rows {
                let field = content(row, index, trims: true)
                var value = zero
                if isNull(field) {
                    nulls.append(UInt32(truncatingIfNeeded: row))
                } else if let parsed = parse(base + field.from, field.end &- field.from) {
                    value = parsed
                } else {
                    wrong.append(UInt32(truncatingIfNeeded: row))
                }
                target.initializeElement(at: row, to: value)
            }
            initialized = rows
        }
        for row in wrong { reject(row: Int(row), column: c, .wrongType) }
        return (values, validity(c, nulls: nulls))
    }

    /// Views into the block itself; only fields with doubled quotes are copied.
    @inline(__always)
    private mutating func strings(
        _ c: Int, _ index: Int, _ isValid: ((UnsafePointer<UInt8>, Int) -> Bool)? = nil
    ) -> Column {
        var nulls: [UInt32] = []
        var arena = StringsBuilder()
        var copy: [UInt8] = []
        let views = [StringView](unsafeUninitializedCapacity: rows) { target, initialized in
            for row in 0..<rows {
                let field = content(row, index, trims: trims)
                var view = StringView.empty
                if isNull(field) {
                    nulls.append(UInt32(truncatingIfNeeded: row))
                } else if field.hasDoubled {
                    unescape(field, into: &copy)
                    view = arena.intern(second: copy)
                } else {
                    view = StringView(
                        padded: base + field.from, count: field.end &- field.from, block: 0,
                        offset: field.from)
                }
                target.initializeElement(at: row, to: view)
            }
            initialized = rows
        }
        let strings = Strings(views: views, blocks: [block] + arena.finish().blocks)
        let validity = validity(c, nulls: nulls)
        if let isValid {
            for row in 0..<rows where validity?[row] ?? true {
                let fits = views[row].withBytes(strings.blocks) {
                    isValid($0.baseAddress!.assumingMemoryBound(to: UInt8.self), $0.count)
                }
                if !fits { reject(row: row, column: c, .wrongType) }
            }
        }
        return Column(plan.columns[c].field.type, .strings(strings), validity: validity)
    }

    /// Copies the content without the first of each two quotes.
    @inline(never)
    private func unescape(_ field: Content, into copy: inout [UInt8]) {
        let quote = plan.options.syntax.quote
        copy.removeAll(keepingCapacity: true)
        var i = field.from
        while i < field.end {
            copy.append(base[i])
            i += base[i] == quote ? 2 : 1
        }
    }

    /// Arrays, structs and maps are written as JSON.
    private mutating func nested(_ type: DataType, _ c: Int, _ index: Int) -> Column {
        let text = strings(c, index)
        guard case .strings(let strings) = text.values else { return text }
        var json: [UInt8] = []
        var spans: [JSONSpan?] = []
        for row in 0..<rows {
            guard text.validity?[row] ?? true else {
                spans.append(nil)
                continue
            }
            let from = json.count
            strings.views[row].withBytes(strings.blocks) { json.append(contentsOf: $0) }
            spans.append(JSONSpan(from: from, end: json.count))
        }
        json.append(0)
        return json.withUnsafeBufferPointer { buffer in
            let base = buffer.baseAddress!
            let builder = JSONColumnBuilder(type, JSONLeaf(base: base), plan.jsonOptions)
            for (row, span) in spans.enumerated() {
                let value = span.flatMap { JSONText.value(base, $0) }
                let isWrong = builder.append(value) != nil
                if isWrong || (span != nil && value == nil) {
                    reject(row: row, column: c, .wrongType)
                }
            }
            return builder.finish()
        }
    }

    private mutating func bytes(_ c: Int, _ index: Int) -> Column {
        let text = strings(c, index)
        guard case .strings(let strings) = text.values else { return text }
        var builder = StringsBuilder(capacity: rows)
        var copy: [UInt8] = []
        for row in 0..<rows {
            copy.removeAll(keepingCapacity: true)
            let fits = strings.views[row].withBytes(strings.blocks) {
                ScalarText.bytes(
                    $0.baseAddress!.assumingMemoryBound(to: UInt8.self), $0.count, into: &copy)
            }
            if !fits { reject(row: row, column: c, .wrongType) }
            copy.withUnsafeBytes { builder.append($0) }
        }
        return Column(.bytes, .strings(builder.finish()), validity: text.validity)
    }
}

extension StringsBuilder {
    /// A view of a copy that will be found when the arenas follow one other block.
    mutating func intern(second bytes: [UInt8]) -> StringView {
        var view = bytes.withUnsafeBytes { intern($0) }
        if !view.isInline { view.high &+= 1 }
        return view
    }
}

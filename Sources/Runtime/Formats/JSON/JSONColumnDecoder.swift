import PipelineDSL

/// The second of two stages: one column after another, from the bytes of its values into arrays.
struct JSONColumnDecoder {
    let plan: JSONPlan
    let block: ByteBlock
    let scan: JSONFieldScan
    let leaf: JSONLeaf
    let rows: Int
    private(set) var faults: [(row: Int, column: Int, fault: JSONValueFault)] = []

    init(_ plan: JSONPlan, _ block: ByteBlock, _ scan: JSONFieldScan) {
        self.plan = plan
        self.block = block
        self.scan = scan
        leaf = JSONLeaf(base: UnsafePointer(block.base.assumingMemoryBound(to: UInt8.self)))
        rows = scan.rowCount
    }

    mutating func column(_ c: Int) -> Column {
        let type = plan.fields[c].type
        let leaf = self.leaf
        switch type {
        case .bigint:
            let (values, validity) = scalars(c, Int64(0)) { leaf.int64($0) }
            return Column(type, .int64(values), validity: validity)
        case .integer:
            let (values, validity) = scalars(c, Int32(0)) { leaf.int32($0) }
            return Column(type, .int32(values), validity: validity)
        case .double:
            let (values, validity) = scalars(c, 0.0) { leaf.double($0) }
            return Column(type, .float64(values), validity: validity)
        case .timestamp:
            let (values, validity) =
                if let format = plan.options.timestampFormat {
                    scalars(c, Int64(0)) { leaf.timestamp($0, format) }
                } else {
                    scalars(c, Int64(0)) { leaf.timestamp($0) }
                }
            return Column(type, .int64(values), validity: validity)
        case .string, .json: return strings(c)
        default: return rarer(type, c)
        }
    }

    private mutating func rarer(_ type: DataType, _ c: Int) -> Column {
        let leaf = self.leaf
        switch type {
        case .boolean:
            let (values, validity) = scalars(c, false) { leaf.boolean($0) }
            return Column(type, .boolean(Bitmap(count: rows) { values[$0] }), validity: validity)
        case .real:
            let (values, validity) = scalars(c, Float(0)) { leaf.real($0) }
            return Column(type, .float32(values), validity: validity)
        case .decimal(let precision, let scale):
            let (values, validity) = scalars(c, Int128(0)) {
                leaf.decimal($0, precision: precision, scale: scale)
            }
            return Column(type, .int128(values), validity: validity)
        case .uuid:
            let (values, validity) = scalars(c, Int128(0)) { leaf.uuid($0) }
            return Column(type, .int128(values), validity: validity)
        case .date:
            let format = plan.options.dateFormat
            let (values, validity) = scalars(c, Int32(0)) { leaf.date($0, format) }
            return Column(type, .int32(values), validity: validity)
        case .time:
            let (values, validity) = scalars(c, Int64(0)) { leaf.time($0) }
            return Column(type, .int64(values), validity: validity)
        default: return built(type, c)
        }
    }
}

extension JSONColumnDecoder {
    private mutating func reject(_ row: UInt32, _ c: Int, _ fault: JSONValueFault) {
        faults.append((Int(row), c, fault))
    }

    private mutating func rejectWrong(_ row: UInt32, _ c: Int) {
        let type = plan.fields[c].type
        guard let span = scan.span(Int(row), c) else { return }
        let isKind = JSONLeaf.accepts(type, leaf.kind(span))
        reject(
            row, c,
            JSONValueFault(kind: isKind ? .wrongValue : .wrongKind, expected: type, span: span))
    }

    /// Nulls of a column: invalid where they may be, faults where not.
    private mutating func validity(_ c: Int, nulls: [UInt32]) -> Bitmap? {
        if nulls.isEmpty { return nil }
        if !plan.fields[c].nullable {
            for row in nulls {
                reject(row, c, JSONValueFault(kind: .null, expected: plan.fields[c].type))
            }
            return nil
        }
        var bits = Bitmap(repeating: true, count: rows)
        for row in nulls { bits[Int(row)] = false }
        return bits
    }

    @inline(__always)
    private mutating func scalars<T: BitwiseCopyable>(
        _ c: Int, _ zero: T, _ parse: (JSONSpan) -> T?
    ) -> ([T], Bitmap?) {
        var nulls: [UInt32] = []
        var wrong: [UInt32] = []
        let (slots, width) = (scan.values + c, scan.width)
        let values = [T](unsafeUninitializedCapacity: rows) { target, initialized in
            for row in 0..<rows {
                let packed = slots[row &* width]
                var value = zero
                if packed == 0 {
                    nulls.append(UInt32(truncatingIfNeeded: row))
                } else if let parsed = parse(JSONSpan(packed: packed)) {
                    value = parsed
                } else {
                    wrong.append(UInt32(truncatingIfNeeded: row))
                }
                target.initializeElement(at: row, to: value)
            }
            initialized = rows
        }
        for row in wrong { rejectWrong(row, c) }
        return (values, validity(c, nulls: nulls))
    }

    /// Views into the block itself; only text with escapes is copied.
    private mutating func strings(_ c: Int) -> Column {
        let isJSON = plan.fields[c].type == .json
        var nulls: [UInt32] = []
        var wrong: [UInt32] = []
        var arena = StringsBuilder()
        let (slots, width, leaf) = (scan.values + c, scan.width, self.leaf)
        let views = [StringView](unsafeUninitializedCapacity: rows) { target, initialized in
            for row in 0..<rows {
                let packed = slots[row &* width]
                var view = StringView.empty
                if packed == 0 {
                    nulls.append(UInt32(truncatingIfNeeded: row))
                } else {
                    var span = JSONSpan(packed: packed)
                    if !isJSON, leaf.kind(span) != .string {
                        wrong.append(UInt32(truncatingIfNeeded: row))
                    } else if !isJSON, span.isEscaped {
                        view = arena.intern(second: leaf.unescaped(span))
                    } else {
                        if !isJSON { (span.from, span.end) = (span.from &+ 1, span.end &- 1) }
                        view = StringView(
                            padded: leaf.base + span.from, count: span.end &- span.from, block: 0,
                            offset: span.from)
                    }
                }
                target.initializeElement(at: row, to: view)
            }
            initialized = rows
        }
        for row in wrong { rejectWrong(row, c) }
        let strings = Strings(views: views, blocks: [block] + arena.finish().blocks)
        return Column(
            plan.fields[c].type, .strings(strings), validity: validity(c, nulls: nulls))
    }

    /// Types that need a builder: nested ones and bytes.
    private mutating func built(_ type: DataType, _ c: Int) -> Column {
        let builder = JSONColumnBuilder(type, leaf, plan.options)
        let nullable = plan.fields[c].nullable
        for row in 0..<rows {
            let span = scan.span(row, c)
            if let fault = builder.append(span) {
                reject(UInt32(truncatingIfNeeded: row), c, fault)
            } else if span == nil, !nullable {
                reject(
                    UInt32(truncatingIfNeeded: row), c, JSONValueFault(kind: .null, expected: type))
            }
        }
        return builder.finish()
    }
}

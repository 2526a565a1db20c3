import PipelineDSL

extension CastTable {
    static func fromText(_ to: DataType) -> BoundKernel? {
        switch to {
        case .boolean: booleans
        case .integer: parsed { integer($0, $1).flatMap(Int32.init(exactly:)) }
        case .bigint: parsed { integer($0, $1) }
        case .real: parsed { ScalarText.real($0, $1) }
        case .double: parsed { ScalarText.double($0, $1) }
        case .decimal(let precision, let scale):
            parsed { decimal($0, $1, precision: precision, scale: scale) }
        case .date: parsed { date($0, $1) }
        case .time: parsed { ScalarText.time($0, $1) }
        case .timestamp: parsed { ScalarText.timestamp($0, $1) }
        case .uuid: parsed { ScalarText.uuid($0, $1) }
        case .interval: parsed { interval($0, $1) }
        case .json: checkedJSON
        case .bytes: bytes
        case .string, .array, .map, .structure, .null: nil
        }
    }

    @inline(__always)
    private static func parsed<T: ColumnElement>(
        _ parse: @escaping @Sendable (UnsafePointer<UInt8>, Int) -> T?
    ) -> BoundKernel {
        BoundKernel { call in
            call.withStrings(0) { strings in
                call.values(of: T.self) { row, out in
                    let (p, count) = trimmed(strings, row)
                    guard count > 0, let value = parse(p, count) else { return .fault(.badCast) }
                    out = value
                    return .value
                }
            }
        }
    }

    /// Without blanks around it.
    @inline(__always)
    static func trimmed(_ strings: StringAccess, _ row: Int) -> (UnsafePointer<UInt8>, Int) {
        let p = strings.pointer(row)
        var (from, to) = (0, strings.view(row).count)
        @inline(__always) func isBlank(_ byte: UInt8) -> Bool {
            byte == 0x20 || (byte >= 0x09 && byte <= 0x0D)
        }
        while from < to, isBlank(p[from]) { from &+= 1 }
        while to > from, isBlank(p[to &- 1]) { to &-= 1 }
        return (p + from, to &- from)
    }

    private static let booleans = BoundKernel { call in
        call.withStrings(0) { strings in
            call.bits { row, out in
                let (p, count) = trimmed(strings, row)
                guard let value = ScalarText.boolean(p, count) else { return .fault(.badCast) }
                out = value
                return .value
            }
        }
    }

    /// As PostgreSQL, a fraction is refused; so is an exponent.
    @inline(__always)
    private static func integer(_ p: UnsafePointer<UInt8>, _ count: Int) -> Int64? {
        ScalarText.int64(p, count)
    }

    /// Digits beyond the scale are rounded, half away from zero.
    private static func decimal(
        _ p: UnsafePointer<UInt8>, _ count: Int, precision: Int, scale: Int
    ) -> Int128? {
        if let exact = ScalarText.decimal(p, count, precision: precision, scale: scale) {
            return exact
        }
        // As many digits as there are; a text of more than 38 of them is no decimal.
        for more in stride(from: 38, to: scale, by: -1) {
            guard let wide = ScalarText.decimal(p, count, precision: 38, scale: more),
                let value = DecimalMath.rescale(wide, from: more, to: scale)
            else { continue }
            return DecimalMath.fits(value, precision: precision) ? value : nil
        }
        return nil
    }

    private static func interval(_ p: UnsafePointer<UInt8>, _ count: Int) -> Interval? {
        Interval(String(decoding: UnsafeBufferPointer(start: p, count: count), as: UTF8.self))
    }

    /// Also the day of a timestamp.
    private static func date(_ p: UnsafePointer<UInt8>, _ count: Int) -> Int32? {
        if let date = ScalarText.date(p, count) { return date }
        return ScalarText.timestamp(p, count).flatMap {
            Int32(exactly: CivilTime.split($0).day)
        }
    }

    private static let checkedJSON = BoundKernel { call in
        call.withStrings(0) { strings in
            var collector = RowCollector(count: call.count)
            call.forEachValid { row in
                if !JSONText.isValid(strings.pointer(row), strings[row].count) {
                    collector.note(.fault(.badCast), row)
                }
            }
            return collector.result(call.arguments[0].column.values)
        }
    }

    private static let bytes = BoundKernel { call in
        call.withStrings(0) { strings in
            call.texts { row, out in
                ScalarText.bytes(strings.pointer(row), strings[row].count, into: &out)
                    ? .value : .fault(.badCast)
            }
        }
    }
}

import PipelineDSL

/// Conversions between types. Text is read by ``ScalarText`` and written by ``ValueText``, as in
/// CSV, so a cell and a cast never disagree.
///
/// | from → to | rule (PostgreSQL's unless said otherwise) |
/// |---|---|
/// | text → anything | blanks around it are ignored; all of the rest must be read |
/// | anything → text | reads back to the same value |
/// | double, real → integers | to the nearest, a half to the even one |
/// | decimal → integers, decimal | to the nearest, a half away from zero |
/// | double, real → decimal | the shortest decimal digits of the number, then as above |
/// | timestamp → date | the day it lies in, also before 1970 |
/// | json → others | a number, boolean or string is read as its text; null gives null |
/// | array, map, struct | element by element |
/// | anything → json | ``JSONWriter`` |
enum CastTable {
    static func kernel(from: DataType, to: DataType) -> BoundKernel? {
        switch (from, to) {
        case (.null, _): return nulls(to)
        case (.string, .string), (.json, .string): return relabelled
        case (.string, _): return fromText(to) ?? fromJSON(to)
        case (_, .string): return toText
        case (.json, _): return fromJSON(to)
        case (_, .json): return toJSON
        default: break
        }
        if from.isNested, to.isNested { return nested(from, to) }
        return numeric(from, to) ?? temporal(from, to) ?? binary(from, to)
    }

    private static func nulls(_ to: DataType) -> BoundKernel {
        BoundKernel(isStrict: false) { call in
            let none = Column.nulls(to, count: call.count)
            return KernelResult(none.values, validity: none.validity)
        }
    }

    /// The same values under another type.
    static let relabelled = BoundKernel { KernelResult($0.arguments[0].column.values) }

    private static let toText = BoundKernel { call in
        let column = call.arguments[0].column
        return call.texts { row, out in
            ValueText.append(column, row, to: &out)
            return .value
        }
    }

    static let toJSON = BoundKernel { call in
        let column = call.arguments[0].column
        return call.texts { row, out in
            JSONWriter.append(column, row, to: &out)
            return .value
        }
    }

    /// `uuid` is sixteen bytes.
    private static func binary(_ from: DataType, _ to: DataType) -> BoundKernel? {
        switch (from, to) {
        case (.uuid, .bytes):
            return BoundKernel { call in
                guard case .int128(let values) = call.arguments[0].column.values else {
                    return KernelResult(.zeros(.bytes, count: call.count))
                }
                return call.texts { row, out in
                    withUnsafeBytes(of: values[row].bigEndian) { out.append(contentsOf: $0) }
                    return .value
                }
            }
        case (.bytes, .uuid):
            return BoundKernel { call in
                call.withStrings(0) { strings in
                    call.values(of: Int128.self) { row, out in
                        let bytes = strings[row]
                        guard bytes.count == 16 else { return .fault(.badCast) }
                        out = Int128(bigEndian: bytes.loadUnaligned(as: Int128.self))
                        return .value
                    }
                }
            }
        default: return nil
        }
    }
}

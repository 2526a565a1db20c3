import PipelineDSL

/// Which types convert to which, and what type several values have in common.
///
/// PostgreSQL's rules where the language does not say otherwise: numbers widen, dates become
/// timestamps, and nothing becomes or stops being text by itself.
public enum TypeRules {
    /// How far a conversion that happens by itself is from none at all, 0; `nil` where there is none.
    static func implicitCost(from: DataType, to: DataType) -> Int? {
        if from == to { return 0 }
        switch (from, to) {
        case (.null, _): return 0
        case (.integer, .bigint), (.date, .timestamp), (.real, .double): return 1
        case (.integer, .decimal), (.bigint, .decimal):
            guard let (precision, scale) = DecimalTypes.parts(to) else { return nil }
            return precision - scale >= (DecimalTypes.parts(from)?.precision ?? 0) ? 2 : nil
        case (.decimal(let p1, let s1), .decimal(let p2, let s2)):
            return s2 >= s1 && p2 - s2 >= p1 - s1 ? 1 : nil
        case (.integer, .double), (.bigint, .double), (.decimal, .double): return 3
        case (.array(let a), .array(let b)): return implicitCost(from: a, to: b)
        case (.map(let k1, let v1), .map(let k2, let v2)):
            guard let key = implicitCost(from: k1, to: k2) else { return nil }
            return implicitCost(from: v1, to: v2).map { $0 + key }
        case (.structure(let a), .structure(let b)):
            guard a.count == b.count else { return nil }
            var total = 0
            for (x, y) in zip(a, b) {
                guard x.name == y.name, y.nullable || !x.nullable,
                    let cost = implicitCost(from: x.type, to: y.type)
                else { return nil }
                total += cost
            }
            return total
        default: return nil
        }
    }

    /// The least type that both convert to by themselves.
    public static func common(_ a: DataType, _ b: DataType) -> DataType? {
        if a == b { return a }
        switch (a, b) {
        case (.null, let other), (let other, .null): return other
        case (.date, .timestamp), (.timestamp, .date): return .timestamp
        case (.array(let x), .array(let y)): return common(x, y).map { .array($0) }
        case (.map(let k1, let v1), .map(let k2, let v2)):
            guard let key = common(k1, k2), let value = common(v1, v2) else { return nil }
            return .map(key, value)
        case (.structure(let x), .structure(let y)): return commonStructure(x, y)
        default: return commonNumber(a, b)
        }
    }

    private static func commonNumber(_ a: DataType, _ b: DataType) -> DataType? {
        guard a.isNumeric, b.isNumeric else { return nil }
        if a.isFloating || b.isFloating { return .double }
        if a.isInteger, b.isInteger { return .bigint }
        guard let (p1, s1) = DecimalTypes.parts(a), let (p2, s2) = DecimalTypes.parts(b) else {
            return nil
        }
        // No digit of the fraction is given up: values that differ must not become equal.
        let scale = max(s1, s2)
        let precision = min(max(p1 - s1, p2 - s2) + scale, DecimalTypes.maximumPrecision)
        return .decimal(precision: precision, scale: scale)
    }

    private static func commonStructure(_ a: [Field], _ b: [Field]) -> DataType? {
        guard a.map(\.name) == b.map(\.name) else { return nil }
        var fields: [Field] = []
        for (x, y) in zip(a, b) {
            guard let type = common(x.type, y.type) else { return nil }
            fields.append(
                Field(x.name, type, nullable: x.nullable || y.nullable, pii: x.pii ?? y.pii))
        }
        return .structure(fields)
    }

    /// Whether values of the type can stand for a type variable of that class.
    public static func belongs(_ type: DataType, to typeClass: TypeClass) -> Bool {
        switch (type, typeClass) {
        case (_, .any): true
        case (.json, _), (.map, _), (.structure, .orderable): false
        case (.array(let element), _): belongs(element, to: typeClass)
        case (.structure(let fields), _): fields.allSatisfy { belongs($0.type, to: typeClass) }
        default: true
        }
    }

    // MARK: Casts that are written

    public enum Cast: Hashable, Sendable {
        /// Every value of the one type is, or rounds to, one of the other.
        case total
        /// Some values do not fit.
        case partial
        case impossible
    }

    public static func cast(from: DataType, to: DataType) -> Cast {
        if from == to || from == .null { return .total }
        switch (from, to) {
        case (.array(let a), .array(let b)): return cast(from: a, to: b)
        case (.map(let k1, let v1), .map(let k2, let v2)):
            return worst(cast(from: k1, to: k2), cast(from: v1, to: v2))
        case (.structure(let a), .structure(let b)): return castStructure(a, b)
        case (_, .string): return .total
        case (.string, .array), (.string, .map), (.string, .structure), (_, .null):
            return .impossible
        case (.string, _): return .partial
        case (.json, .boolean), (.json, .date), (.json, .time), (.json, .timestamp), (.json, .uuid):
            return .partial
        case (.json, _) where to.isNumeric: return .partial
        case (.boolean, .integer), (.boolean, .bigint), (.integer, .boolean), (.bigint, .boolean):
            return .total
        case (.date, .timestamp), (.timestamp, .date), (.timestamp, .time), (.time, .interval):
            return .total
        case _ where from.isNumeric && to.isNumeric: return castNumber(from, to)
        default: return .impossible
        }
    }

    private static func castNumber(_ from: DataType, _ to: DataType) -> Cast {
        switch (from, to) {
        case (.integer, .bigint), (_, .double): return .total
        case (.integer, .real), (.bigint, .real): return .total
        case (_, .real), (.real, _), (.double, _), (.bigint, .integer): return .partial
        default: break
        }
        if case .decimal(let precision, let scale) = from, to.isInteger {
            let room = to == .integer ? 9 : 18
            // Rounding may carry into one more digit.
            return precision - scale + (scale > 0 ? 1 : 0) <= room ? .total : .partial
        }
        guard let (p1, s1) = DecimalTypes.parts(from), let (p2, s2) = DecimalTypes.parts(to) else {
            return .partial
        }
        return p2 - s2 >= p1 - s1 + (s2 < s1 ? 1 : 0) ? .total : .partial
    }

    private static func castStructure(_ a: [Field], _ b: [Field]) -> Cast {
        guard a.count == b.count else { return .impossible }
        return zip(a, b).reduce(.total) { worst($0, cast(from: $1.0.type, to: $1.1.type)) }
    }

    private static func worst(_ a: Cast, _ b: Cast) -> Cast {
        if a == .impossible || b == .impossible { return .impossible }
        return a == .total && b == .total ? .total : .partial
    }
}

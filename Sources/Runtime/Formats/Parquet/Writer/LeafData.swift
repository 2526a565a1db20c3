import PipelineDSL

/// The values of a leaf that are not null, in its physical type, without gaps.
enum LeafData {
    case booleans([UInt8])
    case int32([Int32])
    case int64([Int64])
    case float([Float])
    case double([Double])
    /// Unscaled decimals of `width` bytes.
    case decimals([Int128], width: Int)
    case uuids([Int128])
    case intervals([Interval])
    case strings(StringRun)

    /// `capacity` values are expected.
    init(_ leaf: WriteLeaf, capacity: Int) {
        func empty<T>() -> [T] {
            var values: [T] = []
            values.reserveCapacity(capacity)
            return values
        }
        switch (leaf.layout.physical, leaf.type) {
        case (.boolean, _): self = .booleans(empty())
        case (.int32, _): self = .int32(empty())
        case (.int64, _): self = .int64(empty())
        case (.float, _): self = .float(empty())
        case (.double, _): self = .double(empty())
        case (.byteArray, _), (.int96, _): self = .strings(StringRun(views: empty()))
        case (.fixedLengthByteArray, .uuid): self = .uuids(empty())
        case (.fixedLengthByteArray, .interval): self = .intervals(empty())
        case (.fixedLengthByteArray, _): self = .decimals(empty(), width: leaf.layout.width)
        }
    }

    var count: Int {
        switch self {
        case .booleans(let v): v.count
        case .int32(let v): v.count
        case .int64(let v): v.count
        case .float(let v): v.count
        case .double(let v): v.count
        case .decimals(let v, _), .uuids(let v): v.count
        case .intervals(let v): v.count
        case .strings(let v): v.views.count
        }
    }

    /// Appends the values at `rows` (all of them if `nil`), none of which is null.
    mutating func append(_ column: Column, rows: [UInt32]?, _ leaf: WriteLeaf) throws {
        // Each case empties `self` before it appends, so that the array is not shared and copied.
        switch (self, column.values) {
        case (_, .nulls): break
        case (.booleans(var target), .boolean(let bits)):
            self = .booleans([])
            let picked = rows.map { bits.gather($0) } ?? bits
            for row in 0..<picked.count { target.append(picked[row] ? 1 : 0) }
            self = .booleans(target)
        case (.int32(var target), .int32(let values)):
            self = .int32([])
            Self.append(values, rows, &target)
            self = .int32(target)
        case (.int64(var target), .int64(let values)):
            self = .int64([])
            Self.append(values, rows, &target)
            self = .int64(target)
        case (.float(var target), .float32(let values)):
            self = .float([])
            Self.append(values, rows, &target)
            self = .float(target)
        case (.double(var target), .float64(let values)):
            self = .double([])
            Self.append(values, rows, &target)
            self = .double(target)
        case (.strings(var target), .strings(let strings)):
            self = .strings(StringRun(views: []))
            target.append(strings, rows)
            self = .strings(target)
        case (.intervals(var target), .intervals(let values)):
            self = .intervals([])
            Self.append(values, rows, &target)
            self = .intervals(target)
        case (_, .int128(let values)): try append(values, rows, leaf)
        default:
            throw RunError(
                .parquetNotWritable,
                "`\(leaf.key)` arrives as `\(column.type)` where `\(leaf.type)` is written")
        }
    }

    private mutating func append(_ values: [Int128], _ rows: [UInt32]?, _ leaf: WriteLeaf) throws {
        switch self {
        case .decimals(var target, let width):
            self = .decimals([], width: width)
            Self.append(values, rows, &target)
            self = .decimals(target, width: width)
        case .uuids(var target):
            self = .uuids([])
            Self.append(values, rows, &target)
            self = .uuids(target)
        case .int32(var target):
            self = .int32([])
            try Self.narrow(values, rows, &target, leaf)
            self = .int32(target)
        case .int64(var target):
            self = .int64([])
            try Self.narrow(values, rows, &target, leaf)
            self = .int64(target)
        default:
            throw RunError(
                .parquetNotWritable, "`\(leaf.key)` arrives with 128-bit values for `\(leaf.type)`")
        }
    }

    @inline(__always)
    private static func append<T: BitwiseCopyable>(
        _ values: [T], _ rows: [UInt32]?, _ target: inout [T]
    ) {
        if let rows {
            target.append(contentsOf: gatherValues(values, rows))
        } else {
            target.append(contentsOf: values)
        }
    }

    private static func narrow<T: FixedWidthInteger & BitwiseCopyable>(
        _ values: [Int128], _ rows: [UInt32]?, _ target: inout [T], _ leaf: WriteLeaf
    ) throws {
        for value in rows.map({ gatherValues(values, $0) }) ?? values {
            guard let narrow = T(exactly: value) else { throw leaf.tooManyDigits }
            target.append(narrow)
        }
    }
}

extension WriteLeaf {
    var tooManyDigits: RunError {
        RunError(
            .parquetNotWritable, "`\(key)` has a value of more digits than `\(type)` allows",
            notes: ["`cast` it to a decimal of higher precision"])
    }
}

/// Strings of several columns, whose blocks are numbered anew.
struct StringRun {
    private(set) var views: [StringView] = []
    private(set) var blocks: [ByteBlock] = []
    private(set) var byteCount = 0
    /// The blocks that were registered last, and the number of the first of them.
    private var last: (blocks: [ByteBlock], base: Int) = ([], 0)

    init(views: [StringView]) { self.views = views }

    mutating func append(_ strings: Strings, _ rows: [UInt32]?) {
        let base = register(strings.blocks)
        let shift = UInt64(truncatingIfNeeded: base)
        var bytes = 0
        let source = rows.map { gatherValues(strings.views, $0) } ?? strings.views
        for var view in source {
            if !view.isInline { view.high &+= shift }
            bytes &+= view.count
            views.append(view)
        }
        byteCount += bytes
    }

    /// The number that the first of `new` gets; batches of one file often share their blocks.
    private mutating func register(_ new: [ByteBlock]) -> Int {
        if new.isEmpty { return 0 }
        if new.count == last.blocks.count && zip(new, last.blocks).allSatisfy({ $0 === $1 }) {
            return last.base
        }
        last = (new, blocks.count)
        blocks.append(contentsOf: new)
        return last.base
    }
}

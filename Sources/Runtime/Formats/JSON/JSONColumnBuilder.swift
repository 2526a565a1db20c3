import PipelineDSL

/// What is wrong inside a value.
struct JSONValueFault {
    enum Kind { case null, wrongKind, wrongValue }
    var kind: Kind
    var expected: DataType
    /// From the column on: `.zip`, `[3].name`; empty for the value itself.
    var path = ""
    var span: JSONSpan?

    func inside(_ step: String) -> JSONValueFault {
        var outer = self
        outer.path = step + path
        return outer
    }
}

/// Collects the values of a nested column, one after another, level by level.
///
/// Recursion follows the type, whose depth the spec bounds, never the data. Every `append` adds
/// exactly one row, null where the value does not fit, so levels never get out of step.
final class JSONColumnBuilder {
    private let type: DataType
    private let leaf: JSONLeaf
    private let options: JSONOptions
    private var nulls: [UInt32] = []
    private var count = 0
    private var storage: Storage

    private enum Storage {
        case booleans([Bool])
        case int32([Int32])
        case int64([Int64])
        case float32([Float])
        case float64([Double])
        case int128([Int128])
        case strings(StringsBuilder)
        case list(offsets: [Int32], JSONColumnBuilder)
        case map(offsets: [Int32], keys: JSONColumnBuilder, values: JSONColumnBuilder)
        case structure([Field], JSONKeys, [JSONColumnBuilder])
        case nulls
    }

    init(_ type: DataType, _ leaf: JSONLeaf, _ options: JSONOptions) {
        self.type = type
        self.leaf = leaf
        self.options = options
        storage =
            switch type {
            case .boolean: .booleans([])
            case .integer, .date: .int32([])
            case .bigint, .time, .timestamp: .int64([])
            case .real: .float32([])
            case .double: .float64([])
            case .decimal, .uuid: .int128([])
            case .string, .bytes, .json: .strings(StringsBuilder())
            case .array(let element): .list(offsets: [0], JSONColumnBuilder(element, leaf, options))
            case .map(let key, let value):
                .map(
                    offsets: [0], keys: JSONColumnBuilder(key, leaf, options),
                    values: JSONColumnBuilder(value, leaf, options))
            case .structure(let fields):
                .structure(
                    fields, JSONKeys(fields.enumerated().map { ($1.name, $0) }),
                    fields.map { JSONColumnBuilder($0.type, leaf, options) })
            case .null, .interval: .nulls
            }
    }

    func finish() -> Column {
        var validity: Bitmap?
        if !nulls.isEmpty {
            var bits = Bitmap(repeating: true, count: count)
            for row in nulls { bits[Int(row)] = false }
            validity = bits
        }
        return Column(type, values(), validity: type == .null ? nil : validity)
    }

    private func values() -> Column.Values {
        switch storage {
        case .booleans(let v): return .boolean(Bitmap(count: v.count) { v[$0] })
        case .int32(let v): return .int32(v)
        case .int64(let v): return .int64(v)
        case .float32(let v): return .float32(v)
        case .float64(let v): return .float64(v)
        case .int128(let v): return .int128(v)
        case .strings(var builder): return .strings(builder.finish())
        case .list(let offsets, let items):
            return .list(offsets: offsets, ColumnBox(items.finish()))
        case .map(let offsets, let keys, let values):
            guard case .map(let key, let value) = type else { return .nulls(count: count) }
            let entries = Column(
                .entry(key, value),
                .structure([keys.finish(), values.finish()], count: keys.count))
            return .list(offsets: offsets, ColumnBox(entries))
        case .structure(_, _, let builders):
            return .structure(builders.map { $0.finish() }, count: count)
        case .nulls: return .nulls(count: count)
        }
    }
}

extension JSONColumnBuilder {
    /// Adds the value at `span`, or a null; says what did not fit, if anything.
    func append(_ span: JSONSpan?) -> JSONValueFault? {
        guard let span else {
            appendNull()
            return nil
        }
        switch type {
        case .array: return appendArray(span)
        case .map: return appendMap(span)
        case .structure: return appendStructure(span)
        default: break
        }
        if appendScalar(span) { return nil }
        appendNull()
        return JSONValueFault(
            kind: expectsKind(span) ? .wrongValue : .wrongKind, expected: type, span: span)
    }

    private func appendNull() {
        nulls.append(UInt32(truncatingIfNeeded: count))
        count += 1
        switch storage {
        case .booleans(var v): set(&v, false) { .booleans($0) }
        case .int32(var v): set(&v, 0) { .int32($0) }
        case .int64(var v): set(&v, 0) { .int64($0) }
        case .float32(var v): set(&v, 0) { .float32($0) }
        case .float64(var v): set(&v, 0) { .float64($0) }
        case .int128(var v): set(&v, 0) { .int128($0) }
        case .strings(var v):
            storage = .nulls
            v.appendEmpty()
            storage = .strings(v)
        case .list(var offsets, let items):
            storage = .nulls
            offsets.append(Int32(truncatingIfNeeded: items.count))
            storage = .list(offsets: offsets, items)
        case .map(var offsets, let keys, let values):
            storage = .nulls
            offsets.append(Int32(truncatingIfNeeded: keys.count))
            storage = .map(offsets: offsets, keys: keys, values: values)
        case .structure(_, _, let builders): for builder in builders { builder.appendNull() }
        case .nulls: break
        }
    }

    /// Appends without copying: the array is taken out of the storage first.
    private func set<T>(_ values: inout [T], _ value: T, _ put: ([T]) -> Storage) {
        storage = .nulls
        values.append(value)
        storage = put(values)
    }

    /// `false` where it does not fit; then nothing was added.
    private func appendScalar(_ span: JSONSpan) -> Bool {
        switch (storage, type) {
        case (.booleans(var v), _): return add(leaf.boolean(span), &v) { .booleans($0) }
        case (.int32(var v), .date):
            return add(leaf.date(span, options.dateFormat), &v) { .int32($0) }
        case (.int32(var v), _): return add(leaf.int32(span), &v) { .int32($0) }
        case (.int64(var v), .timestamp):
            let value =
                if let format = options.timestampFormat {
                    leaf.timestamp(span, format)
                } else {
                    leaf.timestamp(span)
                }
            return add(value, &v) { .int64($0) }
        case (.int64(var v), .time): return add(leaf.time(span), &v) { .int64($0) }
        case (.int64(var v), _): return add(leaf.int64(span), &v) { .int64($0) }
        case (.float32(var v), _): return add(leaf.real(span), &v) { .float32($0) }
        case (.float64(var v), _): return add(leaf.double(span), &v) { .float64($0) }
        case (.int128(var v), .decimal(let precision, let scale)):
            let value = leaf.decimal(span, precision: precision, scale: scale)
            return add(value, &v) { .int128($0) }
        case (.int128(var v), _): return add(leaf.uuid(span), &v) { .int128($0) }
        case (.strings(let v), _): return addString(span, v)
        default: return false
        }
    }

    private func add<T>(_ value: T?, _ values: inout [T], _ put: ([T]) -> Storage) -> Bool {
        guard let value else { return false }
        set(&values, value, put)
        count += 1
        return true
    }

    private func addString(_ span: JSONSpan, _ strings: StringsBuilder) -> Bool {
        var strings = strings
        storage = .nulls
        defer { storage = .strings(strings) }
        switch type {
        case .json:
            strings.append(
                UnsafeRawBufferPointer(start: leaf.base + span.from, count: span.end - span.from))
        case .bytes:
            guard let bytes = leaf.bytes(span) else { return false }
            bytes.withUnsafeBytes { strings.append($0) }
        default:
            let added: Void? = leaf.text(span) { p, n in
                strings.append(UnsafeRawBufferPointer(start: p, count: n))
            }
            if added == nil { return false }
        }
        count += 1
        return true
    }

    /// Whether the JSON kind is right, so that the value must be what is wrong.
    private func expectsKind(_ span: JSONSpan) -> Bool { JSONLeaf.accepts(type, leaf.kind(span)) }
}

extension JSONColumnBuilder {
    private func wrongKind(_ span: JSONSpan) -> JSONValueFault {
        appendNull()
        return JSONValueFault(kind: .wrongKind, expected: type, span: span)
    }

    private func appendArray(_ span: JSONSpan) -> JSONValueFault? {
        guard leaf.kind(span) == .array, case .list(var offsets, let items) = storage
        else { return wrongKind(span) }
        var fault: JSONValueFault?
        var cursor = JSONCursor(leaf.base, from: span.from, end: span.end)
        // The scan has checked all of it, so nothing is thrown here.
        try? cursor.elements(depth: 0) { index, value in
            if let inner = items.append(value), fault == nil { fault = inner.inside("[\(index)]") }
        }
        storage = .nulls
        offsets.append(Int32(truncatingIfNeeded: items.count))
        storage = .list(offsets: offsets, items)
        count += 1
        return fault
    }

    /// An object; where a key is repeated, its last value counts.
    private func appendMap(_ span: JSONSpan) -> JSONValueFault? {
        guard leaf.kind(span) == .object, case .map(var offsets, let keys, let values) = storage
        else { return wrongKind(span) }
        var entries: [(key: JSONSpan, name: [UInt8], value: JSONSpan?)] = []
        var places: [[UInt8]: Int] = [:]
        var cursor = JSONCursor(leaf.base, from: span.from, end: span.end)
        try? cursor.members(depth: 0) { text, _, value in
            let key = JSONSpan(from: text.from - 1, end: text.end + 1, isEscaped: text.isEscaped)
            let name = leaf.text(key) { Array(UnsafeBufferPointer(start: $0, count: $1)) } ?? []
            if let place = places[name] {
                entries[place].value = value
            } else {
                places[name] = entries.count
                entries.append((key, name, value))
            }
        }
        var fault: JSONValueFault?
        for entry in entries {
            let step = "[\"\(String(decoding: entry.name, as: UTF8.self))\"]"
            if let inner = keys.appendKey(entry.key), fault == nil { fault = inner.inside(step) }
            if let inner = values.append(entry.value), fault == nil { fault = inner.inside(step) }
        }
        storage = .nulls
        offsets.append(Int32(truncatingIfNeeded: keys.count))
        storage = .map(offsets: offsets, keys: keys, values: values)
        count += 1
        return fault
    }

    /// A map's key is always text in JSON, whatever its type.
    private func appendKey(_ span: JSONSpan) -> JSONValueFault? {
        if JSONLeaf.accepts(type, .string) { return append(span) }
        // The text of the key, without its quotes, is the JSON of a number or boolean.
        let text = JSONSpan(from: span.from + 1, end: span.end - 1)
        if JSONText.isValid(leaf.base + text.from, text.end - text.from) { return append(text) }
        appendNull()
        return JSONValueFault(kind: .wrongValue, expected: type, span: span)
    }

    private func appendStructure(_ span: JSONSpan) -> JSONValueFault? {
        guard leaf.kind(span) == .object,
            case .structure(let fields, let keys, let builders) = storage
        else { return wrongKind(span) }
        var spans = [JSONSpan?](repeating: nil, count: fields.count)
        var cursor = JSONCursor(leaf.base, from: span.from, end: span.end)
        try? cursor.members(depth: 0) { key, cursor, value in
            let column = keys.column(key, cursor)
            if column >= 0 { spans[column] = value }
        }
        var fault: JSONValueFault?
        for (i, builder) in builders.enumerated() {
            let inner = builder.append(spans[i])
            guard fault == nil else { continue }
            if let inner {
                fault = inner.inside(".\(fields[i].name)")
            } else if spans[i] == nil, !fields[i].nullable {
                fault = JSONValueFault(
                    kind: .null, expected: fields[i].type, path: ".\(fields[i].name)")
            }
        }
        count += 1
        return fault
    }
}

extension JSONLeaf {
    /// Whether values of a type are written as this kind of JSON.
    static func accepts(_ type: DataType, _ kind: Kind) -> Bool {
        switch type {
        case .boolean: kind == .boolean
        case .integer, .bigint, .real, .double: kind == .number
        case .decimal: kind == .number || kind == .string
        case .array: kind == .array
        case .map, .structure: kind == .object
        case .json: true
        default: kind == .string
        }
    }
}

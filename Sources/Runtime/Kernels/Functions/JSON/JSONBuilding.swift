import PipelineDSL

extension KernelTable {
    /// Names and values in turn; constant names are escaped once a batch.
    static let jsonObject = BoundKernel(isStrict: false) { call in
        let names = stride(from: 0, to: call.arguments.count - 1, by: 2).map {
            ObjectName(call.arguments[$0])
        }
        return call.texts { row, out in
            out.append(UInt8(ascii: "{"))
            for (index, name) in names.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                guard name.append(row, to: &out) else { return .fault(.argument) }
                call.arguments[index * 2 + 1].appendJSON(row, to: &out)
            }
            out.append(UInt8(ascii: "}"))
            return .value
        }
    }

    static let jsonArray = BoundKernel(isStrict: false) { call in
        call.texts { row, out in
            out.append(UInt8(ascii: "["))
            for (index, argument) in call.arguments.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                argument.appendJSON(row, to: &out)
            }
            out.append(UInt8(ascii: "]"))
            return .value
        }
    }

    static let withoutNulls = BoundKernel { call in
        call.withStrings(0) { texts in
            call.texts { row, out in
                let start = out.count
                var stripper = NullStripper(texts.pointer(row), texts.view(row).count)
                if !stripper.append(to: &out) {
                    // No JSON: it stays what it is.
                    out.removeSubrange(start...)
                    out.append(contentsOf: texts[row])
                }
                return .value
            }
        }
    }
}

/// The name of a member: the same for every row, or a column.
private struct ObjectName {
    private let vector: Vector
    /// `"name":`, where the name is constant.
    private let constant: [UInt8]?

    init(_ vector: Vector) {
        self.vector = vector
        guard vector.isConstant, vector.column.count > 0, !vector.column.isNull(0) else {
            constant = nil
            return
        }
        var bytes: [UInt8] = []
        JSONWriter.append(vector.column, 0, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        constant = bytes
    }

    /// `false` where the name is null.
    func append(_ row: Int, to out: inout [UInt8]) -> Bool {
        if let constant {
            out.append(contentsOf: constant)
            return true
        }
        let at = vector.isConstant ? 0 : row
        guard !vector.column.isNull(at) else { return false }
        JSONWriter.append(vector.column, at, to: &out)
        out.append(UInt8(ascii: ":"))
        return true
    }
}

extension Vector {
    fileprivate func appendJSON(_ row: Int, to out: inout [UInt8]) {
        JSONWriter.append(column, isConstant ? 0 : row, to: &out)
    }
}

/// Copies JSON without the members that are null.
private struct NullStripper {
    private var cursor: JSONCursor
    private let p: UnsafePointer<UInt8>

    init(_ p: UnsafePointer<UInt8>, _ count: Int) {
        self.p = p
        cursor = JSONCursor(p, end: count)
    }

    /// `false` where this is no JSON, or nests deeper than JSON may here; part of it may be there.
    mutating func append(to out: inout [UInt8]) -> Bool {
        do throws(JSONError) {
            try value(&out, depth: 0)
            return true
        } catch { return false }
    }

    /// Recursion is bounded as the depth of all JSON is.
    private mutating func value(_ out: inout [UInt8], depth: Int) throws(JSONError) {
        try cursor.checkDepth(depth)
        switch cursor.peek() {
        case UInt8(ascii: "{"): try object(&out, depth)
        case UInt8(ascii: "["): try array(&out, depth)
        default:
            cursor.skipSpace()
            try copy(from: cursor.i, &out)
        }
    }

    private mutating func copy(from start: Int, _ out: inout [UInt8]) throws(JSONError) {
        try cursor.skipValue()
        out.append(contentsOf: UnsafeBufferPointer(start: p + start, count: cursor.i - start))
    }

    private mutating func object(_ out: inout [UInt8], _ depth: Int) throws(JSONError) {
        _ = cursor.take(UInt8(ascii: "{"))
        out.append(UInt8(ascii: "{"))
        defer { out.append(UInt8(ascii: "}")) }
        if cursor.take(UInt8(ascii: "}")) { return }
        var isFirst = true
        repeat {
            cursor.skipSpace()
            let name = cursor.i
            _ = try cursor.key()
            let end = cursor.i
            if cursor.peek() == UInt8(ascii: "n") {
                try cursor.skipValue()
                continue
            }
            if !isFirst { out.append(UInt8(ascii: ",")) }
            isFirst = false
            out.append(contentsOf: UnsafeBufferPointer(start: p + name, count: end - name))
            try value(&out, depth: depth + 1)
        } while cursor.take(UInt8(ascii: ","))
        guard cursor.take(UInt8(ascii: "}")) else { throw cursor.expected("`,` or `}`") }
    }

    private mutating func array(_ out: inout [UInt8], _ depth: Int) throws(JSONError) {
        _ = cursor.take(UInt8(ascii: "["))
        out.append(UInt8(ascii: "["))
        defer { out.append(UInt8(ascii: "]")) }
        if cursor.take(UInt8(ascii: "]")) { return }
        var isFirst = true
        repeat {
            if !isFirst { out.append(UInt8(ascii: ",")) }
            isFirst = false
            try value(&out, depth: depth + 1)
        } while cursor.take(UInt8(ascii: ","))
        guard cursor.take(UInt8(ascii: "]")) else { throw cursor.expected("`,` or `]`") }
    }
}

import PipelineDSL

extension KernelTable {
    static let stringBuilding: [String: KernelResolver] = [
        "concat": { request in
            switch request.arguments.first {
            case .string?, .bytes?: concatenation
            case .array?: ListKernels.concatenation
            default: nil
            }
        },
        "concat_values": { _ in joining(separated: false) },
        "concat_ws": { _ in joining(separated: true) },
        "replace": { _ in replacement },
        "translate": { _ in translation },
        "overlay": { _ in overlay },
        "lpad": { _ in padding(left: true) },
        "rpad": { _ in padding(left: false) },
        "repeat": { _ in repetition },
        "reverse": { _ in
            BoundKernel { call in
                call.withStrings(0) { texts in
                    call.texts { row, out in
                        let (p, count) = (texts.pointer(row), texts.view(row).count)
                        var end = count
                        while end > 0 {
                            let start = Scalars.offsetFromEnd(1, p, end)
                            for i in start..<end { out.append(p[i]) }
                            end = start
                        }
                        return .value
                    }
                }
            }
        },
    ]

    private static let concatenation = BoundKernel { call in
        call.withStrings(0, 1) { a, b in
            call.texts { row, out in
                out.append(contentsOf: a[row])
                out.append(contentsOf: b[row])
                return .value
            }
        }
    }

    /// Nulls are left out; a null separator gives null.
    private static func joining(separated: Bool) -> BoundKernel {
        BoundKernel(isStrict: false) { call in
            call.texts { row, out in
                var isFirst = true
                var separator: [UInt8] = []
                for (index, argument) in call.arguments.enumerated() {
                    let at = argument.isConstant ? 0 : row
                    if separated, index == 0 {
                        if argument.column.isNull(at) { return .null }
                        ValueText.append(argument.column, at, to: &separator)
                        continue
                    }
                    if argument.column.isNull(at) { continue }
                    if !isFirst { out.append(contentsOf: separator) }
                    isFirst = false
                    ValueText.append(argument.column, at, to: &out)
                }
                return .value
            }
        }
    }

    private static let replacement = BoundKernel { call in
        call.withStrings(1, 2) { olds, news in
            call.withStrings(0) { texts in
                call.texts { row, out in
                    let (p, count) = (texts.pointer(row), texts.view(row).count)
                    let (old, new) = (olds[row], news[row])
                    var from = 0
                    while !old.isEmpty, let at = TextSearch.find(old, in: p, count, from: from) {
                        out.append(
                            contentsOf: UnsafeBufferPointer(start: p + from, count: at - from))
                        out.append(contentsOf: new)
                        if out.count > TextLimits.callBytes { return .fault(.tooLarge) }
                        from = at + old.count
                    }
                    out.append(
                        contentsOf: UnsafeBufferPointer(start: p + from, count: count - from))
                    return .value
                }
            }
        }
    }

    private static let translation = BoundKernel { call in
        call.withStrings(1, 2) { olds, news in
            call.withStrings(0) { texts in
                // Most often both are constant, and the map is made once.
                let isConstant = call.arguments[1].isConstant && call.arguments[2].isConstant
                var map = isConstant ? Translation(olds[0], news[0]) : Translation()
                return call.texts { row, out in
                    if !isConstant { map = Translation(olds[row], news[row]) }
                    map.apply(texts[row], into: &out)
                    return .value
                }
            }
        }
    }

    private static let overlay = BoundKernel { call in
        let starts = call.operand(2, Int64.self)
        let lengths = call.arguments.count > 3 ? call.operand(3, Int64.self) : nil
        return call.withStrings(0, 1) { texts, news in
            call.texts { row, out in
                let (p, count) = (texts.pointer(row), texts.view(row).count)
                let (new, newCount) = (news.pointer(row), news.view(row).count)
                let length = lengths.map { $0[row] } ?? Int64(Scalars.count(new, newCount))
                guard starts[row] > 0 else { return .fault(.argument) }
                let (end, overflow) = (starts[row] &- 1).addingReportingOverflow(length)
                // A negative length repeats what stands before, as in PostgreSQL.
                let from = Scalars.offset(Int(starts[row]) &- 1, p, count)
                let to = Scalars.offset(overflow ? .max : Int(end), p, count)
                out.append(contentsOf: UnsafeBufferPointer(start: p, count: from))
                out.append(contentsOf: UnsafeBufferPointer(start: new, count: newCount))
                out.append(contentsOf: UnsafeBufferPointer(start: p + to, count: count - to))
                return .value
            }
        }
    }

    private static func padding(left: Bool) -> BoundKernel {
        BoundKernel { call in
            let lengths = call.operand(1, Int64.self)
            let hasFill = call.arguments.count > 2
            return call.withStrings(0, hasFill ? 2 : 0) { texts, fills in
                call.texts { row, out in
                    let (p, count) = (texts.pointer(row), texts.view(row).count)
                    guard let wanted = Int(exactly: max(lengths[row], 0)),
                        wanted <= TextLimits.callBytes
                    else { return .fault(.tooLarge) }
                    let have = Scalars.count(p, count)
                    let kept = Scalars.offset(wanted, p, count)
                    let text = UnsafeBufferPointer(start: p, count: min(kept, count))
                    if !left || have >= wanted { out.append(contentsOf: text) }
                    if have < wanted {
                        if hasFill {
                            let fill = UnsafeBufferPointer(
                                start: fills.pointer(row), count: fills.view(row).count)
                            guard pad(fill, wanted - have, &out) else { return .fault(.tooLarge) }
                        } else {
                            out.append(contentsOf: repeatElement(0x20, count: wanted - have))
                        }
                        if left { out.append(contentsOf: text) }
                    }
                    return .value
                }
            }
        }
    }

    /// `false` where the result is too large.
    private static func pad(
        _ fill: UnsafeBufferPointer<UInt8>, _ characters: Int, _ out: inout [UInt8]
    ) -> Bool {
        guard let p = fill.baseAddress, fill.count > 0 else { return true }
        let whole = Scalars.count(p, fill.count)
        guard whole > 0 else { return true }
        var left = characters
        while left > 0 {
            let size = left >= whole ? fill.count : Scalars.offset(left, p, fill.count)
            out.append(contentsOf: UnsafeBufferPointer(start: p, count: size))
            if out.count > TextLimits.callBytes { return false }
            left -= min(left, whole)
        }
        return true
    }

    private static let repetition = BoundKernel { call in
        let times = call.operand(1, Int64.self)
        return call.withStrings(0) { texts in
            call.texts { row, out in
                let text = texts[row]
                let n = max(times[row], 0)
                let (total, overflow) = n.multipliedReportingOverflow(by: Int64(text.count))
                guard !overflow, total <= Int64(TextLimits.callBytes) else {
                    return .fault(.tooLarge)
                }
                if text.isEmpty { return .value }
                for _ in 0..<n { out.append(contentsOf: text) }
                return .value
            }
        }
    }
}

/// Which character becomes which, or nothing.
private struct Translation {
    private var map: [UInt32: [UInt8]] = [:]

    init() {}

    init(_ old: UnsafeRawBufferPointer, _ new: UnsafeRawBufferPointer) {
        let to = Array(String(decoding: new, as: UTF8.self).unicodeScalars)
        let from = String(decoding: old, as: UTF8.self).unicodeScalars
        for (index, scalar) in from.enumerated() where map[scalar.value] == nil {
            map[scalar.value] = index < to.count ? Array(String(to[index]).utf8) : []
        }
    }

    func apply(_ text: UnsafeRawBufferPointer, into out: inout [UInt8]) {
        guard let p = text.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
        var i = 0
        while i < text.count {
            let (scalar, length) = Scalars.decode(p + i, text.count - i)
            if let bytes = map[scalar] {
                out.append(contentsOf: bytes)
            } else {
                out.append(contentsOf: UnsafeBufferPointer(start: p + i, count: length))
            }
            i += length
        }
    }
}

import PipelineDSL

extension KernelTable {
    /// Functions that cut a part out of a text.
    static let stringParts: [String: KernelResolver] = [
        "trim": { trimming($0, start: true, end: true) },
        "ltrim": { trimming($0, start: true, end: false) },
        "rtrim": { trimming($0, start: false, end: true) },
        "substring": { request in
            request.arguments.count == 2 ? substringFrom : substringLength
        },
        "left": { _ in
            BoundKernel { call in
                let counts = call.operand(1, Int64.self)
                return call.slices(of: 0) { row, p, count in
                    let n = Int(counts[row])
                    let end =
                        n >= 0
                        ? Scalars.offset(n, p, count) : Scalars.offsetFromEnd(0 &- n, p, count)
                    return TextSlice(from: 0, count: n == .min ? 0 : end)
                }
            }
        },
        "right": { _ in
            BoundKernel { call in
                let counts = call.operand(1, Int64.self)
                return call.slices(of: 0) { row, p, count in
                    let n = Int(counts[row])
                    if n == .min { return .empty }
                    let start =
                        n >= 0
                        ? Scalars.offsetFromEnd(n, p, count) : Scalars.offset(0 &- n, p, count)
                    return TextSlice(from: start, count: count &- start)
                }
            }
        },
        "split_part": { _ in splitPart },
    ]

    private static func trimming(
        _ request: KernelRequest, start: Bool, end: Bool
    ) -> BoundKernel? {
        if request.arguments.count == 1 {
            return BoundKernel { call in
                call.slices(of: 0) { _, p, count in
                    var (from, to) = (0, count)
                    if start { while from < to, p[from] == 0x20 { from &+= 1 } }
                    if end { while to > from, p[to &- 1] == 0x20 { to &-= 1 } }
                    return TextSlice(from: from, count: to &- from)
                }
            }
        }
        return BoundKernel { call in
            call.withStrings(1) { sets in
                call.slices(of: 0) { row, p, count in
                    let set = sets[row]
                    var (from, to) = (0, count)
                    while start, from < to {
                        let length = Scalars.length(p + from, to &- from)
                        guard contains(set, p + from, length) else { break }
                        from &+= length
                    }
                    while end, to > from {
                        let last = Scalars.offsetFromEnd(1, p, to)
                        guard contains(set, p + last, to &- last) else { break }
                        to = last
                    }
                    return TextSlice(from: from, count: to &- from)
                }
            }
        }
    }

    /// Whether one of the characters of `set` is the one at `p`.
    private static func contains(
        _ set: UnsafeRawBufferPointer, _ p: UnsafePointer<UInt8>, _ length: Int
    ) -> Bool {
        guard let base = set.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return false }
        var i = 0
        while i < set.count {
            let other = Scalars.length(base + i, set.count &- i)
            if other == length, compareBytes(base + i, p, length) == 0 { return true }
            i &+= other
        }
        return false
    }

    private static let substringFrom = BoundKernel { call in
        let starts = call.operand(1, Int64.self)
        return call.slices(of: 0) { row, p, count in
            let from = Scalars.offset(Int(max(starts[row], 1)) &- 1, p, count)
            return TextSlice(from: from, count: count &- from)
        }
    }

    private static let substringLength = BoundKernel { call in
        let starts = call.operand(1, Int64.self)
        let lengths = call.operand(2, Int64.self)
        var faults = Faults()
        var result = call.slices(of: 0) { row, p, count in
            let (start, length) = (starts[row], lengths[row])
            guard length >= 0 else {
                faults.add(row, .argument)
                return .empty
            }
            // Positions from `start` up to, not including, `end`; beyond 64 bits is beyond any text.
            let (sum, overflow) = start.addingReportingOverflow(length)
            let end = overflow ? Int64.max : sum
            guard end > 1, end > start else { return .empty }
            let first = Int(max(start, 1)) &- 1
            let from = Scalars.offset(first, p, count)
            let characters = Int(end &- 1) &- first
            let size = Scalars.offset(characters, p + from, count &- from)
            return TextSlice(from: from, count: size)
        }
        result.faults = faults
        return result
    }

    private static let splitPart = BoundKernel { call in
        let numbers = call.operand(2, Int64.self)
        var faults = Faults()
        var result = call.withStrings(1) { delimiters in
            call.slices(of: 0) { row, p, count in
                let n = numbers[row]
                if n == 0 {
                    faults.add(row, .argument)
                    return .empty
                }
                return part(n, delimiters[row], p, count)
            }
        }
        result.faults = faults
        return result
    }

    /// The `n`-th part, from the end where negative.
    private static func part(
        _ n: Int64, _ delimiter: UnsafeRawBufferPointer, _ p: UnsafePointer<UInt8>, _ count: Int
    ) -> TextSlice {
        // An empty delimiter does not split.
        if delimiter.isEmpty {
            return n == 1 || n == -1 ? TextSlice(from: 0, count: count) : .empty
        }
        var wanted = n
        if n < 0 {
            var parts: Int64 = 1
            var from = 0
            while let at = TextSearch.find(delimiter, in: p, count, from: from) {
                parts += 1
                from = at + delimiter.count
            }
            wanted = n == .min ? 0 : parts + 1 + n
        }
        guard wanted > 0 else { return .empty }
        var from = 0
        for _ in 1..<max(wanted, 1) {
            guard let at = TextSearch.find(delimiter, in: p, count, from: from) else {
                return .empty
            }
            from = at + delimiter.count
        }
        let end = TextSearch.find(delimiter, in: p, count, from: from) ?? count
        return TextSlice(from: from, count: end - from)
    }
}

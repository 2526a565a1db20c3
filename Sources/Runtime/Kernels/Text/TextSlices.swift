import PipelineDSL

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A part of a text: bytes from `from`, `count` of them.
struct TextSlice {
    var from: Int
    var count: Int

    static let empty = TextSlice(from: 0, count: 0)
}

extension KernelCall {
    /// A column whose texts are parts of those of an argument: views into the same blocks, no byte
    /// is copied but those of short strings. `nil` is null.
    @inline(__always)
    func slices(
        of index: Int,
        _ body: (_ row: Int, _ text: UnsafePointer<UInt8>, _ count: Int) -> TextSlice?
    ) -> KernelResult {
        let source = strings(index)
        var collector = RowCollector(count: count)
        var views = [StringView](repeating: .empty, count: count)
        source.withAccess(constant: arguments[index].isConstant) { access in
            views.withUnsafeMutableBufferPointer { views in
                forEachValid { row in
                    let view = access.view(row)
                    let p = access.pointer(row)
                    guard let slice = body(row, p, view.count) else {
                        return collector.setNull(row)
                    }
                    views[row] = view.slice(slice, of: p)
                }
            }
        }
        return collector.result(.strings(Strings(views: views, blocks: source.blocks)))
    }
}

extension StringView {
    /// `p` is where the view's bytes stand.
    @inline(__always)
    func slice(_ slice: TextSlice, of p: UnsafePointer<UInt8>) -> StringView {
        let start = UnsafeRawPointer(p) + slice.from
        if slice.count <= StringView.inlineCapacity {
            return StringView(inline: start, count: slice.count)
        }
        return StringView(start, count: slice.count, block: block, offset: offset &+ slice.from)
    }
}

/// Characters (Unicode scalars) of well-formed UTF-8.
enum Scalars {
    @inline(__always)
    static func isStart(_ byte: UInt8) -> Bool { byte & 0xC0 != 0x80 }

    /// How many there are.
    @inline(__always)
    static func count(_ p: UnsafePointer<UInt8>, _ count: Int) -> Int {
        var n = 0
        for i in 0..<count { n &+= isStart(p[i]) ? 1 : 0 }
        return n
    }

    /// Offset of the `n`-th character from 0; `count` where there are fewer.
    @inline(__always)
    static func offset(_ n: Int, _ p: UnsafePointer<UInt8>, _ count: Int) -> Int {
        if n <= 0 { return 0 }
        if n >= count { return count }
        var left = n
        var i = 0
        while i < count {
            if isStart(p[i]) {
                if left == 0 { return i }
                left &-= 1
            }
            i &+= 1
        }
        return count
    }

    /// Offset of the `n`-th character from the end; 0 where there are fewer.
    static func offsetFromEnd(_ n: Int, _ p: UnsafePointer<UInt8>, _ count: Int) -> Int {
        var left = n
        var i = count
        while i > 0, left > 0 {
            i &-= 1
            if isStart(p[i]) { left &-= 1 }
        }
        return i
    }

    /// Length of the character that starts at `p`, at most `available`.
    @inline(__always)
    static func length(_ p: UnsafePointer<UInt8>, _ available: Int) -> Int {
        let lead = p[0]
        let length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
        return min(length, available)
    }

    /// The scalar at `p` and its length; U+FFFD where the bytes are not UTF-8.
    @inline(__always)
    static func decode(_ p: UnsafePointer<UInt8>, _ available: Int) -> (UInt32, Int) {
        let lead = UInt32(p[0])
        if lead < 0x80 { return (lead, 1) }
        let length = UTF8Text.sequenceLength(p, available)
        switch length {
        case 2: return ((lead & 0x1F) << 6 | UInt32(p[1] & 0x3F), 2)
        case 3: return ((lead & 0x0F) << 12 | UInt32(p[1] & 0x3F) << 6 | UInt32(p[2] & 0x3F), 3)
        case 4:
            return (
                (lead & 0x07) << 18 | UInt32(p[1] & 0x3F) << 12 | UInt32(p[2] & 0x3F) << 6
                    | UInt32(p[3] & 0x3F), 4
            )
        default: return (0xFFFD, 1)
        }
    }
}

enum TextSearch {
    /// Offset of the first occurrence at or after `from`, or `nil`. Linear time.
    @inline(__always)
    static func find(
        _ part: UnsafeRawBufferPointer, in p: UnsafePointer<UInt8>, _ count: Int, from: Int = 0
    ) -> Int? {
        guard part.count > 0 else { return from <= count ? from : nil }
        guard count &- from >= part.count, let needle = part.baseAddress else { return nil }
        let last = count &- part.count
        var at = from
        // Comparisons beyond this are spent on a text made of near matches.
        var budget = 4 &* (count &- from) &+ 256
        while at <= last {
            guard let hit = memchr(p + at, Int32(part[0]), last &- at &+ 1) else { return nil }
            at = UnsafeRawPointer(hit) - UnsafeRawPointer(p)
            var matched = 1
            while matched < part.count, p[at &+ matched] == part[matched] { matched &+= 1 }
            if matched == part.count { return at }
            budget &-= matched
            if budget < 0 {
                return findLinear(
                    needle.assumingMemoryBound(to: UInt8.self), part.count, p, count, from: at)
            }
            at &+= 1
        }
        return nil
    }

    /// Knuth, Morris and Pratt: never looks at a byte of the text twice.
    @inline(never)
    private static func findLinear(
        _ part: UnsafePointer<UInt8>, _ partCount: Int, _ p: UnsafePointer<UInt8>, _ count: Int,
        from: Int
    ) -> Int? {
        var fallback = [Int](repeating: 0, count: partCount)
        var matched = 0
        for i in 1..<max(partCount, 1) {
            while matched > 0, part[i] != part[matched] { matched = fallback[matched - 1] }
            if part[i] == part[matched] { matched += 1 }
            fallback[i] = matched
        }
        matched = 0
        for i in from..<count {
            while matched > 0, p[i] != part[matched] { matched = fallback[matched - 1] }
            if p[i] == part[matched] { matched += 1 }
            if matched == partCount { return i - partCount + 1 }
        }
        return nil
    }

    @inline(__always)
    static func hasPrefix(
        _ part: UnsafeRawBufferPointer, _ p: UnsafePointer<UInt8>, _ count: Int
    ) -> Bool {
        guard part.count <= count else { return false }
        guard let base = part.baseAddress else { return true }
        return compareBytes(p, base, part.count) == 0
    }

    @inline(__always)
    static func hasSuffix(
        _ part: UnsafeRawBufferPointer, _ p: UnsafePointer<UInt8>, _ count: Int
    ) -> Bool {
        guard part.count <= count else { return false }
        guard let base = part.baseAddress else { return true }
        return compareBytes(p + (count &- part.count), base, part.count) == 0
    }
}

import Glibc

/// Copies strings into arenas of its own and yields their views.
package struct StringsBuilder {
    package private(set) var views: [StringView] = []
    private var blocks: [ByteBlock] = []
    private var used = 0
    private let blockBytes: Int

    package init(capacity: Int = 0, blockBytes: Int = 64 * 1024) {
        views.reserveCapacity(capacity)
        self.blockBytes = blockBytes
    }

    package var count: Int { views.count }

    /// Bytes held by the arenas and the views.
    package var byteCount: Int {
        blocks.reduce(0) { $0 + $1.capacity } + views.count * MemoryLayout<StringView>.stride
    }

    @inline(__always)
    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        views.append(intern(bytes))
    }

    package mutating func append(_ string: String) {
        var string = string
        string.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    package mutating func appendEmpty() { views.append(.empty) }

    /// A view of a copy of `bytes`, not appended to the column.
    package mutating func intern(_ bytes: UnsafeRawBufferPointer) -> StringView {
        let n = bytes.count
        guard n > 0, let source = bytes.baseAddress else { return .empty }
        if n <= StringView.inlineCapacity { return StringView(inline: source, count: n) }
        if blocks.isEmpty || blocks[blocks.count - 1].capacity - used < n {
            if let last = blocks.last { last.setCount(used) }
            // Blocks double up to 1 MiB, so a large column has few of them.
            let grown = min(1 << 20, blockBytes << min(blocks.count, 4))
            blocks.append(ByteBlock(capacity: max(grown, n)))
            used = 0
        }
        let block = blocks.count - 1
        memcpy(blocks[block].base + used, source, n)
        defer { used += n }
        return StringView(blocks[block].base + used, count: n, block: block, offset: used)
    }

    package mutating func finish() -> Strings {
        if let last = blocks.last { last.setCount(used) }
        defer { self = StringsBuilder(blockBytes: blockBytes) }
        return Strings(views: views, blocks: blocks)
    }
}

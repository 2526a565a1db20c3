import PipelineDSL

/// The bytes of a column's strings without reference counting in the loop; valid only inside
/// ``Strings/withAccess(constant:_:)``.
struct StringAccess {
    private let views: UnsafePointer<StringView>
    private let bases: UnsafePointer<UnsafeMutableRawPointer>
    /// 0 where one string stands for all rows.
    private let stride: Int

    fileprivate init(
        views: UnsafePointer<StringView>, bases: UnsafePointer<UnsafeMutableRawPointer>, stride: Int
    ) {
        self.views = views
        self.bases = bases
        self.stride = stride
    }

    @inline(__always) func view(_ row: Int) -> StringView { views[row &* stride] }

    @inline(__always)
    func pointer(_ row: Int) -> UnsafePointer<UInt8> {
        let place = views + row &* stride
        let raw: UnsafeRawPointer =
            place.pointee.isInline
            ? UnsafeRawPointer(place) + 4
            : UnsafeRawPointer(bases[place.pointee.block]) + place.pointee.offset
        return raw.assumingMemoryBound(to: UInt8.self)
    }

    @inline(__always)
    subscript(row: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: pointer(row), count: views[row &* stride].count)
    }

    @inline(__always)
    func base(_ view: StringView) -> UnsafeRawPointer {
        UnsafeRawPointer(bases[view.block]) + view.offset
    }
}

extension Strings {
    /// `constant`: row 0 stands for every row.
    @inline(__always)
    func withAccess<R>(constant: Bool = false, _ body: (StringAccess) throws -> R) rethrows -> R {
        let bases = blocks.map(\.base)
        return try withExtendedLifetime(blocks) {
            try views.withUnsafeBufferPointer { views in
                try bases.withUnsafeBufferPointer { bases in
                    // A column without rows or blocks has no address; nothing is read from it.
                    let none = UnsafeMutableRawPointer(bitPattern: 16)!
                    return try withUnsafePointer(to: none) { noBase in
                        try withUnsafePointer(to: StringView.empty) { noView in
                            try body(
                                StringAccess(
                                    views: views.baseAddress ?? noView,
                                    bases: bases.baseAddress ?? noBase, stride: constant ? 0 : 1))
                        }
                    }
                }
            }
        }
    }
}

extension KernelCall {
    /// The strings of an argument; empty ones where it has another layout.
    func strings(_ index: Int) -> Strings {
        if case .strings(let strings) = arguments[index].column.values { return strings }
        return Strings(
            views: [StringView](repeating: .empty, count: arguments[index].column.count), blocks: []
        )
    }

    @inline(__always)
    func withStrings<R>(_ index: Int, _ body: (StringAccess) throws -> R) rethrows -> R {
        try strings(index).withAccess(constant: arguments[index].isConstant, body)
    }

    @inline(__always)
    func withStrings<R>(_ a: Int, _ b: Int, _ body: (StringAccess, StringAccess) throws -> R)
        rethrows -> R
    {
        try withStrings(a) { x in try withStrings(b) { y in try body(x, y) } }
    }

    /// Every row whose arguments are all valid, ascending: for kernels that are dear per row.
    @inline(__always)
    func forEachValid(_ body: (Int) -> Void) {
        if let validity { validity.forEachOne(body) } else { for i in 0..<count { body(i) } }
    }
}

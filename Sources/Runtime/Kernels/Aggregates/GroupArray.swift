import PipelineDSL

/// One fixed-width value a group.
struct GroupArray<T: BitwiseCopyable> {
    private(set) var values: [T] = []
    private let initial: T

    init(_ initial: T) { self.initial = initial }

    mutating func grow(to count: Int) {
        guard count > values.count else { return }
        if count > values.capacity { values.reserveCapacity(max(count, values.count * 2)) }
        values.append(contentsOf: repeatElement(initial, count: count - values.count))
    }

    var byteCount: Int { values.capacity * MemoryLayout<T>.stride }

    subscript(group: Int) -> T {
        @inline(__always) get { values[group] }
        @inline(__always) set { values[group] = newValue }
    }

    @inline(__always)
    mutating func withBuffer<R>(_ body: (UnsafeMutablePointer<T>) -> R) -> R? {
        values.withUnsafeMutableBufferPointer { $0.baseAddress.map(body) }
    }

    func encode(into out: inout [UInt8]) {
        ValueCodec.append(UInt64(values.count), to: &out)
        values.withUnsafeBytes { out.append(contentsOf: $0) }
    }

    mutating func restore(_ reader: inout ByteReader) { values = reader.array(of: T.self) }
}

extension ByteReader {
    /// A count of eight bytes and so many values.
    mutating func array<T: BitwiseCopyable>(of type: T.Type) -> [T] {
        let count = read(UInt64.self)
        guard count <= UInt64(left / max(1, MemoryLayout<T>.stride)) else {
            fail()
            return []
        }
        let bytes = take(Int(count) * MemoryLayout<T>.stride)
        return [T](unsafeUninitializedCapacity: Int(count)) { target, initialized in
            UnsafeMutableRawBufferPointer(target).copyMemory(from: bytes)
            initialized = Int(count)
        }
    }
}

/// Groups that have seen a row, as bytes: a bit would need a read before every write.
typealias SeenGroups = GroupArray<UInt8>

extension SeenGroups {
    /// `nil` where all of `range` have.
    func validity(_ range: Range<Int>) -> Bitmap? {
        let bits = Bitmap(count: range.count) { self[range.lowerBound + $0] != 0 }
        return bits.allOnes ? nil : bits
    }
}

/// Records to append together: their bytes one after the other, without an object for each.
package struct LogBatch: Sendable {
    private var bytes: [UInt8] = []
    private var ends: [(key: Int, data: Int)] = []

    package init() {}

    package var count: Int { ends.count }
    package var byteCount: Int { bytes.count }

    package mutating func add(key: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: key)
        let keyEnd = bytes.count
        bytes.append(contentsOf: data)
        ends.append((keyEnd, bytes.count))
    }

    package mutating func add(key: some Collection<UInt8>, data: some Collection<UInt8>) {
        bytes.append(contentsOf: key)
        let keyEnd = bytes.count
        bytes.append(contentsOf: data)
        ends.append((keyEnd, bytes.count))
    }

    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
    }

    /// Calls `body` with the key and the data of each record, in order.
    func forEach(
        _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws -> Void
    ) rethrows {
        try bytes.withUnsafeBytes { bytes in
            var start = 0
            for end in ends {
                try body(
                    UnsafeRawBufferPointer(rebasing: bytes[start..<end.key]),
                    UnsafeRawBufferPointer(rebasing: bytes[end.key..<end.data]))
                start = end.data
            }
        }
    }

    /// The records at these places, in their order.
    func selecting(_ indices: [Int]) -> LogBatch {
        var result = LogBatch()
        for index in indices where ends.indices.contains(index) {
            let (start, end) = (index == 0 ? 0 : ends[index - 1].data, ends[index])
            result.add(key: bytes[start..<end.key], data: bytes[end.key..<end.data])
        }
        return result
    }
}

/// Where a record was appended.
package struct LogPlace: Hashable, Sendable {
    package var shard: Int
    package var sequence: Int64
}

/// Why a record was not appended; the others of its batch were.
package enum LogPutFailure: Error, Hashable, Sendable {
    /// The shard takes 1,000 records and 1 MiB a second; the same record is taken later.
    case provisionedThroughputExceeded(shard: Int)
    case recordTooLarge(bytes: Int)
    /// No characters, or more than 256.
    case invalidPartitionKey
}

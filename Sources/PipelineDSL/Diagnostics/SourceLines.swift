/// Turns byte and character offsets of one file into positions, in logarithmic time.
///
/// A line ends at `\n`, as editors and ``SourceText`` count; a byte order mark at the start of the
/// file takes no column. Offsets beyond the file are taken as its end.
package struct SourceLines: Sendable {
    package let file: String
    package let bytes: [UInt8]
    /// Bytes of the byte order mark at the start: 3 or 0.
    package let markLength: Int
    /// Offset of the first byte of each line.
    private let starts: [Int]
    /// Scalars that start before byte `k * stride`, for each `k`.
    private let scalarCounts: [Int]

    private static let stride = 256

    package init(file: String, bytes: [UInt8]) {
        self.file = file
        self.bytes = bytes
        markLength = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        var starts = [markLength]
        var counts: [Int] = []
        counts.reserveCapacity(bytes.count / Self.stride + 1)
        var scalars = 0
        for offset in bytes.indices {
            if offset % Self.stride == 0 { counts.append(scalars) }
            let byte = bytes[offset]
            if byte & 0xC0 != 0x80 { scalars += 1 }
            if byte == UInt8(ascii: "\n") { starts.append(offset + 1) }
        }
        if bytes.count % Self.stride == 0 { counts.append(scalars) }
        self.starts = starts
        scalarCounts = counts
    }

    package var lineCount: Int { starts.count }

    package func position(_ offset: Int) -> SourcePosition {
        let offset = min(max(offset, markLength), bytes.count)
        let line = lineIndex(offset)
        return SourcePosition(
            line: line + 1, column: 1 + scalars(before: offset) - scalars(before: starts[line]),
            offset: offset)
    }

    package func span(_ start: Int, _ end: Int) -> SourceSpan {
        SourceSpan(file: file, start: position(start), end: position(max(start, end)))
    }

    package func span(_ range: Range<Int>) -> SourceSpan {
        span(range.lowerBound, range.upperBound)
    }

    /// Byte offset of the character with this index; indices count scalars, the mark left out.
    package func offset(ofScalar index: Int) -> Int {
        let target = index + (markLength > 0 ? 1 : 0)
        var low = 0
        var high = scalarCounts.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if scalarCounts[middle] <= target { low = middle } else { high = middle - 1 }
        }
        var offset = low * Self.stride
        var scalars = scalarCounts[low]
        while offset < bytes.count {
            if bytes[offset] & 0xC0 != 0x80 {
                if scalars == target { return offset }
                scalars += 1
            }
            offset += 1
        }
        return bytes.count
    }

    /// Bytes of a line (counted from 1) without its line end; empty where there is no such line.
    package func line(_ number: Int) -> ArraySlice<UInt8> {
        guard number >= 1, number <= starts.count else { return [] }
        let start = starts[number - 1]
        var end = number < starts.count ? starts[number] - 1 : bytes.count
        if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        return bytes[start..<max(start, end)]
    }

    private func lineIndex(_ offset: Int) -> Int {
        var low = 0
        var high = starts.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if starts[middle] <= offset { low = middle } else { high = middle - 1 }
        }
        return low
    }

    private func scalars(before offset: Int) -> Int {
        let block = min(offset / Self.stride, scalarCounts.count - 1)
        var count = scalarCounts[block]
        for byte in bytes[(block * Self.stride)..<offset] where byte & 0xC0 != 0x80 { count += 1 }
        return count
    }
}

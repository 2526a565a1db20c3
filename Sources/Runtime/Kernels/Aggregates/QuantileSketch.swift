#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif
import PipelineDSL

/// `approx_percentile`: a merging t-digest (Dunning, "Computing extremely accurate quantiles using
/// t-digests", 2019; scale function k₁, compression 200). At most some 200 centroids a group, finest
/// at the tails; exact up to 512 values.
///
/// Values wait in a buffer of fixed length, so the result depends on their order but not on how they
/// were cut into batches.
final class QuantileSketchAccumulator: Accumulator {
    private struct Digest {
        var centroids: [Centroid] = []
        var buffer: [Double] = []
        var count = 0.0
    }

    private struct Centroid: BitwiseCopyable {
        var mean: Double
        var weight: Double
    }

    private let fraction: Double
    private var digests: [Digest] = []
    private static let compression = 200.0
    private static let bufferLength = 512

    init(fraction: Double) { self.fraction = fraction }

    func grow(to groupCount: Int) {
        while digests.count < groupCount { digests.append(Digest()) }
    }

    func add(_ rows: RowGroups, _ columns: [Column]) {
        guard case .float64(let values)? = columns.first?.values else { return }
        rows.forEach { row, group in
            digests[group].buffer.append(FloatOrder.canonical(values[row]))
            if digests[group].buffer.count >= QuantileSketchAccumulator.bufferLength {
                QuantileSketchAccumulator.flush(&digests[group])
            }
        }
    }

    private static func flush(_ digest: inout Digest) {
        guard !digest.buffer.isEmpty else { return }
        let all =
            (digest.centroids + digest.buffer.map { Centroid(mean: $0, weight: 1) })
            .sorted { FloatOrder.key($0.mean) < FloatOrder.key($1.mean) }
        digest.count += Double(digest.buffer.count)
        digest.buffer.removeAll(keepingCapacity: true)
        digest.centroids = merged(all, count: digest.count)
    }

    private static func merged(_ sorted: [Centroid], count: Double) -> [Centroid] {
        var result: [Centroid] = []
        var current = sorted[0]
        var before = 0.0
        var limit = count * upper(0)
        for next in sorted.dropFirst() {
            let isSame = next.mean == current.mean
            if before + current.weight + next.weight <= limit || isSame,
                next.mean.isFinite || isSame
            {
                current.weight += next.weight
                if !isSame {
                    current.mean += (next.mean - current.mean) * next.weight / current.weight
                }
            } else {
                before += current.weight
                limit = count * upper(before / count)
                result.append(current)
                current = next
            }
        }
        result.append(current)
        return result
    }

    /// The greatest q that a centroid starting at `q` may reach: k₁(q') − k₁(q) = 1.
    private static func upper(_ q: Double) -> Double {
        let k = compression / (2 * .pi) * asin(2 * q - 1) + 1
        if k >= compression / 4 { return 1 }
        return (sin(k * 2 * .pi / compression) + 1) / 2
    }

    func finish(_ range: Range<Int>) -> KernelResult {
        var valid = Bitmap(repeating: true, count: range.count)
        var values: [Double] = []
        for (row, group) in range.enumerated() {
            let value = QuantileSketchAccumulator.quantile(digests[group], fraction)
            if value == nil { valid[row] = false }
            values.append(value ?? 0)
        }
        return KernelResult(.float64(values), validity: valid)
    }

    private static func quantile(_ digest: Digest, _ fraction: Double) -> Double? {
        let all =
            (digest.centroids + digest.buffer.map { Centroid(mean: $0, weight: 1) })
            .sorted { FloatOrder.key($0.mean) < FloatOrder.key($1.mean) }
        guard let first = all.first, let last = all.last else { return nil }
        let count = digest.count + Double(digest.buffer.count)
        // A centroid's mean stands at the middle of its ranks; between two, interpolate.
        let rank = fraction * (count - 1)
        var before = 0.0
        var previous: (rank: Double, mean: Double)?
        for centroid in all {
            let middle = before + (centroid.weight - 1) / 2
            if middle >= rank {
                guard let previous, middle > previous.rank else {
                    return first.mean == centroid.mean ? first.mean : centroid.mean
                }
                let share = (rank - previous.rank) / (middle - previous.rank)
                if share >= 1 { return centroid.mean }
                return previous.mean + (centroid.mean - previous.mean) * share
            }
            previous = (middle, centroid.mean)
            before += centroid.weight
        }
        return last.mean
    }

    var byteCount: Int {
        digests.reduce(digests.capacity * MemoryLayout<Digest>.stride) {
            $0 + $1.centroids.capacity * 16 + $1.buffer.capacity * 8
        }
    }

    func encode(into out: inout [UInt8]) {
        ValueCodec.append(UInt64(digests.count), to: &out)
        for digest in digests {
            ValueCodec.append(digest.count.bitPattern, to: &out)
            ValueCodec.append(UInt64(digest.centroids.count), to: &out)
            digest.centroids.withUnsafeBytes { out.append(contentsOf: $0) }
            ValueCodec.append(UInt64(digest.buffer.count), to: &out)
            digest.buffer.withUnsafeBytes { out.append(contentsOf: $0) }
        }
    }

    func restore(_ reader: inout ByteReader) {
        let count = reader.read(UInt64.self)
        for _ in 0..<count {
            if reader.isTruncated { return }
            var digest = Digest()
            digest.count = Double(bitPattern: reader.read(UInt64.self))
            digest.centroids = reader.array(of: Centroid.self)
            digest.buffer = reader.array(of: Double.self)
            digests.append(digest)
        }
    }
}

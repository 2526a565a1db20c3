#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif
import PipelineDSL

/// `approx_count_distinct`: HyperLogLog with 2¹² registers a group, standard error 1.6 %; a group of
/// few values is a short list of them and exact. Merging is exact in that it gives what one sketch
/// of all rows would be.
///
/// The estimate is that of Otmar Ertl, "New cardinality estimation algorithms for HyperLogLog
/// sketches" (2017), algorithm 6, which needs no tables of corrections.
final class DistinctSketchAccumulator: Accumulator {
    private enum Sketch {
        /// Hashes, in no order, without repeats.
        case few([UInt64])
        case registers([UInt8])
    }

    private var sketches: [Sketch] = []
    private var bytes = 0
    private static let bits: UInt64 = 12
    private static let registerCount = 1 << 12
    private static let fewLimit = 32

    func grow(to groupCount: Int) {
        while sketches.count < groupCount { sketches.append(.few([])) }
    }

    func add(_ rows: RowGroups, _ columns: [Column]) {
        guard let column = columns.first else { return }
        let hashes = hashRows([column], count: column.count)
        rows.forEach { row, group in insert(hashes[row], group) }
    }

    private func insert(_ hash: UInt64, _ group: Int) {
        switch sketches[group] {
        case .registers(var registers):
            // Emptied first, so that the array is changed in place.
            sketches[group] = .few([])
            DistinctSketchAccumulator.set(&registers, hash)
            sketches[group] = .registers(registers)
        case .few(var hashes):
            if hashes.contains(hash) { return }
            sketches[group] = .few([])
            hashes.append(hash)
            bytes += 8
            guard hashes.count > DistinctSketchAccumulator.fewLimit else {
                sketches[group] = .few(hashes)
                return
            }
            bytes += DistinctSketchAccumulator.registerCount - hashes.count * 8
            sketches[group] = .registers(DistinctSketchAccumulator.registers(hashes))
        }
    }

    private static func registers(_ hashes: [UInt64]) -> [UInt8] {
        var registers = [UInt8](repeating: 0, count: registerCount)
        for hash in hashes { set(&registers, hash) }
        return registers
    }

    @inline(__always)
    private static func set(_ registers: inout [UInt8], _ hash: UInt64) {
        let index = Int(truncatingIfNeeded: hash &>> (64 - bits))
        // A one below the rest bounds the count of zeros.
        let rest = hash &<< bits | (1 &<< (bits - 1))
        registers[index] = max(registers[index], UInt8(rest.leadingZeroBitCount + 1))
    }

    func finish(_ range: Range<Int>) -> KernelResult {
        KernelResult(
            .int64(
                range.map { group in
                    switch sketches[group] {
                    case .few(let hashes): Int64(hashes.count)
                    case .registers(let registers):
                        DistinctSketchAccumulator.estimate(registers)
                    }
                }))
    }

    private static func estimate(_ registers: [UInt8]) -> Int64 {
        let m = Double(registerCount)
        let q = Int(64 - bits)
        var counts = [Double](repeating: 0, count: q + 2)
        for register in registers { counts[min(Int(register), q + 1)] += 1 }
        var z = m * tau(1 - counts[q + 1] / m)
        for k in stride(from: q, through: 1, by: -1) { z = 0.5 * (z + counts[k]) }
        z += m * sigma(counts[0] / m)
        return Int64((m * m / (2 * log(2.0)) / z).rounded())
    }

    private static func sigma(_ x: Double) -> Double {
        if x == 1 { return .infinity }
        var (x, y, z) = (x, 1.0, x)
        while true {
            x *= x
            let before = z
            z += x * y
            y += y
            if z == before { return z }
        }
    }

    private static func tau(_ x: Double) -> Double {
        if x == 0 || x == 1 { return 0 }
        var (x, y, z) = (x, 1.0, 1 - x)
        while true {
            x = x.squareRoot()
            let before = z
            y *= 0.5
            z -= (1 - x) * (1 - x) * y
            if z == before { return z / 3 }
        }
    }

    let isMergeable = true

    func merge(_ other: any Accumulator, _ groups: [UInt32]) -> Bool {
        guard let other = other as? DistinctSketchAccumulator else { return false }
        for (from, to) in groups.enumerated() {
            switch other.sketches[from] {
            case .few(let hashes): for hash in hashes { insert(hash, Int(to)) }
            case .registers(let theirs):
                let mine: [UInt8] =
                    switch sketches[Int(to)] {
                    case .few(let hashes): DistinctSketchAccumulator.registers(hashes)
                    case .registers(let registers): registers
                    }
                sketches[Int(to)] = .registers(zip(mine, theirs).map { max($0, $1) })
                bytes += DistinctSketchAccumulator.registerCount
            }
        }
        return true
    }

    var byteCount: Int { bytes + sketches.capacity * 48 }

    func encode(into out: inout [UInt8]) {
        ValueCodec.append(UInt64(sketches.count), to: &out)
        for sketch in sketches {
            switch sketch {
            case .few(let hashes):
                ValueCodec.append(UInt64(hashes.count), to: &out)
                hashes.withUnsafeBytes { out.append(contentsOf: $0) }
            case .registers(let registers):
                ValueCodec.append(UInt64.max, to: &out)
                out.append(contentsOf: registers)
            }
        }
    }

    func restore(_ reader: inout ByteReader) {
        let count = reader.read(UInt64.self)
        for _ in 0..<count {
            if reader.isTruncated { return }
            let length = reader.read(UInt64.self)
            if length == .max {
                guard reader.left >= DistinctSketchAccumulator.registerCount else {
                    return reader.fail()
                }
                sketches.append(
                    .registers(Array(reader.take(DistinctSketchAccumulator.registerCount))))
                bytes += DistinctSketchAccumulator.registerCount
            } else {
                guard length <= UInt64(DistinctSketchAccumulator.fewLimit) else {
                    return reader.fail()
                }
                sketches.append(.few((0..<length).map { _ in reader.read(UInt64.self) }))
                bytes += Int(length) * 8
            }
        }
    }
}

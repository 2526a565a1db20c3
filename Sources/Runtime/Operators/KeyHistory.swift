/// Which versions of a key there are, and from when on each holds.
struct KeyHistory {
    private struct Version {
        var group: UInt32
        var row: UInt32
        var from: Int64
    }

    static let bytesPerVersion = 2 * MemoryLayout<Version>.size

    private var added: [Version] = []
    /// By group, then by time; of one time in the order of the rows.
    private var versions: [Version] = []
    /// Where the versions of each group begin, and the end.
    private var starts: [UInt32] = []

    /// A version whose time is null never holds.
    mutating func add(_ groups: [UInt32], from times: Column, firstRow: Int) {
        added.reserveCapacity(added.count + groups.count)
        times.forEachInstant(groups.count) { row, from in
            guard let from else { return }
            added.append(
                Version(
                    group: groups[row], row: UInt32(truncatingIfNeeded: firstRow + row), from: from)
            )
        }
    }

    mutating func finish(groups: Int) {
        versions = added.sorted { ($0.group, $0.from, $0.row) < ($1.group, $1.from, $1.row) }
        added = []
        starts = [UInt32](repeating: 0, count: groups + 1)
        for version in versions where Int(version.group) < groups {
            starts[Int(version.group) + 1] += 1
        }
        for group in 0..<groups { starts[group + 1] += starts[group] }
    }

    /// The row of the version of each group that holds at its time; `GroupTable.none` for none.
    func find(_ groups: [UInt32], at times: Column) -> [UInt32] {
        var found = [UInt32](repeating: GroupTable.none, count: groups.count)
        times.forEachInstant(groups.count) { row, time in
            guard let time, groups[row] != GroupTable.none else { return }
            if let version = version(of: groups[row], at: time) { found[row] = version.row }
        }
        return found
    }

    private func version(of group: UInt32, at time: Int64) -> Version? {
        let first = Int(starts[Int(group)])
        var (low, high) = (first, Int(starts[Int(group) + 1]))
        while low < high {
            let middle = (low + high) / 2
            if versions[middle].from <= time { low = middle + 1 } else { high = middle }
        }
        return low > first ? versions[low - 1] : nil
    }
}

extension Column {
    /// Times, dates and integers as one kind of number; `nil` for null.
    fileprivate func forEachInstant(_ count: Int, _ body: (_ row: Int, _ value: Int64?) -> Void) {
        for row in 0..<min(count, self.count) {
            switch values {
            case _ where isNull(row): body(row, nil)
            case .int64(let values): body(row, values[row])
            case .int32(let values): body(row, Int64(values[row]))
            default: body(row, nil)
            }
        }
    }
}

import PipelineDSL

/// What is known of some rows without reading them. Bounds may be wider than the values.
package struct ParquetRangeStatistics: Sendable {
    package var rowCount: Int
    /// By our names; a column without statistics is not there.
    package var columns: [String: ColumnStatistics]

    package struct ColumnStatistics: Sendable {
        /// Both or none. NaN is never counted, so a floating-point column may hold some anyway.
        package var min: StatisticValue?
        package var max: StatisticValue?
        package var nullCount: Int64?
        /// Every row is null.
        package var isAllNull: Bool

        package init(
            min: StatisticValue? = nil, max: StatisticValue? = nil, nullCount: Int64? = nil,
            isAllNull: Bool = false
        ) {
            self.min = min
            self.max = max
            self.nullCount = nullCount
            self.isAllNull = isAllNull
        }
    }
}

/// A value in the layout of ``Column``; two of one column are of the same case.
package enum StatisticValue: Hashable, Sendable {
    case boolean(Bool)
    /// `integer`, `bigint`, `date`, `time`, `timestamp`
    case integer(Int64)
    case floating(Double)
    /// The unscaled value of a `decimal`.
    case decimal(Int128)
    /// `string`, `json`, `bytes`, `uuid` (16 bytes); a prefix may stand for the value.
    case bytes([UInt8])
}

extension StatisticValue {
    /// The first value of `column`, if there is one and its type has an order.
    init?(_ column: Column) {
        guard column.count > 0, !column.isNull(0) else { return nil }
        switch (column.values, column.type) {
        case (.boolean(let bits), _): self = .boolean(bits[0])
        case (.int32(let values), _): self = .integer(Int64(values[0]))
        case (.int64(let values), _): self = .integer(values[0])
        case (.float32(let values), _):
            if values[0].isNaN { return nil }
            self = .floating(Double(values[0]))
        case (.float64(let values), _):
            if values[0].isNaN { return nil }
            self = .floating(values[0])
        case (.int128(let values), .decimal): self = .decimal(values[0])
        case (.int128(let values), _):
            self = .bytes(withUnsafeBytes(of: values[0].bigEndian) { [UInt8]($0) })
        case (.strings(let strings), _):
            self = .bytes(strings.views[0].withBytes(strings.blocks) { [UInt8]($0) })
        default: return nil
        }
    }

    /// Bounds of both zeros where one of them is a bound: statistics do not tell them apart.
    func widened(isMin: Bool) -> StatisticValue {
        if case .floating(0) = self { return .floating(isMin ? -0.0 : 0.0) }
        return self
    }
}

/// Finds the rows of a row group that statistics do not rule out.
struct RowGroupPruning {
    private let job: ReadJob
    private let rowGroup: Int

    init(_ job: ReadJob, rowGroup: Int) {
        self.job = job
        self.rowGroup = rowGroup
    }

    func ranges(
        within rows: Range<Int>, _ keep: (ParquetRangeStatistics) -> Bool
    ) throws -> [Range<Int>] {
        let whole = ParquetRangeStatistics(rowCount: rows.count, columns: try chunkStatistics())
        guard keep(whole) else { return [] }
        let pages = try pageStatistics()
        if pages.isEmpty { return [rows] }
        var bounds: Set<Int> = [rows.lowerBound, rows.upperBound]
        for page in pages.values.joined() where rows.contains(page.rows.lowerBound) {
            bounds.insert(page.rows.lowerBound)
        }
        var kept: [Range<Int>] = []
        let sorted = bounds.sorted()
        for (low, high) in zip(sorted, sorted.dropFirst()) {
            var columns = whole.columns
            for (name, pages) in pages {
                if let page = pages.first(where: { $0.rows.contains(low) }) {
                    columns[name] = page.statistics
                }
            }
            guard keep(ParquetRangeStatistics(rowCount: high - low, columns: columns)) else {
                continue
            }
            if let last = kept.last, last.upperBound == low {
                kept[kept.count - 1] = last.lowerBound..<high
            } else {
                kept.append(low..<high)
            }
        }
        return kept
    }

    /// The columns that are single leaves, which are the ones that have an order.
    private var flat: [(Field, LeafRequest)] {
        job.plans.columns.compactMap { member in
            guard case .leaf(let slot) = member.plan else { return nil }
            let leaf = job.plans.leaves[slot]
            return leaf.node.maxRepetition == 0 ? (member.field, leaf) : nil
        }
    }

    private func chunkStatistics() throws -> [String: ParquetRangeStatistics.ColumnStatistics] {
        var columns: [String: ParquetRangeStatistics.ColumnStatistics] = [:]
        let rows = job.file.footer.rowGroups[rowGroup].rowCount
        for (field, leaf) in flat {
            guard let number = leaf.node.leaf else { continue }
            let chunk = job.file.footer.rowGroups[rowGroup].columns[number]
            guard let statistics = chunk.metaData?.statistics else { continue }
            let order = StatisticOrder(job.file.footer, leaf)
            let (min, max) = order.bounds(statistics)
            columns[field.name] = ParquetRangeStatistics.ColumnStatistics(
                min: min, max: max, nullCount: statistics.nullCount,
                isAllNull: statistics.nullCount == rows)
        }
        return columns
    }

    private struct PageRows {
        var rows: Range<Int>
        var statistics: ParquetRangeStatistics.ColumnStatistics
    }

    private func pageStatistics() throws -> [String: [PageRows]] {
        var columns: [String: [PageRows]] = [:]
        for (field, leaf) in flat {
            guard let offsets = try job.file.offsetIndex(rowGroup: rowGroup, leaf: leaf.node),
                let index = try job.file.columnIndex(rowGroup: rowGroup, leaf: leaf.node),
                index.mins.count == offsets.pages.count, index.maxes.count == offsets.pages.count,
                index.nullPages.count == offsets.pages.count
            else { continue }
            let order = StatisticOrder(job.file.footer, leaf)
            let total = job.file.footer.rowGroups[rowGroup].rowCount
            columns[field.name] = offsets.pages.indices.map { i in
                let end = i + 1 < offsets.pages.count ? offsets.pages[i + 1].firstRow : total
                let (min, max) =
                    index.nullPages[i]
                    ? (nil, nil) : order.bounds(min: index.mins[i], max: index.maxes[i])
                let nulls = index.nullCounts.flatMap { i < $0.count ? $0[i] : nil }
                return PageRows(
                    rows: Int(offsets.pages[i].firstRow)..<Int(end),
                    statistics: .init(
                        min: min, max: max, nullCount: nulls, isAllNull: index.nullPages[i]))
            }
        }
        return columns
    }
}

/// Which of a file's statistics can be believed for a leaf, and what they mean.
struct StatisticOrder {
    private let leaf: LeafRequest
    private let isTypeDefined: Bool

    init(_ footer: FileMetaData, _ leaf: LeafRequest) {
        self.leaf = leaf
        let number = leaf.node.leaf ?? .max
        isTypeDefined = number < footer.columnOrders.count && footer.columnOrders[number] == 1
    }

    func bounds(_ statistics: ParquetStatistics) -> (StatisticValue?, StatisticValue?) {
        if let min = statistics.min, let max = statistics.max { return bounds(min: min, max: max) }
        guard let min = statistics.deprecatedMin, let max = statistics.deprecatedMax,
            isSignedOrder
        else { return (nil, nil) }
        return both(value(min), value(max))
    }

    func bounds(min: [UInt8], max: [UInt8]) -> (StatisticValue?, StatisticValue?) {
        guard isTypeDefined else { return (nil, nil) }
        return both(value(min), value(max))
    }

    private func both(
        _ min: StatisticValue?, _ max: StatisticValue?
    ) -> (StatisticValue?, StatisticValue?) {
        guard let min, let max else { return (nil, nil) }
        return (min.widened(isMin: true), max.widened(isMin: false))
    }

    /// The deprecated fields compare signed, bytes included, which is right for these only.
    private var isSignedOrder: Bool {
        switch leaf.conversion.kind {
        case .boolean, .int32, .int64, .float, .double, .date, .time, .timestamp: true
        default: false
        }
    }

    private func value(_ bytes: [UInt8]) -> StatisticValue? {
        switch leaf.conversion.kind {
        case .int96, .interval, .null: return nil
        default: break
        }
        switch leaf.node.element.type {
        case .boolean: return value(bytes, UInt8.self)
        case .int32: return value(bytes, Int32.self)
        case .int64: return value(bytes, Int64.self)
        case .float: return value(bytes, Float.self)
        case .double: return value(bytes, Double.self)
        case .byteArray, .fixedLengthByteArray:
            var builder = StringsBuilder()
            bytes.withUnsafeBytes { builder.append($0) }
            let strings = builder.finish()
            return converted(strings.views, strings.blocks)
        case .int96, nil: return nil
        }
    }

    private func value<T: PhysicalValue>(_ bytes: [UInt8], _: T.Type) -> StatisticValue? {
        guard bytes.count == MemoryLayout<T>.size else { return nil }
        return converted([bytes.withUnsafeBytes { $0.loadUnaligned(as: T.self) }], [])
    }

    private func converted<T: PhysicalValue>(_ value: [T], _ blocks: [ByteBlock]) -> StatisticValue?
    {
        guard
            let converted = try? T.converted(
                value, blocks: blocks, validity: nil, leaf.conversion), converted.invalid.isEmpty
        else { return nil }
        return StatisticValue(Column(leaf.conversion.target, converted.values))
    }
}

import CZlib
import PipelineDSL

/// One column chunk, complete but for where in the file it will stand.
struct EncodedChunk: Sendable {
    var bytes: [UInt8]
    /// Offsets count from the start of the chunk.
    var metaData: ColumnMetaData
    var pages: [PageLocation]
    var columnIndex: ColumnIndex?
    var bounds: ValueBounds?
    var nullCount: Int64
}

/// Encodes one leaf of one row group: levels, values, pages, statistics.
struct ChunkEncoder {
    private let leaf: WriteLeaf
    private let options: ParquetWriteOptions
    private let entries: ShreddedLeaf
    private let values: any PlainValues
    private let output = PageBuffer(capacity: 64 << 10)
    private let page = PageBuffer(capacity: 64 << 10)
    private let compressed = PageBuffer(capacity: 64 << 10)
    private var codec: ParquetCodec
    private var uncompressedSize = 0
    private var locations: [PageLocation] = []
    private var index = ColumnIndex()
    private var pageBounds: [ValueBounds?] = []

    init(_ leaf: WriteLeaf, _ entries: ShreddedLeaf, _ options: ParquetWriteOptions) {
        self.leaf = leaf
        self.entries = entries
        self.options = options
        codec = options.codec
        let isDecimal = leaf.type.isDecimal
        switch entries.data {
        case .booleans(let v): values = BooleanValues(values: v)
        case .int32(let v): values = FixedValues(values: v, isDecimal: isDecimal)
        case .int64(let v): values = FixedValues(values: v, isDecimal: isDecimal)
        case .float(let v): values = FixedValues(values: v, isDecimal: false)
        case .double(let v): values = FixedValues(values: v, isDecimal: false)
        case .decimals(let v, let width):
            values = BigEndianValues(values: v, width: width, isDecimal: true, leaf: leaf)
        case .uuids(let v):
            values = BigEndianValues(values: v, width: 16, isDecimal: false, leaf: leaf)
        case .intervals(let v): values = IntervalValues(values: v, leaf: leaf)
        case .strings(let run): values = StringValues(run)
        }
    }

    mutating func encode() throws -> EncodedChunk {
        let dictionary =
            options.usesDictionaries
            ? values.dictionary(limitBytes: options.dictionaryBytes) : nil
        if let dictionary { try writeDictionary(dictionary) }
        let firstDataPage = output.count
        var isFirst = true
        let spans = PageSpans(
            entries, values, options, maxDefinition: leaf.maxDefinition, isPlain: dictionary == nil)
        for span in spans {
            try buildPage(span, dictionary)
            if isFirst && dictionary == nil { try chooseCodec() }
            isFirst = false
            try writeDataPage(span, dictionary == nil ? .plain : .rleDictionary)
            note(span, values.bounds(span.values, dictionary))
        }
        return finish(dictionary, firstDataPage)
    }

    // MARK: Pages

    private mutating func writeDictionary(_ dictionary: ValueDictionary) throws {
        page.removeAll()
        if let strings = values as? StringValues {
            strings.appendPlain(entries: dictionary.entries, to: page)
        } else {
            for entry in dictionary.entries {
                try values.appendPlain(Int(entry)..<Int(entry) + 1, to: page)
            }
        }
        try writePage(
            .dictionary(
                valueCount: Int32(truncatingIfNeeded: dictionary.entries.count), encoding: .plain))
    }

    private func buildPage(_ span: PageSpans.Span, _ dictionary: ValueDictionary?) throws {
        page.removeAll()
        if leaf.maxRepetition > 0 {
            writeLevels(entries.repetition, span.entries, leaf.maxRepetition)
        }
        if leaf.maxDefinition > 0 {
            if let definition = entries.definition {
                writeLevels(definition, span.entries, leaf.maxDefinition)
            } else {
                writeFullLevels(span.entries.count)
            }
        }
        guard let dictionary else { return try values.appendPlain(span.values, to: page) }
        page.append(UInt8(truncatingIfNeeded: dictionary.bitWidth))
        dictionary.indices.withUnsafeBufferPointer {
            RLEEncoder.encode(
                UnsafeBufferPointer(rebasing: $0[span.values]), bitWidth: dictionary.bitWidth,
                to: page)
        }
    }

    private func writeLevels(_ levels: [UInt8], _ range: Range<Int>, _ highest: Int) {
        let start = page.count
        page.append(UInt32(0))
        levels.withUnsafeBufferPointer {
            RLEEncoder.encode(
                UnsafeBufferPointer(rebasing: $0[range]),
                bitWidth: LevelDecoder.bitWidth(of: highest), to: page)
        }
        page.patch(UInt32(truncatingIfNeeded: page.count - start - 4), at: start)
    }

    /// One run of the highest level: nothing is null.
    private func writeFullLevels(_ count: Int) {
        let start = page.count
        page.append(UInt32(0))
        page.appendVarint(UInt32(truncatingIfNeeded: count << 1))
        page.append(UInt8(truncatingIfNeeded: leaf.maxDefinition))
        page.patch(UInt32(truncatingIfNeeded: page.count - start - 4), at: start)
    }

    /// Values that do not compress are stored as they are: readers need not decompress them.
    private mutating func chooseCodec() throws {
        guard codec != .uncompressed, page.count > 4096 else { return }
        compressed.removeAll()
        try codec.compress(page.bytes, level: options.compressionLevel, to: compressed)
        if compressed.count > page.count - page.count / 16 { codec = .uncompressed }
    }

    private mutating func writeDataPage(
        _ span: PageSpans.Span, _ encoding: ParquetEncoding
    ) throws {
        let header = DataPageHeader(
            valueCount: Int32(truncatingIfNeeded: span.entries.count), encoding: encoding)
        let offset = output.count
        try writePage(.data(header))
        locations.append(
            PageLocation(
                offset: Int64(offset), compressedSize: Int32(clamping: output.count - offset),
                firstRow: Int64(span.firstRow)))
    }

    private mutating func writePage(_ kind: PageHeader.Kind) throws {
        var body = page.bytes
        if codec != .uncompressed {
            compressed.removeAll()
            try codec.compress(body, level: options.compressionLevel, to: compressed)
            body = compressed.bytes
        }
        guard let size = Int32(exactly: page.count), let stored = Int32(exactly: body.count) else {
            throw RunError(
                .parquetLimit,
                "one row of `\(leaf.key)` takes \(page.count) bytes, more than a page")
        }
        let header = PageHeader(
            kind, uncompressedSize: size, compressedSize: stored,
            crc: options.writesChecksums ? crc(body) : nil)
        var writer = ThriftWriter()
        header.write(to: &writer)
        output.append(writer.bytes)
        output.append(body)
        uncompressedSize += writer.bytes.count + page.count
    }

    private func crc(_ bytes: UnsafeRawBufferPointer) -> Int32 {
        let start = bytes.bindMemory(to: UInt8.self).baseAddress
        return Int32(
            truncatingIfNeeded: crc32(0, start, UInt32(truncatingIfNeeded: bytes.count)))
    }

    // MARK: Statistics

    private mutating func note(_ span: PageSpans.Span, _ bounds: ValueBounds?) {
        pageBounds.append(bounds)
        index.nullPages.append(span.values.isEmpty)
        index.nullCounts =
            (index.nullCounts ?? [])
            + [Int64(span.entries.count - span.values.count)]
    }

    private mutating func finish(_ dictionary: ValueDictionary?, _ firstDataPage: Int)
        -> EncodedChunk
    {
        let nulls = Int64(entries.entryCount - values.count)
        var bounds: ValueBounds?
        for case let page? in pageBounds {
            if bounds == nil { bounds = page } else { bounds?.merge(page) }
        }
        var metaData = ColumnMetaData()
        metaData.type = leaf.layout.physical
        metaData.encodings = dictionary == nil ? [.plain, .rle] : [.plain, .rle, .rleDictionary]
        metaData.path = leaf.path
        metaData.codec = codec
        metaData.valueCount = Int64(entries.entryCount)
        metaData.totalUncompressedSize = Int64(uncompressedSize)
        metaData.totalCompressedSize = Int64(output.count)
        metaData.dataPageOffset = Int64(firstDataPage)
        metaData.dictionaryPageOffset = dictionary == nil ? nil : 0
        metaData.statistics = statistics(bounds, nulls)
        return EncodedChunk(
            bytes: [UInt8](output.bytes), metaData: metaData, pages: locations,
            columnIndex: options.writesPageIndex ? columnIndex() : nil, bounds: bounds,
            nullCount: nulls)
    }

    private func statistics(_ bounds: ValueBounds?, _ nulls: Int64) -> ParquetStatistics {
        var statistics = ParquetStatistics()
        statistics.nullCount = nulls
        let limit = options.statisticsBytes
        if let bounds, let min = leaf.encoded(bounds.min, isMax: false, limit: limit),
            let max = leaf.encoded(bounds.max, isMax: true, limit: limit)
        {
            (statistics.min, statistics.isMinExact) = (min.bytes, min.isExact)
            (statistics.max, statistics.isMaxExact) = (max.bytes, max.isExact)
        }
        return statistics
    }

    /// `nil` where a page that has values has no bounds, which the format has no way to say.
    private func columnIndex() -> ColumnIndex? {
        var index = index
        for (page, bounds) in pageBounds.enumerated() {
            if index.nullPages[page] {
                index.mins.append([])
                index.maxes.append([])
                continue
            }
            guard let bounds,
                let min = leaf.encoded(bounds.min, isMax: false, limit: options.statisticsBytes),
                let max = leaf.encoded(bounds.max, isMax: true, limit: options.statisticsBytes)
            else { return nil }
            index.mins.append(min.bytes)
            index.maxes.append(max.bytes)
        }
        index.boundaryOrder = boundaryOrder()
        return index
    }

    private func boundaryOrder() -> ColumnIndex.BoundaryOrder {
        let known = pageBounds.compactMap { $0 }
        let pairs = zip(known, known.dropFirst())
        if pairs.allSatisfy({ !$1.min.isBefore($0.min) && !$1.max.isBefore($0.max) }) {
            return .ascending
        }
        if pairs.allSatisfy({ !$0.min.isBefore($1.min) && !$0.max.isBefore($1.max) }) {
            return .descending
        }
        return .unordered
    }
}

/// Cuts a column chunk into pages, always between rows.
struct PageSpans: Sequence, IteratorProtocol {
    struct Span {
        var entries: Range<Int>
        /// Of the values that are not null.
        var values: Range<Int>
        var firstRow: Int
    }

    private let leaf: ShreddedLeaf
    private let values: any PlainValues
    private let maxRows: Int
    private let maxBytes: Int
    /// Pages of a dictionary hold indices, which are small whatever the values are.
    private let isPlain: Bool
    private let bytesPerValue: Int?
    /// Definition level of a value that is not null.
    private let highest: UInt8
    private var entry = 0
    private var value = 0
    private var row = 0

    init(
        _ leaf: ShreddedLeaf, _ values: any PlainValues, _ options: ParquetWriteOptions,
        maxDefinition: Int, isPlain: Bool
    ) {
        self.leaf = leaf
        highest = UInt8(truncatingIfNeeded: maxDefinition)
        self.values = values
        self.isPlain = isPlain
        maxRows = options.pageRows
        maxBytes = options.pageBytes
        let isVariable = values is StringValues
        bytesPerValue = isVariable ? nil : values.count == 0 ? 1 : values.plainBytes(0)
    }

    mutating func next() -> Span? {
        guard entry < leaf.entryCount else { return nil }
        let (firstEntry, firstValue, firstRow) = (entry, value, row)
        if leaf.repetition.isEmpty && leaf.definition == nil && (bytesPerValue != nil || !isPlain) {
            // Neither nulls nor lists nor lengths: every page is as long as every other.
            let byBytes =
                isPlain ? Swift.max(1, maxBytes / Swift.max(1, bytesPerValue ?? 1)) : maxRows
            let count = Swift.min(maxRows, byBytes, leaf.entryCount - entry)
            entry += count
            value += count
            row += count
        } else {
            advance()
        }
        return Span(entries: firstEntry..<entry, values: firstValue..<value, firstRow: firstRow)
    }

    private mutating func advance() {
        let firstRow = row
        var bytes = 0
        while entry < leaf.entryCount {
            let startsRow = leaf.repetition.isEmpty || leaf.repetition[entry] == 0
            if startsRow {
                if row > firstRow && (row - firstRow >= maxRows || bytes >= maxBytes) { return }
                row += 1
            }
            if leaf.definition.map({ $0[entry] == highest }) ?? true {
                bytes += isPlain ? bytesPerValue ?? values.plainBytes(value) : 4
                value += 1
            }
            entry += 1
        }
    }
}

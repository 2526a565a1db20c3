import PipelineDSL

/// Reads one column chunk row by row, holding one page of it at a time.
protocol LeafReading: AnyObject {
    /// The next `rows` rows of a leaf that is neither repeated nor below an optional group.
    func readFlat(_ rows: Int) throws -> LeafValues
    /// The next `rows` rows of any leaf: its levels and, without gaps, its values.
    func readNested(_ rows: Int) throws -> (LeafLevels, LeafValues)
    func skip(_ rows: Int) throws
    /// Goes to the page at `offset`, which starts with row `row` and is followed by rows up to the
    /// end of the row group. Only for leaves that are not repeated.
    func seek(to offset: Int64, valuesLeft: Int64) throws
    /// Throws unless every value of the chunk has been read.
    func finish() throws
}

/// One definition and one repetition level per entry.
struct LeafLevels {
    var definition: [UInt8] = []
    /// Empty for a leaf that is not repeated.
    var repetition: [UInt8] = []
}

struct LeafValues {
    var column: Column
    /// Rows of `column`.
    var invalid: [InvalidValue]
}

/// Where a leaf's chunk is and how its values become a column.
struct LeafSource {
    var node: ParquetNode
    var conversion: LeafConversion
    var chunk: ColumnMetaData
    var pages: ChunkPages

    func makeCursor() throws -> any LeafReading {
        switch chunk.type {
        case .boolean: try LeafCursor<UInt8>(self)
        case .int32: try LeafCursor<Int32>(self)
        case .int64: try LeafCursor<Int64>(self)
        case .float: try LeafCursor<Float>(self)
        case .double: try LeafCursor<Double>(self)
        case .int96, .byteArray, .fixedLengthByteArray: try LeafCursor<StringView>(self)
        }
    }
}

final class LeafCursor<Value: PhysicalValue>: LeafReading {
    private let source: LeafSource
    private let width: Int
    private let maxDefinition: Int
    private let maxRepetition: Int
    private let text: TextRule

    /// Levels of the chunk that no page has been read for, and of the page that are not read yet.
    private var chunkLeft: Int64
    private var pageLeft = 0
    private var definition = LevelDecoder.zeros
    private var repetition = LevelDecoder.zeros
    private var values: (any ValueDecoder<Value>)?
    private var hasSeenData = false

    private var dictionary: [Value]?
    private var dictionaryBlock: ByteBlock?
    /// Every entry of the dictionary obeys `text`, so indices into it need no look.
    private var dictionaryIsText = false
    private var needsTextCheck = false

    /// Levels that were decoded ahead of the row they belong to.
    private var pending = LeafLevels()
    private var pendingStart = 0
    private var pendingEnd = 0
    private static var pendingCapacity: Int { 4096 }
    private static var maxLevelsPerRead: Int { 1 << 24 }

    init(_ source: LeafSource) throws {
        self.source = source
        switch source.chunk.type {
        case .int96: width = 12
        case .fixedLengthByteArray:
            width = Int(source.node.element.typeLength ?? 0)
            guard width > 0 else { throw ParquetFailure.damaged("a fixed length is not positive") }
        default: width = 0
        }
        maxDefinition = source.node.maxDefinition
        maxRepetition = source.node.maxRepetition
        text = source.conversion.text
        chunkLeft = source.chunk.valueCount
    }

    // MARK: Pages

    private func nextPage() throws {
        // The page's memory is used again if nothing points into it any more.
        values = nil
        definition = .zeros
        repetition = .zeros
        while true {
            guard chunkLeft > 0 else {
                throw ParquetFailure.damaged("a column chunk has fewer rows than its row group")
            }
            let header = try source.pages.nextHeader()
            switch header.kind {
            case .other: source.pages.skipBody(header)
            case .dictionary(let count, let encoding):
                try readDictionary(try source.pages.body(header), Int(count), encoding)
            case .data(let data):
                try checkCount(data.valueCount)
                if data.valueCount == 0 {
                    source.pages.skipBody(header)
                    continue
                }
                try startPage(try source.pages.body(header), data)
                return
            case .dataV2(let data):
                try checkCount(data.valueCount)
                if data.valueCount == 0 {
                    source.pages.skipBody(header)
                    continue
                }
                try startPage(try source.pages.body(header), data)
                return
            }
        }
    }

    private func checkCount(_ count: Int32) throws {
        guard Int64(count) <= chunkLeft else {
            throw ParquetFailure.damaged("the pages of a column chunk have more values than it has")
        }
        hasSeenData = true
    }

    private func startPage(_ page: ChunkPages.Page, _ header: DataPageHeader) throws {
        var rest = PageBytes(block: page.block, range: page.values)
        let count = Int(header.valueCount)
        repetition = try levels(maxRepetition, header.repetitionLevelEncoding, count, &rest)
        definition = try levels(maxDefinition, header.definitionLevelEncoding, count, &rest)
        try startValues(rest, header.encoding, count)
    }

    private func startPage(_ page: ChunkPages.Page, _ header: DataPageHeaderV2) throws {
        func decoder(_ range: Range<Int>, _ maxLevel: Int) throws -> LevelDecoder {
            if maxLevel == 0 { return .zeros }
            return .rle(
                try RLEDecoder(
                    PageBytes(block: page.block, range: range),
                    bitWidth: LevelDecoder.bitWidth(of: maxLevel)))
        }
        repetition = try decoder(page.repetitionLevels, maxRepetition)
        definition = try decoder(page.definitionLevels, maxDefinition)
        try startValues(
            PageBytes(block: page.block, range: page.values), header.encoding,
            Int(header.valueCount))
    }

    private func levels(
        _ maxLevel: Int, _ encoding: ParquetEncoding, _ count: Int, _ rest: inout PageBytes
    ) throws -> LevelDecoder {
        if maxLevel == 0 { return .zeros }
        let width = LevelDecoder.bitWidth(of: maxLevel)
        switch encoding {
        case .rle:
            let (content, after) = try rest.lengthPrefixed()
            rest = after
            return .rle(try RLEDecoder(content, bitWidth: width))
        case .bitPacked:
            let size = (count * width + 7) / 8
            guard size <= rest.count else { throw PageBytes.tooShort }
            let split = rest.range.lowerBound + size
            let content = PageBytes(block: rest.block, range: rest.range.lowerBound..<split)
            rest = PageBytes(block: rest.block, range: split..<rest.range.upperBound)
            return .bitPacked(content, bitWidth: width, bit: 0)
        default:
            throw ParquetFailure.unsupported("levels have the encoding \(encoding.name)")
        }
    }

    private func startValues(_ bytes: PageBytes, _ encoding: ParquetEncoding, _ count: Int) throws {
        if encoding == .plainDictionary || encoding == .rleDictionary {
            values = try DictionaryDecoder(bytes, dictionary: dictionary ?? [])
            needsTextCheck = text != .any && !dictionaryIsText
        } else {
            values = try Value.decoder(encoding, bytes, valueCount: count, width: width)
            needsTextCheck = text != .any
        }
        pageLeft = count
        chunkLeft -= Int64(count)
    }

    private func readDictionary(
        _ page: ChunkPages.Page, _ count: Int, _ encoding: ParquetEncoding
    ) throws {
        guard dictionary == nil, !hasSeenData else {
            throw ParquetFailure.damaged("a column chunk has a second or a late dictionary page")
        }
        guard encoding == .plain || encoding == .plainDictionary else {
            throw ParquetFailure.unsupported("a dictionary has the encoding \(encoding.name)")
        }
        let bytes = PageBytes(block: page.block, range: page.values)
        // The smallest value takes a bit, and a claim beyond that is refused before memory is.
        guard count <= bytes.count * 8 else { throw PageBytes.tooShort }
        var blocks: [ByteBlock] = []
        let decoder = try Value.decoder(.plain, bytes, valueCount: count, width: width)
        var entries = [Value](repeating: .empty, count: count)
        try entries.withUnsafeMutableBufferPointer { entries in
            guard let target = entries.baseAddress else { return }
            try decoder.decode(into: target, count: count, blocks: &blocks)
        }
        dictionary = entries
        dictionaryBlock = Value.self is StringView.Type ? page.block : nil
        if let views = entries as? [StringView] {
            dictionaryIsText = views.allSatisfy { text.allows($0, blocks) }
        }
    }

    /// Blocks for the next batch; the views of the dictionary point into the first.
    private func startBlocks() -> [ByteBlock] { dictionaryBlock.map { [$0] } ?? [] }

    // MARK: Flat

    func readFlat(_ rows: Int) throws -> LeafValues {
        var blocks: [ByteBlock] = startBlocks()
        var invalid: [InvalidValue] = []
        var bits = [UInt64](repeating: 0, count: maxDefinition == 0 ? 0 : (rows + 63) / 64)
        var valid = 0
        let values = try bits.withUnsafeMutableBufferPointer { bits in
            try [Value](unsafeUninitializedCapacity: rows) { target, initialized in
                guard let target = target.baseAddress else { return }
                while initialized < rows {
                    if pageLeft == 0 {
                        try nextPage()
                        if blocks.isEmpty { blocks = startBlocks() }
                    }
                    let n = min(pageLeft, rows - initialized)
                    valid += try readFlat(
                        n, at: initialized, target, bits.baseAddress, &blocks, &invalid)
                    initialized += n
                }
            }
        }
        let validity = valid == rows || maxDefinition == 0 ? nil : Bitmap(words: bits, count: rows)
        return try convert(values, blocks, validity, invalid)
    }

    /// `rows` rows of the current page; returns how many are not null.
    private func readFlat(
        _ rows: Int, at first: Int, _ target: UnsafeMutablePointer<Value>,
        _ bits: UnsafeMutablePointer<UInt64>?, _ blocks: inout [ByteBlock],
        _ invalid: inout [InvalidValue]
    ) throws -> Int {
        guard let decoder = values else { throw PageBytes.tooShort }
        var valid = rows
        if maxDefinition > 0, let bits {
            valid = try definition.decodeBits(into: bits, offset: first, count: rows)
        }
        try decoder.decode(into: target + first, count: valid, blocks: &blocks)
        if valid < rows, let bits { spread(target + first, valid, rows, bits, first) }
        pageLeft -= rows
        if needsTextCheck {
            checkText(target, first..<first + rows, blocks, &invalid) { row in
                self.maxDefinition == 0
                    || bits.map { $0[row >> 6] >> UInt64(row & 63) & 1 == 1 } ?? true
            }
        }
        return valid
    }

    /// Moves `valid` values that stand without gaps to the rows that are not null, from the end.
    private func spread(
        _ values: UnsafeMutablePointer<Value>, _ valid: Int, _ rows: Int,
        _ bits: UnsafeMutablePointer<UInt64>, _ first: Int
    ) {
        var from = valid
        for row in (0..<rows).reversed() {
            let bit = first &+ row
            if bits[bit &>> 6] &>> UInt64(bit & 63) & 1 == 1 {
                from &-= 1
                values[row] = values[from]
            } else {
                (values + row).initialize(to: .empty)
            }
        }
    }

    private func checkText(
        _ values: UnsafeMutablePointer<Value>, _ rows: Range<Int>, _ blocks: [ByteBlock],
        _ invalid: inout [InvalidValue], isValid: (Int) -> Bool
    ) {
        guard Value.self is StringView.Type, !rows.isEmpty else { return }
        UnsafeRawPointer(values).withMemoryRebound(to: StringView.self, capacity: rows.upperBound) {
            for row in rows where !text.allows($0[row], blocks) && isValid(row) {
                invalid.append(InvalidValue(row: row, reason: text.reason))
            }
        }
    }

    private func convert(
        _ values: [Value], _ blocks: [ByteBlock], _ validity: Bitmap?, _ invalid: [InvalidValue]
    ) throws -> LeafValues {
        let conversion = source.conversion
        if conversion.kind == .null {
            return LeafValues(column: .nulls(conversion.target, count: values.count), invalid: [])
        }
        let converted = try Value.converted(
            values, blocks: blocks, validity: validity, conversion)
        return LeafValues(
            column: Column(conversion.target, converted.values, validity: validity),
            invalid: invalid + converted.invalid)
    }

    func skip(_ rows: Int) throws {
        if maxRepetition > 0 || maxDefinition > 1 {
            var left = rows
            while left > 0 {
                let n = min(left, 8192)
                _ = try readNested(n)
                left -= n
            }
            return
        }
        var left = rows
        while left > 0 {
            if pageLeft == 0 { try nextPage() }
            let n = min(pageLeft, left, 8192)
            var valid = n
            if maxDefinition > 0 {
                var bits = [UInt64](repeating: 0, count: (n + 63) / 64)
                valid = try bits.withUnsafeMutableBufferPointer {
                    guard let bits = $0.baseAddress else { return 0 }
                    return try definition.decodeBits(into: bits, offset: 0, count: n)
                }
            }
            try values?.skip(valid)
            pageLeft -= n
            left -= n
        }
    }

    func seek(to offset: Int64, valuesLeft: Int64) throws {
        // The dictionary stands before the first data page.
        if dictionary == nil && !hasSeenData {
            let header = try source.pages.nextHeader()
            if case .dictionary(let count, let encoding) = header.kind {
                try readDictionary(try source.pages.body(header), Int(count), encoding)
            }
        }
        try source.pages.seek(to: offset)
        chunkLeft = valuesLeft
        pageLeft = 0
        pendingStart = pendingEnd
    }

    func finish() throws {
        guard chunkLeft == 0, pageLeft == 0, pendingStart == pendingEnd else {
            throw ParquetFailure.damaged("a column chunk has more rows than its row group")
        }
    }

    // MARK: Nested

    func readNested(_ rows: Int) throws -> (LeafLevels, LeafValues) {
        var levels = LeafLevels()
        var values: [Value] = []
        var blocks = startBlocks()
        var invalid: [InvalidValue] = []
        var started = 0
        while true {
            if pendingStart == pendingEnd {
                if pageLeft == 0 {
                    if chunkLeft == 0 { break }
                    if maxRepetition == 0 && started == rows { break }
                    try nextPage()
                    if blocks.isEmpty { blocks = startBlocks() }
                }
                try fillPending()
            }
            let end = endOfRows(rows, &started)
            try take(pendingStart..<end, &levels, &values, &blocks, &invalid)
            let isDone = end < pendingEnd
            pendingStart = end
            if isDone { break }
            guard levels.definition.count <= Self.maxLevelsPerRead else {
                throw ParquetFailure.limit("the lists of a batch have too many elements")
            }
        }
        guard started == rows else {
            throw ParquetFailure.damaged("a column chunk has fewer rows than its row group")
        }
        return (levels, try convert(values, blocks, nil, invalid))
    }

    private func fillPending() throws {
        let count = min(pageLeft, Self.pendingCapacity)
        if pending.definition.isEmpty {
            pending.definition = [UInt8](repeating: 0, count: Self.pendingCapacity)
            pending.repetition = [UInt8](repeating: 0, count: Self.pendingCapacity)
        }
        try pending.definition.withUnsafeMutableBufferPointer {
            guard let target = $0.baseAddress else { return }
            try definition.decode(into: target, count: count, maxLevel: maxDefinition)
        }
        try pending.repetition.withUnsafeMutableBufferPointer {
            guard let target = $0.baseAddress else { return }
            try repetition.decode(into: target, count: count, maxLevel: maxRepetition)
        }
        pageLeft -= count
        pendingStart = 0
        pendingEnd = count
    }

    /// Where the row after `rows` rows starts among the pending levels, or their end.
    private func endOfRows(_ rows: Int, _ started: inout Int) -> Int {
        var i = pendingStart
        while i < pendingEnd {
            if pending.repetition[i] == 0 {
                if started == rows { return i }
                started += 1
            }
            i += 1
        }
        return i
    }

    private func take(
        _ range: Range<Int>, _ levels: inout LeafLevels, _ values: inout [Value],
        _ blocks: inout [ByteBlock], _ invalid: inout [InvalidValue]
    ) throws {
        guard !range.isEmpty, let decoder = self.values else { return }
        if levels.definition.isEmpty && pending.repetition[range.lowerBound] != 0 {
            throw ParquetFailure.damaged("a row starts inside a list")
        }
        let taken = pending.definition[range]
        levels.definition.append(contentsOf: taken)
        if maxRepetition > 0 { levels.repetition.append(contentsOf: pending.repetition[range]) }
        let present = taken.reduce(0) { $0 + (Int($1) == maxDefinition ? 1 : 0) }
        let first = values.count
        values.append(contentsOf: repeatElement(.empty, count: present))
        try values.withUnsafeMutableBufferPointer {
            guard let target = $0.baseAddress else { return }
            try decoder.decode(into: target + first, count: present, blocks: &blocks)
            if needsTextCheck {
                checkText(target, first..<first + present, blocks, &invalid) { _ in true }
            }
        }
    }
}

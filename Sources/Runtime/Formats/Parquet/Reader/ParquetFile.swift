import PipelineDSL

/// An opened Parquet file: its footer, and its schema in our types. Nothing else has been read.
package struct ParquetFile: Sendable {
    /// What diagnostics call it.
    package let object: String
    /// The columns that can be read, in the file's order.
    package let schema: Schema
    /// Why the others cannot, by their names.
    package let unreadable: [String: Diagnostic]

    let bytes: any RandomAccessBytes
    let footer: FileMetaData
    let tree: ParquetSchema
    let columns: [ParquetColumn]
    /// Offset of the footer: column chunks end before it.
    let dataEnd: Int64

    package var rowCount: Int64 { footer.rowCount }
    package var rowGroupCount: Int { footer.rowGroups.count }
    package var createdBy: String? { footer.createdBy }

    /// The footer's key-value metadata; of a repeated key, the last value.
    package var keyValues: [String: String] {
        Dictionary(
            footer.keyValues.map { ($0.key, $0.value ?? "") }, uniquingKeysWith: { $1 })
    }

    /// Field identifiers of the columns, which table formats match instead of names.
    package var fieldIDs: [String: Int32] {
        Dictionary(
            columns.compactMap { column in column.fieldID.map { (column.name, $0) } },
            uniquingKeysWith: { first, _ in first })
    }

    /// `object` is what diagnostics call the file, if not its path.
    package init(path: String, object: String? = nil) throws {
        try self.init(
            try FileBytes(path: path, object: object ?? path), object: object ?? path)
    }

    /// Throws ``RunError`` if the bytes are not a Parquet file whose footer can be understood.
    package init(_ bytes: any RandomAccessBytes, object: String) throws {
        self.bytes = bytes
        self.object = object
        let (footer, dataEnd) = try reportingFailures(object) { try Self.readFooter(bytes, object) }
        self.footer = footer
        self.dataEnd = dataEnd
        tree = try reportingFailures(object, "footer") { try ParquetSchema(footer.schema) }
        try reportingFailures(object, "footer") { [tree] in try Self.check(footer, tree) }
        (columns, unreadable) = Self.columns(tree, object)
        schema = Schema(columns.map(\.field))
    }

    private static func readFooter(
        _ bytes: any RandomAccessBytes, _ object: String
    ) throws -> (FileMetaData, Int64) {
        guard bytes.count >= 12 else { throw notParquet(object, "it has \(bytes.count) bytes") }
        var tail = [UInt8](repeating: 0, count: 8)
        try tail.withUnsafeMutableBytes { try bytes.read(at: bytes.count - 8, into: $0) }
        let magic = String(decoding: tail[4...], as: UTF8.self)
        if magic == "PARE" { throw encrypted(object, "its footer is encrypted") }
        guard magic == "PAR1" else { throw notParquet(object, "it does not end with `PAR1`") }
        let size =
            Int64(tail[0]) | Int64(tail[1]) << 8 | Int64(tail[2]) << 16 | Int64(tail[3]) << 24
        guard size <= bytes.count - 12 else {
            throw ParquetFailure.damaged("its footer is longer than the file")
        }
        var footer = [UInt8](repeating: 0, count: Int(size))
        let start = bytes.count - 8 - size
        try footer.withUnsafeMutableBytes { try bytes.read(at: start, into: $0) }
        let metaData = try footer.withUnsafeBytes { bytes in
            var reader = ThriftReader(bytes)
            return try FileMetaData(&reader)
        }
        return (metaData, start)
    }

    private static func check(_ footer: FileMetaData, _ tree: ParquetSchema) throws {
        var total: Int64 = 0
        for (number, group) in footer.rowGroups.enumerated() {
            guard group.columns.count == tree.leafCount else {
                throw ParquetFailure.damaged(
                    "row group \(number) has \(group.columns.count) column chunks, "
                        + "and the schema has \(tree.leafCount) columns")
            }
            guard group.rowCount >= 0, group.rowCount == 0 || tree.leafCount > 0 else {
                throw ParquetFailure.damaged("row group \(number) has \(group.rowCount) rows")
            }
            let (sum, overflow) = total.addingReportingOverflow(group.rowCount)
            guard !overflow else {
                throw ParquetFailure.damaged("its row groups have more rows than can be counted")
            }
            total = sum
        }
    }

    private static func columns(
        _ tree: ParquetSchema, _ object: String
    ) -> ([ParquetColumn], [String: Diagnostic]) {
        var columns: [ParquetColumn] = []
        var unreadable: [String: Diagnostic] = [:]
        for node in tree.columns {
            do {
                columns.append(try ParquetColumn(node))
            } catch let failure as ParquetFailure {
                let error = failure.runError(object: object, place: "column `\(node.name)`")
                unreadable[node.name] = error.diagnostic
            } catch {
                // The initialiser throws nothing else.
            }
        }
        return (columns, unreadable)
    }

    private static func notParquet(_ object: String, _ reason: String) -> RunError {
        RunError(
            .notParquet, "`\(object)` is not a Parquet file: \(reason)",
            notes: ["narrow the path to the Parquet files, or set the right `format:`"])
    }

    static func encrypted(_ object: String, _ what: String) -> RunError {
        RunError(
            .parquetEncrypted, "`\(object)` is encrypted: \(what)",
            notes: ["decrypt the file, or leave out the encrypted columns"])
    }

    /// Where the pages of a column chunk stand.
    func range(of chunk: ColumnMetaData) throws -> Range<Int64> {
        var start = chunk.dataPageOffset
        if let dictionary = chunk.dictionaryPageOffset, dictionary > 0, dictionary < start {
            start = dictionary
        }
        // Old versions of parquet-mr leave the dictionary page's header out of the size.
        let slack: Int64 = 100
        guard start >= 0, start <= dataEnd, chunk.totalCompressedSize >= 0, chunk.valueCount >= 0
        else { throw ParquetFailure.damaged("a column chunk is outside the file") }
        let (end, overflow) = start.addingReportingOverflow(chunk.totalCompressedSize)
        guard !overflow, end <= dataEnd else {
            throw ParquetFailure.damaged("a column chunk is outside the file")
        }
        return start..<min(end + slack, dataEnd)
    }

    /// The chunk's metadata, or why it cannot be read.
    func metaData(rowGroup: Int, leaf: ParquetNode) throws -> ColumnMetaData {
        guard let index = leaf.leaf else {
            throw ParquetFailure.damaged("a column chunk belongs to a group")
        }
        let chunk = footer.rowGroups[rowGroup].columns[index]
        if chunk.isEncrypted {
            throw Self.encrypted(object, "column `\(leaf.path.joined(separator: "."))`")
        }
        guard let metaData = chunk.metaData else {
            throw ParquetFailure.damaged("a column chunk has no metadata")
        }
        if let path = chunk.filePath, !path.isEmpty {
            throw ParquetFailure.unsupported(
                "its column chunks are in another file, `\(path)`",
                notes: ["read that file instead"])
        }
        guard metaData.type == leaf.element.type else {
            throw ParquetFailure.damaged("a column chunk has another physical type than the schema")
        }
        if leaf.maxRepetition == 0
            && metaData.valueCount != footer.rowGroups[rowGroup].rowCount
        {
            throw ParquetFailure.damaged(
                "a column chunk has \(metaData.valueCount) rows, "
                    + "its row group \(footer.rowGroups[rowGroup].rowCount)")
        }
        return metaData
    }
}

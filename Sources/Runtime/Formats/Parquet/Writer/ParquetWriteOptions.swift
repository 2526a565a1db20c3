/// How files are written. The defaults suit readers of every age.
package struct ParquetWriteOptions: Sendable {
    package var codec: ParquetCodec
    /// Of GZIP and ZSTD; `nil` is the codec's own default.
    package var compressionLevel: Int32?
    package var rowGroupRows: Int
    /// Uncompressed bytes of a data page, about.
    package var pageBytes: Int
    package var pageRows: Int
    package var usesDictionaries: Bool
    /// A dictionary that would be larger is given up.
    package var dictionaryBytes: Int
    /// Bounds of strings are cut to this length.
    package var statisticsBytes: Int
    /// Column and offset index, by which readers skip pages.
    package var writesPageIndex: Bool
    /// CRC-32 of every page.
    package var writesChecksums: Bool
    package var keyValues: [String: String]
    /// Field identifiers by path, as `orders`, `orders.element`, `orders.element.id`, `tags.key`.
    package var fieldIDs: [String: Int32]

    package init(
        codec: ParquetCodec = .preferred, compressionLevel: Int32? = nil,
        rowGroupRows: Int = 122_880, pageBytes: Int = 1 << 20, pageRows: Int = 20_480,
        usesDictionaries: Bool = true, dictionaryBytes: Int = 1 << 20, statisticsBytes: Int = 64,
        writesPageIndex: Bool = true, writesChecksums: Bool = true,
        keyValues: [String: String] = [:], fieldIDs: [String: Int32] = [:]
    ) {
        self.codec = codec
        self.compressionLevel = compressionLevel
        self.rowGroupRows = max(1, rowGroupRows)
        self.pageBytes = min(max(1, pageBytes), 64 << 20)
        self.pageRows = max(1, pageRows)
        self.usesDictionaries = usesDictionaries
        self.dictionaryBytes = min(max(0, dictionaryBytes), 64 << 20)
        self.statisticsBytes = max(1, statisticsBytes)
        self.writesPageIndex = writesPageIndex
        self.writesChecksums = writesChecksums
        self.keyValues = keyValues
        self.fieldIDs = fieldIDs
    }
}

extension ParquetCodec {
    /// SNAPPY, or GZIP in a build without it.
    package static var preferred: ParquetCodec {
        #if Snappy
            .snappy
        #else
            .gzip
        #endif
    }

    /// By the name in a spec, `nil` where this build cannot compress so.
    package static func named(_ name: String) -> ParquetCodec? {
        switch name.lowercased() {
        case "none", "uncompressed": return .uncompressed
        case "gzip": return .gzip
        #if Snappy
            case "snappy": return .snappy
        #endif
        #if Zstd
            case "zstd": return .zstd
        #endif
        default: return nil
        }
    }
}

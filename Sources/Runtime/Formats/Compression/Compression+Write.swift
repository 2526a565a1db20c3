import PipelineDSL

extension Compression {
    /// What files of it end in: `.gz`, `.zst`, nothing.
    package var fileExtension: String {
        switch self {
        case .none: ""
        case .gzip: ".gz"
        case .zstd: ".zst"
        }
    }

    /// One gzip member or Zstandard frame. Several, one after another, are one file (RFC 1952, 2.2;
    /// RFC 8878, 3), so pieces of a file can be compressed in parallel.
    package func compress(_ bytes: [UInt8]) throws -> [UInt8] {
        let codec: ParquetCodec
        switch self {
        case .none: return bytes
        case .gzip: codec = .gzip
        case .zstd: codec = .zstd
        }
        let buffer = PageBuffer(capacity: bytes.count / 3 + 64)
        try bytes.withUnsafeBytes { try codec.compress($0, level: nil, to: buffer) }
        return Array(buffer.bytes)
    }

    /// Whether this build can write it.
    package var isWritable: Bool {
        #if Zstd
            true
        #else
            self != .zstd
        #endif
    }

    /// The `compression` of a text format.
    static let signature = SettingSignature(
        "compression", .choice(Compression.allCases.map(\.rawValue)),
        """
        How files are compressed. Without it a file's name says: `.gz`, `.zst`, or not at all. Files
        that are written into a folder get that ending.
        """)
}

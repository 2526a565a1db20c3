import PipelineDSL

/// The decompressed bytes of one object, from its start to its end.
///
/// Used by one thread at a time. Whatever the object's size or compression ratio, an input holds
/// only its fixed buffers: the caller says how many bytes it wants and never gets more.
package protocol ByteInput: AnyObject {
    /// How diagnostics call the object: the path as the user would write it.
    var name: String { get }
    /// Bytes of the object (compressed) consumed so far, for progress.
    var consumedBytes: Int64 { get }
    /// Fills the start of `buffer` and returns how many bytes; 0 only at the end of the object or
    /// where `buffer` is empty. Throws ``RunError``.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

extension ByteInput {
    /// Reads until `buffer` is full or the object ends.
    package func fill(_ buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        var filled = 0
        while filled < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
            let count = try read(into: rest)
            if count == 0 { break }
            filled += count
        }
        return filled
    }
}

/// The compression that a file's name announces.
package enum Compression: String, Sendable, CaseIterable {
    case none, gzip, zstd

    /// Follows the last extension: `.gz` and `.gzip`, `.zst` and `.zstd`; anything else is plain.
    package static func of(_ path: String) -> Compression {
        switch fileExtension(path) {
        case "gz", "gzip": .gzip
        case "zst", "zstd": .zstd
        default: .none
        }
    }

    /// Lower-cased extension without its dot; empty where there is none.
    package static func fileExtension(_ path: String) -> String {
        let file = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path[path.index(after: $0)...] }
        let name = file ?? path[...]
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
        return name[name.index(after: dot)...].lowercased()
    }

    private static let unsupported: Set<String> = [
        "bz2", "xz", "lz4", "lzma", "zip", "7z", "br", "z",
    ]

    /// As ``of(_:)``; throws where the name announces one that is not supported.
    package static func named(by path: String, name: String? = nil) throws -> Compression {
        if unsupported.contains(fileExtension(path)) {
            throw RunError(
                .unknownCompression,
                "`\(name ?? path)` is compressed in a way that is not supported",
                notes: ["`.gz` and `.zst` files can be read and written"])
        }
        return of(path)
    }

    /// Opens `path` and decompresses it: as `declared`, else as its name says. `name` is what
    /// diagnostics call it.
    package static func open(
        _ path: String, name: String? = nil, as declared: Compression? = nil
    ) throws -> any ByteInput {
        let name = name ?? path
        let compression = try declared ?? named(by: path, name: name)
        return try compression.wrap(FileInput(path, name: name))
    }

    /// Decompresses what `input` yields.
    package func wrap(_ input: any ByteInput) throws -> any ByteInput {
        switch self {
        case .none: return input
        case .gzip: return try GzipInput(input)
        case .zstd:
            #if Zstd
                return try ZstdInput(input)
            #else
                throw RunError(
                    .unknownCompression, "`\(input.name)` needs Zstandard, which this build lacks",
                    notes: ["build with the package trait `Zstd`"])
            #endif
        }
    }
}

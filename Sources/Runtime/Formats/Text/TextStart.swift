import PipelineDSL

/// The first bytes of a text file.
enum TextStart {
    /// Length of a UTF-8 byte order mark, or 0. Throws where the file is visibly something else.
    static func skipMark(_ bytes: UnsafeRawBufferPointer, name: String) throws -> Int {
        for (signature, what, advice) in others where bytes.starts(with: signature) {
            throw RunError(
                .notUTF8Text, "`\(name)` is \(what), not UTF-8 text", notes: [advice])
        }
        return bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    private static let convert = "convert it, for example with `iconv -f UTF-16 -t UTF-8`"

    private static let others: [([UInt8], String, String)] = [
        ([0xFF, 0xFE], "UTF-16", convert),
        ([0xFE, 0xFF], "UTF-16", convert),
        ([0x1F, 0x8B], "a gzip file", "name it `….gz` and it is decompressed while it is read"),
        (
            [0x28, 0xB5, 0x2F, 0xFD], "a Zstandard file",
            "name it `….zst` and it is decompressed while it is read"
        ),
        (
            [0x50, 0x4B, 0x03, 0x04], "a ZIP archive",
            "an Excel workbook is one; save the sheet as CSV"
        ),
        ([0x50, 0x41, 0x52, 0x31], "a Parquet file", "read it with `format: parquet`"),
    ]
}

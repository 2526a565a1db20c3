import PipelineDSL

extension FunctionCatalogue {
    /// Of a text its UTF-8 is hashed. All are the same on every machine and in every version.
    static let hashes: [FunctionSignature] = [
        digest("md5", "MD5 (RFC 1321)", ("md5('abc')", "900150983cd24fb0d6963f7d28e17f72")),
        digest(
            "sha1", "SHA-1 (FIPS 180-4)",
            ("sha1('abc')", "a9993e364706816aba3e25717850c26c9cd0d89d")),
        digest(
            "sha256", "SHA-256 (FIPS 180-4)",
            ("sha256('abc')", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")),
        FunctionSignature(
            "hash", aliases: ["xxhash64"],
            "A 64-bit hash (XXH64, seed 0) of the values, for partitioning and sampling; nulls hash, too.",
            [Overload([.any("value")], variadic: .any("value"), to: .bigint, nulls: .never)]),
        FunctionSignature(
            "crc32", "CRC-32 (ISO 3309), as `zlib` computes it.",
            [
                Overload([.string("text")], to: .bigint), Overload([.bytes("bytes")], to: .bigint),
            ], examples: [("crc32('123456789')", "3421780262")]),
    ]

    private static func digest(
        _ name: String, _ words: String, _ example: (String, String)
    ) -> FunctionSignature {
        FunctionSignature(
            name, "\(words) in hexadecimal.",
            [
                Overload([.string("text")], to: .string), Overload([.bytes("bytes")], to: .string),
            ], examples: [example])
    }
}

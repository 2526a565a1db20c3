import PipelineDSL

extension KernelTable {
    static let letterCase: [String: KernelResolver] = [
        "lower": { _ in mapped(from: UInt8(ascii: "A"), to: UInt8(ascii: "Z")) { $0.lowercased() }
        },
        "upper": { _ in mapped(from: UInt8(ascii: "a"), to: UInt8(ascii: "z")) { $0.uppercased() }
        },
        "initcap": { _ in
            BoundKernel { call in
                call.withStrings(0) { texts in
                    call.texts { row, out in
                        LetterCase.capitalise(texts[row], into: &out)
                        return .value
                    }
                }
            }
        },
    ]

    /// Letters between two of ASCII turn by one bit; what is not ASCII goes through the Unicode
    /// tables of the standard library.
    @inline(__always)
    private static func mapped(
        from low: UInt8, to high: UInt8, _ full: @escaping @Sendable (String) -> String
    ) -> BoundKernel {
        BoundKernel { call in
            call.withStrings(0) { texts in
                call.texts { row, out in
                    let bytes = texts[row]
                    guard UTF8Text.isASCII(texts.pointer(row), bytes.count) else {
                        out.append(contentsOf: full(String(decoding: bytes, as: UTF8.self)).utf8)
                        return .value
                    }
                    for byte in bytes {
                        out.append(byte ^ (byte >= low && byte <= high ? 0x20 : 0))
                    }
                    return .value
                }
            }
        }
    }
}

enum LetterCase {
    /// A word is a run of letters and digits, as in PostgreSQL.
    static func capitalise(_ bytes: UnsafeRawBufferPointer, into out: inout [UInt8]) {
        var inWord = false
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            let properties = scalar.properties
            let isWord = properties.isAlphabetic || properties.numericType != nil
            let mapped =
                !isWord
                ? String(scalar)
                : inWord ? properties.lowercaseMapping : properties.titlecaseMapping
            out.append(contentsOf: mapped.utf8)
            inWord = isWord
        }
    }

    /// For comparing without regard to case.
    static func folded(_ bytes: UnsafeRawBufferPointer, into out: inout [UInt8]) {
        var isASCII = true
        for byte in bytes { isASCII = isASCII && byte < 0x80 }
        if isASCII {
            for byte in bytes { out.append(byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte) }
        } else {
            out.append(contentsOf: String(decoding: bytes, as: UTF8.self).lowercased().utf8)
        }
    }
}

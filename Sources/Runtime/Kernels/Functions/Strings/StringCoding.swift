import PipelineDSL

extension KernelTable {
    static let stringCoding: [String: KernelResolver] = [
        "to_hex": { request in
            if request.arguments.first == .bigint {
                return BoundKernel { call in
                    let values = call.operand(0, Int64.self)
                    return call.texts { row, out in
                        let digits = String(UInt64(bitPattern: values[row]), radix: 16)
                        out.append(contentsOf: digits.utf8)
                        return .value
                    }
                }
            }
            return BoundKernel { call in
                call.withStrings(0) { texts in
                    call.texts { row, out in
                        ByteText.appendHex(texts[row], to: &out)
                        return .value
                    }
                }
            }
        },
        "encode": { request in
            guard let format = request.constantText(1) else { return nil }
            return coding { bytes, out in
                switch format {
                case "hex": ByteText.appendHex(bytes, to: &out)
                case "base64": ByteText.appendBase64(bytes, to: &out)
                default:
                    guard isUTF8(bytes) else { return .fault(.badCast) }
                    out.append(contentsOf: bytes)
                }
                return .value
            }
        },
        "decode": { request in
            guard let format = request.constantText(1) else { return nil }
            return coding { text, out in
                let isRight =
                    switch format {
                    case "hex": ByteText.decodeHex(text, into: &out)
                    case "base64": ByteText.decodeBase64(text, into: &out)
                    default: ByteText.copy(text, into: &out)
                    }
                return isRight ? .value : .fault(.badCast)
            }
        },
    ]

    private static func coding(
        _ f: @escaping @Sendable (UnsafeRawBufferPointer, inout [UInt8]) -> RowOutcome
    ) -> BoundKernel {
        BoundKernel { call in
            call.withStrings(0) { texts in call.texts { row, out in f(texts[row], &out) } }
        }
    }

    private static func isUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let p = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return true }
        return UTF8Text.isValid(p, bytes.count)
    }
}

/// Bytes as text: hexadecimal and base64 (RFC 4648, standard alphabet, padded).
enum ByteText {
    static func appendHex(_ bytes: some Sequence<UInt8>, to out: inout [UInt8]) {
        for byte in bytes {
            out.append(hexDigits[Int(byte >> 4)])
            out.append(hexDigits[Int(byte & 15)])
        }
    }

    static func decodeHex(_ text: UnsafeRawBufferPointer, into out: inout [UInt8]) -> Bool {
        guard text.count % 2 == 0 else { return false }
        for i in stride(from: 0, to: text.count, by: 2) {
            guard let high = ScalarText.hexDigit(text[i]),
                let low = ScalarText.hexDigit(text[i + 1])
            else { return false }
            out.append(high << 4 | low)
        }
        return true
    }

    static func copy(_ text: UnsafeRawBufferPointer, into out: inout [UInt8]) -> Bool {
        out.append(contentsOf: text)
        return true
    }

    static func appendBase64(_ bytes: UnsafeRawBufferPointer, to out: inout [UInt8]) {
        var i = 0
        while i < bytes.count {
            let left = min(3, bytes.count - i)
            var word: UInt32 = 0
            for k in 0..<3 { word = word << 8 | (k < left ? UInt32(bytes[i + k]) : 0) }
            for k in 0..<4 {
                let digit = Int(word >> UInt32(18 - 6 * k) & 63)
                out.append(k <= left ? base64Digits[digit] : UInt8(ascii: "="))
            }
            i += 3
        }
    }

    /// White space is skipped; padding may be missing.
    static func decodeBase64(_ text: UnsafeRawBufferPointer, into out: inout [UInt8]) -> Bool {
        var (word, digits, isPadded) = (UInt32(0), 0, false)
        for byte in text {
            if byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) { continue }
            if byte == UInt8(ascii: "=") {
                isPadded = true
                continue
            }
            guard !isPadded, let digit = base64Value(byte) else { return false }
            word = word << 6 | UInt32(digit)
            digits += 1
            if digits == 4 {
                out += [
                    UInt8(truncatingIfNeeded: word >> 16), UInt8(truncatingIfNeeded: word >> 8),
                    UInt8(truncatingIfNeeded: word),
                ]
                (word, digits) = (0, 0)
            }
        }
        switch digits {
        case 0: return true
        case 2: out.append(UInt8(truncatingIfNeeded: word >> 4))
        case 3:
            out += [
                UInt8(truncatingIfNeeded: word >> 10), UInt8(truncatingIfNeeded: word >> 2),
            ]
        default: return false
        }
        return true
    }

    private static func base64Value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - 71
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte + 4
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)
    private static let base64Digits = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
}

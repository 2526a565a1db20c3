import PipelineDSL

extension KernelTable {
    static let likeKernels: [String: KernelResolver] = [
        "like": { try like($0, ignoresCase: false) },
        "ilike": { try like($0, ignoresCase: true) },
    ]

    private static func like(_ request: KernelRequest, ignoresCase: Bool) throws -> BoundKernel? {
        var escape: UInt32? = 0x5C
        if request.arguments.count == 3 {
            guard let text = request.constantText(2) else {
                // A null escape makes the result null, which strictness takes care of.
                return BoundKernel {
                    KernelResult(.boolean(Bitmap(repeating: false, count: $0.count)))
                }
            }
            let scalars = text.unicodeScalars
            guard scalars.count <= 1 else {
                throw RunError(
                    .badPattern, "`ESCAPE` takes one character, not `\(text)`", at: request.span)
            }
            escape = scalars.first?.value
        }
        let escapeCharacter = escape
        if let text = request.constantText(1) {
            let pattern = Array(text.utf8).withUnsafeBytes {
                LikePattern($0, escape: escapeCharacter, ignoresCase: ignoresCase)
            }
            guard let pattern else {
                throw RunError(
                    .badPattern, "the pattern `\(text)` ends in its escape character",
                    at: request.span)
            }
            return constant(pattern)
        }
        return BoundKernel { call in
            call.withStrings(0, 1) { texts, patterns in
                var buffer: [UInt8] = []
                return call.bits { row, out in
                    guard
                        let pattern = LikePattern(
                            patterns[row], escape: escapeCharacter, ignoresCase: ignoresCase)
                    else { return .fault(.pattern) }
                    out = matches(pattern, texts, row, &buffer)
                    return .value
                }
            }
        }
    }

    private static func constant(_ pattern: LikePattern) -> BoundKernel {
        BoundKernel { call in
            call.withStrings(0) { texts in
                var buffer: [UInt8] = []
                return call.bits { row, out in
                    out = matches(pattern, texts, row, &buffer)
                    return .value
                }
            }
        }
    }

    @inline(__always)
    private static func matches(
        _ pattern: LikePattern, _ texts: StringAccess, _ row: Int, _ buffer: inout [UInt8]
    ) -> Bool {
        guard pattern.ignoresCase else {
            return pattern.matches(texts.pointer(row), texts.view(row).count)
        }
        buffer.removeAll(keepingCapacity: true)
        LetterCase.folded(texts[row], into: &buffer)
        return buffer.withUnsafeBufferPointer { folded in
            folded.baseAddress.map { pattern.matches($0, folded.count) }
                ?? pattern.matches(texts.pointer(row), 0)
        }
    }
}

/// Bounds as statistics hold them: PLAIN bytes, long strings cut to a prefix.
struct EncodedBound {
    var bytes: [UInt8]
    var isExact = true
}

extension WriteLeaf {
    /// `nil` where no bound of at most `limit` bytes exists.
    func encoded(_ value: StatisticValue, isMax: Bool, limit: Int) -> EncodedBound? {
        switch (value, layout.physical) {
        case (.boolean(let bit), _): EncodedBound(bytes: [bit ? 1 : 0])
        case (.integer(let number), .int32): little(Int32(truncatingIfNeeded: number))
        case (.integer(let number), _): little(number)
        case (.decimal(let number), .int32): little(Int32(truncatingIfNeeded: number))
        case (.decimal(let number), .int64): little(Int64(truncatingIfNeeded: number))
        case (.decimal(let number), _):
            EncodedBound(bytes: StatisticValue.bigEndian(number, layout.width))
        case (.floating(let number), .float): little(Float(number).bitPattern)
        case (.floating(let number), _): little(number.bitPattern)
        case (.bytes(let bytes), .byteArray) where bytes.count > limit:
            isMax ? cutMax(bytes, limit) : cutMin(bytes, limit)
        case (.bytes(let bytes), _): EncodedBound(bytes: bytes)
        }
    }

    private func little<T: FixedWidthInteger>(_ value: T) -> EncodedBound {
        EncodedBound(bytes: withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) })
    }

    private var isText: Bool { type == .string || type == .json }

    private func cutMin(_ bytes: [UInt8], _ limit: Int) -> EncodedBound {
        EncodedBound(bytes: Array(bytes[..<boundary(bytes, limit)]), isExact: false)
    }

    /// A prefix whose last character is replaced by the next one, so that it is above the value.
    private func cutMax(_ bytes: [UInt8], _ limit: Int) -> EncodedBound? {
        var end = boundary(bytes, limit)
        while end > 0 {
            let start = isText ? boundary(bytes, end - 1) : end - 1
            if let next = successor(bytes[start..<end]) {
                return EncodedBound(bytes: bytes[..<start] + next, isExact: false)
            }
            end = start
        }
        return nil
    }

    /// The last character boundary at or before `limit`.
    private func boundary(_ bytes: [UInt8], _ limit: Int) -> Int {
        var end = limit
        while isText && end > 0 && bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return end
    }

    private func successor(_ character: ArraySlice<UInt8>) -> [UInt8]? {
        if !isText {
            guard let byte = character.first, byte < 0xFF else { return nil }
            return [byte + 1]
        }
        let text = String(decoding: character, as: UTF8.self).unicodeScalars
        guard let scalar = text.first, text.count == 1 else { return nil }
        // Past the surrogates, which are no characters.
        let next = scalar.value == 0xD7FF ? 0xE000 : scalar.value + 1
        return Unicode.Scalar(next).map { Array(String($0).utf8) }
    }
}

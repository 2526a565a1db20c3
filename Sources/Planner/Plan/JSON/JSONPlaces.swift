import PipelineDSL

/// Finds where in a JSON text a value stands, so that a diagnostic about a plan file underlines it.
struct JSONPlaces {
    private let bytes: [UInt8]
    private let source: SourceText

    init(_ source: SourceText) {
        self.source = source
        bytes = Array(source.text.utf8)
    }

    /// The span of the value at `path` (keys and positions); of the nearest value around it where
    /// there is none.
    func span(_ path: [String]) -> SourceSpan {
        var range = value(at: skipBlanks(0))
        for step in path {
            guard let inner = child(step, of: range) else { break }
            range = inner
        }
        // Only the first line of a value that spans many.
        let end = bytes[range].firstIndex(of: UInt8(ascii: "\n")) ?? range.upperBound
        return source.span(range.lowerBound..<end)
    }

    private func child(_ step: String, of range: Range<Int>) -> Range<Int>? {
        guard range.lowerBound < bytes.count else { return nil }
        switch bytes[range.lowerBound] {
        case UInt8(ascii: "{"):
            return members(range).first { $0.key.map { key(bytes[$0]) == step } ?? false }?.value
        case UInt8(ascii: "["):
            guard let index = Int(step), index >= 0 else { return nil }
            return members(range).dropFirst(index).first?.value
        default: return nil
        }
    }

    private func key(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.dropFirst().dropLast(), as: UTF8.self)
    }

    /// The entries of the object or array in `range`.
    private func members(_ range: Range<Int>) -> [(key: Range<Int>?, value: Range<Int>)] {
        let isObject = bytes[range.lowerBound] == UInt8(ascii: "{")
        var found: [(key: Range<Int>?, value: Range<Int>)] = []
        var index = skipBlanks(range.lowerBound + 1)
        while index < range.upperBound - 1 {
            var key: Range<Int>?
            if isObject {
                key = value(at: index)
                // Over the colon.
                index = skipBlanks(skipBlanks(value(at: index).upperBound) + 1)
            }
            let value = value(at: index)
            guard !value.isEmpty else { break }
            found.append((key, value))
            // Over the comma.
            index = skipBlanks(skipBlanks(value.upperBound) + 1)
        }
        return found
    }

    private func skipBlanks(_ start: Int) -> Int {
        var index = start
        while index < bytes.count, bytes[index] <= 0x20 { index += 1 }
        return index
    }

    /// Extent of the value that starts at `start`; brackets are only counted.
    private func value(at start: Int) -> Range<Int> {
        guard start < bytes.count else { return bytes.count..<bytes.count }
        var index = start
        var depth = 0
        repeat {
            switch bytes[index] {
            case UInt8(ascii: "\""): index = stringEnd(index)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                index += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth < 0 { return start..<index }
                index += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                if depth == 0 { return start..<index }
                index += 1
            case 0...0x20:
                if depth == 0 { return start..<index }
                index += 1
            default: index += 1
            }
        } while index < bytes.count && (depth > 0 || !endsValue(bytes[index]))
        return start..<min(index, bytes.count)
    }

    private func endsValue(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "}"), UInt8(ascii: "]"), 0...0x20:
            true
        default: false
        }
    }

    private func stringEnd(_ start: Int) -> Int {
        var index = start + 1
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(index + 1, bytes.count)
    }
}

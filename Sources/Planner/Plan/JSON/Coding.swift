import PipelineDSL

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

// What the plan's types share when they write themselves: nothing that says nothing (empty lists,
// false, absent values) is written, and places in the spec can be left out.

extension CodingUserInfoKey {
    /// Set to leave places in the spec out: two forms of one pipeline then give the same bytes.
    static let omitsPlaces = CodingUserInfoKey(rawValue: "pipec.omits-places")
}

extension Encoder {
    var omitsPlaces: Bool {
        guard let key = CodingUserInfoKey.omitsPlaces else { return false }
        return userInfo[key] as? Bool ?? false
    }
}

extension KeyedEncodingContainer {
    mutating func encode(ifTrue value: Bool, _ key: Key) throws {
        if value { try encode(true, forKey: key) }
    }

    mutating func encode(unlessEmpty value: some Collection & Encodable, _ key: Key) throws {
        if !value.isEmpty { try encode(value, forKey: key) }
    }

    mutating func encode(place span: SourceSpan?, _ key: Key, _ encoder: any Encoder) throws {
        if let span, !encoder.omitsPlaces { try encode(span.planText, forKey: key) }
    }
}

extension KeyedDecodingContainer {
    func decode<T: Decodable>(_ key: Key, default value: T) throws -> T {
        try decodeIfPresent(T.self, forKey: key) ?? value
    }

    func decodePlaces(_ key: Key) throws -> [String: SourceSpan] {
        try decode(key, default: [String: String]()).mapValues { try place($0, key) }
    }

    func decodePlace(_ key: Key) throws -> SourceSpan? {
        try decodeIfPresent(String.self, forKey: key).map { try place($0, key) }
    }

    private func place(_ text: String, _ key: Key) throws -> SourceSpan {
        guard let span = SourceSpan(planText: text) else {
            throw DecodingError.dataCorruptedError(
                forKey: key, in: self,
                debugDescription: "`\(text)` is not a place such as `pipec.yaml:4:9-4:20@61-72`")
        }
        return span
    }
}

extension SourceSpan {
    /// `pipec.yaml:44:9-44:35@1203-1229`: lines and columns, then bytes.
    var planText: String {
        "\(file):\(start.line):\(start.column)-\(end.line):\(end.column)"
            + "@\(start.offset)-\(end.offset)"
    }

    init?(planText text: String) {
        guard let at = text.lastIndex(of: "@") else { return nil }
        let bytes = Self.numbers(text[text.index(after: at)...], separators: "-")
        // The file may hold colons itself, so the places are read from the end.
        let fields = text[..<at].split(separator: ":", omittingEmptySubsequences: false)
        guard fields.count >= 4, bytes.count == 2 else { return nil }
        let places = Self.numbers(fields.suffix(3).joined(separator: ":"), separators: ":-")
        guard places.count == 4 else { return nil }
        self.init(
            file: fields.dropLast(3).joined(separator: ":"),
            start: SourcePosition(line: places[0], column: places[1], offset: bytes[0]),
            end: SourcePosition(line: places[2], column: places[3], offset: bytes[1]))
    }

    private static func numbers(_ text: some StringProtocol, separators: String) -> [Int] {
        let parts = text.split(omittingEmptySubsequences: false) { separators.contains($0) }
        let numbers = parts.compactMap { Int($0) }
        return numbers.count == parts.count && numbers.allSatisfy { $0 >= 0 } ? numbers : []
    }
}

/// A stable code, `PIPE0203`, with the page that `pipec explain PIPE0203` prints.
///
/// Numbers are explicit and never reused. The ranges:
///
/// | range | what |
/// |---|---|
/// | 0001–0099 | YAML: syntax, encoding, anchors, duplicate keys |
/// | 0100–0199 | the shape of a spec: unknown keys, wrong types, missing settings |
/// | 0200–0299 | names: nodes, columns, functions, parameters, profiles |
/// | 0300–0399 | expressions and SQL: syntax, types, nullability |
/// | 0400–0499 | plans: contracts, delivery, state, what cannot be planned |
/// | 0500–0599 | runs: data, memory, storage, commits |
/// | 0600–0699 | formats and connectors |
/// | 0700–0799 | the command line and its files; 0710–0729 the network, alerts and lineage |
public struct DiagnosticCode: Hashable, Sendable, Codable, CustomStringConvertible {
    public let number: Int
    /// A few words, as in a table of contents.
    public let title: String
    /// What it means, why it is refused, and what to write instead. Markdown.
    public let explanation: String

    public init(_ number: Int, _ title: String, _ explanation: String = "") {
        self.number = number
        self.title = title
        self.explanation = explanation
    }

    /// `PIPE0203`
    public var description: String {
        let digits = String(number)
        return "PIPE" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    public static func == (a: DiagnosticCode, b: DiagnosticCode) -> Bool { a.number == b.number }
    public func hash(into hasher: inout Hasher) { hasher.combine(number) }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard text.hasPrefix("PIPE"), let number = Int(text.dropFirst(4)) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not a code: \(text)"))
        }
        self = DiagnosticCode.all.first { $0.number == number } ?? DiagnosticCode(number, "")
    }

    /// Every code there is, ascending. Each range lives in a file of its own, `Codes+….swift`.
    public static let all: [DiagnosticCode] = [
        yamlCodes, specCodes, nameCodes, nodeCodes, expressionCodes, planCodes, runCodes,
        formatCodes, generateCodes, stageCodes, testCodes, machineCodes, networkCodes,
        commandCodes,
    ].flatMap { $0 }
}

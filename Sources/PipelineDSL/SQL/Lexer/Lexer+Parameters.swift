extension Lexer {
    /// `${name}`, `${env:NAME}`, `${env:NAME:-default}`, `${secret:NAME}`: only its extent; what
    /// is inside is read by ``ParameterReference/init(inside:)``.
    mutating func scanParameter() {
        let start = position
        position += 2
        while position < bytes.count, bytes[position] != UInt8(ascii: "}"),
            bytes[position] != 0x0A
        {
            position += 1
        }
        guard position < bytes.count, bytes[position] == UInt8(ascii: "}") else {
            add(.invalid, from: start)
            return report(
                .malformedReference, "this reference is never closed", start..<start + 2,
                label: "opened here", notes: ["a reference ends with `}` on the same line"])
        }
        position += 1
        let inside = String(decoding: bytes[start + 2..<position - 1], as: UTF8.self)
        switch ParameterReference.reading(inside) {
        case .success: add(.parameter, from: start)
        case .failure(let problem):
            add(.invalid, from: start)
            report(.malformedReference, problem.reason, start..<position, notes: problem.notes)
        }
    }
}

extension ParameterReference {
    package struct Problem: Error {
        var reason: String
        var notes: [String]
    }

    /// What stands between `${` and `}`.
    package static func reading(_ inside: String) -> Result<ParameterReference, Problem> {
        guard let colon = inside.firstIndex(of: ":") else {
            return name(inside).map { .parameter($0) }
        }
        let kind = String(inside[..<colon])
        let rest = inside[inside.index(after: colon)...]
        switch kind {
        case "secret": return name(String(rest)).map { .secret($0) }
        case "env": return environment(rest)
        default:
            let near = nearName(kind, among: ["env", "secret"]).map { "; did you mean `\($0)`?" }
            return .failure(
                Problem(
                    reason: "`\(kind)` is no kind of reference\(near ?? "")",
                    notes: [forms]))
        }
    }

    private static func environment(_ rest: Substring) -> Result<ParameterReference, Problem> {
        // The first `:` must start `:-`; the default may hold further ones.
        guard let colon = rest.firstIndex(of: ":") else {
            return name(String(rest)).map { .environment($0, default: nil) }
        }
        let after = rest[rest.index(after: colon)...]
        guard after.hasPrefix("-") else {
            return .failure(
                Problem(
                    reason: "the default of an environment variable starts with `:-`",
                    notes: [forms]))
        }
        return name(String(rest[..<colon])).map {
            .environment($0, default: String(after.dropFirst()))
        }
    }

    private static func name(_ text: String) -> Result<String, Problem> {
        let allowed = text.utf8.allSatisfy {
            $0.isASCIILetter || $0.isASCIIDigit || "_-./".utf8.contains($0)
        }
        if !text.isEmpty, allowed { return .success(text) }
        let reason =
            text.isEmpty
            ? "this reference names nothing" : "`\(text)` cannot be the name of a reference"
        return .failure(Problem(reason: reason, notes: [forms]))
    }

    private static let forms =
        "a reference is `${name}`, `${env:NAME}`, `${env:NAME:-default}` or `${secret:NAME}`"
}

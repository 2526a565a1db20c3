/// Diagnostics as workflow commands, which GitHub shows beside the changed lines
/// (docs.github.com, "Workflow commands for GitHub Actions").
public enum GitHubRenderer {
    public static func render(_ diagnostics: [Diagnostic]) -> String {
        diagnostics.map { line($0) + "\n" }.joined()
    }

    private static func line(_ diagnostic: Diagnostic) -> String {
        let command = diagnostic.severity == .note ? "notice" : diagnostic.severity.rawValue
        var properties: [(String, String)] = []
        if let span = diagnostic.primary?.span {
            properties = [
                ("file", span.file), ("line", "\(span.start.line)"),
                ("col", "\(span.start.column)"), ("endLine", "\(span.end.line)"),
                ("endColumn", "\(span.end.column)"),
            ]
        }
        properties.append(("title", "\(diagnostic.code) \(diagnostic.code.title)"))
        let list = properties.map { "\($0)=\(escapedProperty($1))" }.joined(separator: ",")
        return "::\(command) \(list)::\(escaped(message(diagnostic)))"
    }

    private static func message(_ diagnostic: Diagnostic) -> String {
        var lines = [diagnostic.message]
        if let label = diagnostic.primary?.text, !label.isEmpty { lines.append(label) }
        lines += diagnostic.notes
        if let fix = diagnostic.fix { lines.append("fix: \(fix.title)") }
        return lines.joined(separator: "\n")
    }

    private static func escaped(_ text: String) -> String {
        escape(text, ["%": "%25", "\r": "%0D", "\n": "%0A"])
    }

    private static func escapedProperty(_ text: String) -> String {
        escape(text, ["%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"])
    }

    private static func escape(_ text: String, _ table: [Unicode.Scalar: String]) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if let replacement = table[scalar] {
                result += replacement
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

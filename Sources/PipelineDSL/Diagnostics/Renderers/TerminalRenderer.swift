/// Diagnostics as people read them in a terminal: the lines themselves, what is wrong underlined.
///
/// ```
/// error[PIPE0203]: `latitud` is not a column of silver.telemetry
///   --> pipec.yaml:48:29
///    |
/// 48 |       - where: abs(latitud) < 66.5
///    |                    ^^^^^^^ did you mean `latitude`?
///    |
///    = columns here: vehicle_id, recorded_at, latitude, longitude, speed_kmh
/// ```
public struct TerminalRenderer {
    public var isColored: Bool
    /// Columns after which a long line of a file is cut.
    public var width: Int
    private let source: (String) -> String?

    /// - Parameter source: the text of a file by its name in spans; `nil` if it cannot be had, and
    ///   then only the place is named.
    public init(
        isColored: Bool = false, width: Int = 140, source: @escaping (String) -> String?
    ) {
        self.isColored = isColored
        self.width = max(40, width)
        self.source = source
    }

    /// All of them and a line that counts them; empty if there are none.
    public func render(_ diagnostics: [Diagnostic]) -> String {
        guard !diagnostics.isEmpty else { return "" }
        var files: [String: SourceLines] = [:]
        var result = ""
        for diagnostic in diagnostics {
            result += render(diagnostic, &files) + "\n"
        }
        return result + Self.summary(diagnostics) + "\n"
    }

    /// `2 errors, 1 warning`
    public static func summary(_ diagnostics: [Diagnostic]) -> String {
        let counts = [Diagnostic.Severity.error, .warning, .note].compactMap {
            severity -> String? in
            let count = diagnostics.count { $0.severity == severity }
            return count == 0 ? nil : "\(count) \(severity.rawValue)\(count == 1 ? "" : "s")"
        }
        return counts.joined(separator: ", ")
    }

    private func render(_ diagnostic: Diagnostic, _ files: inout [String: SourceLines]) -> String {
        let style = TerminalStyle(isColored: isColored)
        let role = TerminalStyle.role(diagnostic.severity)
        var lines = [
            style.apply(role, "\(diagnostic.severity.rawValue)[\(diagnostic.code)]")
                + style.apply(.bold, ": " + DisplayText.safe(diagnostic.message))
        ]
        let excerpts = self.excerpts(of: diagnostic, &files)
        let gutter = excerpts.map(\.gutterWidth).max() ?? 1
        let bar = String(repeating: " ", count: gutter + 1) + style.apply(.gutter, "|")
        for (index, excerpt) in excerpts.enumerated() {
            let arrow = index == 0 ? "-->" : ":::"
            let indent = String(repeating: " ", count: gutter)
            lines.append(indent + style.apply(.gutter, arrow) + " " + excerpt.place)
            let rows = excerpt.rows(gutter: gutter, width: width, style)
            if !rows.isEmpty { lines += [bar] + rows }
        }
        let notes = self.notes(diagnostic)
        if !notes.isEmpty, excerpts.contains(where: \.hasText) { lines.append(bar) }
        let sign = String(repeating: " ", count: gutter + 1) + style.apply(.gutter, "=") + " "
        let deeper = String(repeating: " ", count: gutter + 3)
        for note in notes {
            let parts = DisplayText.safe(note).split(
                separator: "\n", omittingEmptySubsequences: false)
            lines.append(sign + parts.joined(separator: "\n" + deeper))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// One for each file that has a label, the primary one's first.
    private func excerpts(
        of diagnostic: Diagnostic, _ files: inout [String: SourceLines]
    ) -> [TerminalExcerpt] {
        guard let primary = diagnostic.primary else { return [] }
        var excerpts = [TerminalExcerpt(primary.span, lines(primary.span.file, &files))]
        excerpts[0].add(primary, TerminalStyle.role(diagnostic.severity), isPrimary: true)
        for label in diagnostic.secondary {
            if let index = excerpts.firstIndex(where: { $0.file == label.span.file }) {
                excerpts[index].add(label, .secondary, isPrimary: false)
            } else {
                var excerpt = TerminalExcerpt(label.span, lines(label.span.file, &files))
                excerpt.add(label, .secondary, isPrimary: false)
                excerpts.append(excerpt)
            }
        }
        return excerpts
    }

    private func lines(_ file: String, _ files: inout [String: SourceLines]) -> SourceLines? {
        if let known = files[file] { return known }
        guard let text = source(file) else { return nil }
        let lines = SourceLines(file: file, bytes: Array(text.utf8))
        files[file] = lines
        return lines
    }

    /// The notes, and the fix if the text beside the underline does not name it already.
    private func notes(_ diagnostic: Diagnostic) -> [String] {
        guard let fix = diagnostic.fix else { return diagnostic.notes }
        let shown = "`\(fix.replacement)`"
        if diagnostic.primary?.text.contains(shown) == true { return diagnostic.notes }
        let isNamed = fix.title.contains(shown) || fix.replacement.allSatisfy(\.isWhitespace)
        return diagnostic.notes + ["help: \(fix.title)\(isNamed ? "" : ": \(shown)")"]
    }
}

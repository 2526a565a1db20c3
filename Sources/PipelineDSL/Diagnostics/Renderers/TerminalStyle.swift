/// ANSI colours, or none.
struct TerminalStyle {
    enum Role { case error, warning, note, gutter, secondary, bold }

    var isColored: Bool

    func apply(_ role: Role, _ text: String) -> String {
        guard isColored, !text.isEmpty else { return text }
        let code =
            switch role {
            case .error: "1;31"
            case .warning: "1;33"
            case .note: "1;36"
            case .gutter, .secondary: "1;34"
            case .bold: "1"
            }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }

    static func role(_ severity: Diagnostic.Severity) -> Role {
        switch severity {
        case .error: .error
        case .warning: .warning
        case .note: .note
        }
    }
}

/// A row of characters that is drawn in any order, each with a colour.
struct TerminalRow {
    private var cells: [(character: Character, role: TerminalStyle.Role?)] = []

    var isBlank: Bool { cells.allSatisfy { $0.character == " " } }

    mutating func put(_ text: String, at column: Int, _ role: TerminalStyle.Role?) {
        guard column >= 0 else { return }
        let end = column + text.count
        while cells.count < end { cells.append((" ", nil)) }
        for (index, character) in text.enumerated() { cells[column + index] = (character, role) }
    }

    /// Without blanks at the end.
    func text(_ style: TerminalStyle) -> String {
        var result = ""
        var run = ""
        var runRole: TerminalStyle.Role?
        let end = (cells.lastIndex { $0.character != " " } ?? -1) + 1
        for cell in cells[..<end] {
            if cell.role != runRole, cell.character != " " {
                result += runRole.map { style.apply($0, run) } ?? run
                run = ""
                runRole = cell.role
            }
            run.append(cell.character)
        }
        return result + (runRole.map { style.apply($0, run) } ?? run)
    }
}

/// ANSI colours for plans, or none.
struct TextStyle {
    enum Role { case added, removed, changed, breaking, faint, bold }

    var isColored: Bool

    func apply(_ role: Role, _ text: String) -> String {
        guard isColored, !text.isEmpty else { return text }
        let code =
            switch role {
            case .added: "32"
            case .removed: "31"
            case .changed: "33"
            case .breaking: "1;31"
            case .faint: "2"
            case .bold: "1"
            }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }

    func role(_ kind: PlanDiff.Kind) -> Role {
        switch kind {
        case .added: .added
        case .removed: .removed
        case .changed, .moved: .changed
        }
    }
}

/// A line of two columns; the second starts at a fixed place, or two blanks after the first.
struct TextLine {
    var left: String
    var right: String
    /// Where the right column starts.
    var column: Int

    init(_ left: String, _ right: String = "", column: Int) {
        self.left = left
        self.right = right
        self.column = column
    }

    /// Widths are those of the text without colours.
    func text(_ width: Int? = nil) -> String {
        guard !right.isEmpty else { return left }
        let used = width ?? left.count
        return left + String(repeating: " ", count: max(2, column - used)) + right
    }
}

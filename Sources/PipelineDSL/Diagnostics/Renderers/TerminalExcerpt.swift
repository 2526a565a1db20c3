/// The lines of one file that a diagnostic is about, with what is drawn under them.
struct TerminalExcerpt {
    struct Mark {
        var span: SourceSpan
        var text: String
        var role: TerminalStyle.Role
        var isPrimary: Bool
        var sign: String { isPrimary ? "^" : "-" }
        var isMultiline: Bool { span.end.line > span.start.line }
    }

    let file: String
    /// `pipec.yaml:48:29`
    let place: String
    private let lines: SourceLines?
    private var marks: [Mark] = []

    init(_ span: SourceSpan, _ lines: SourceLines?) {
        file = span.file
        place = DisplayText.safe("\(span.file):\(span.start.line):\(span.start.column)")
        self.lines = lines
    }

    var hasText: Bool { lines.map { $0.bytes.count > 0 } ?? false }

    mutating func add(_ label: Diagnostic.Label, _ role: TerminalStyle.Role, isPrimary: Bool) {
        guard let lines else { return }
        var span = label.span
        // A file may have become shorter since; and an end at the start of a line means the end of
        // the line before.
        let last = max(lines.lineCount, 1)
        span.start.line = min(max(span.start.line, 1), last)
        span.end.line = min(max(span.end.line, span.start.line), last)
        if span.end.line > span.start.line, span.end.column <= 1 {
            span.end.line -= 1
            span.end.column =
                1
                + String(decoding: lines.line(span.end.line), as: UTF8.self)
                .unicodeScalars.count
        }
        marks.append(
            Mark(
                span: span, text: DisplayText.safe(label.text), role: role, isPrimary: isPrimary))
    }

    var gutterWidth: Int {
        String(marks.map { max($0.span.start.line, $0.span.end.line) }.max() ?? 1).count
    }

    // MARK: Rows

    func rows(gutter: Int, width: Int, _ style: TerminalStyle) -> [String] {
        guard let lines, hasText else { return [] }
        let lanes = marks.filter(\.isMultiline).sorted { $0.span.start < $1.span.start }
        var rows: [String] = []
        var previous: Int?
        for number in shownLines {
            let isGap = previous.map { number > $0 + 1 } ?? false
            if isGap { rows.append(style.apply(.gutter, "...")) }
            previous = number
            let drawing = TerminalLine(
                number: number, text: DisplayText(lines.line(number)), marks: marks, lanes: lanes,
                width: width)
            for (index, row) in drawing.rows(style).enumerated() {
                let label = index == 0 ? String(number) : ""
                let indent = String(repeating: " ", count: gutter - label.count)
                let head = style.apply(.gutter, indent + label + " |")
                rows.append(row.isEmpty ? head : head + " " + row)
            }
        }
        return rows
    }

    /// Lines in which something starts or ends, and those between two of them if they are few.
    private var shownLines: [Int] {
        var wanted: Set<Int> = []
        for mark in marks {
            wanted.insert(mark.span.start.line)
            wanted.insert(mark.span.end.line)
            if mark.isMultiline, mark.span.end.line - mark.span.start.line <= 4 {
                wanted.formUnion(mark.span.start.line...mark.span.end.line)
            }
        }
        let sorted = wanted.sorted()
        for (a, b) in zip(sorted, sorted.dropFirst()) where b == a + 2 { wanted.insert(a + 1) }
        return wanted.sorted()
    }
}

/// One line of a file with the rows under it: underlines, words, and the left edges of marks that
/// go over several lines, each in a lane of its own.
struct TerminalLine {
    typealias Mark = TerminalExcerpt.Mark

    let number: Int
    private let text: DisplayText
    private let marks: [Mark]
    private let lanes: [Mark]
    /// Display columns of the line that are shown.
    private let window: Range<Int>

    init(number: Int, text: DisplayText, marks: [Mark], lanes: [Mark], width: Int) {
        self.number = number
        self.text = text
        self.marks = marks.filter { !$0.isMultiline && $0.span.start.line == number }
        self.lanes = lanes
        let focus = (self.marks.first { $0.isPrimary } ?? self.marks.first)?.span.start.column ?? 1
        let start = text.column(focus)
        if text.width <= width {
            window = 0..<max(text.width, 1)
        } else {
            let from = max(0, min(start - width / 3, text.width - width))
            window = from..<(from + width)
        }
    }

    /// The line itself first.
    func rows(_ style: TerminalStyle) -> [String] {
        var line = margin { $0.span.start.line < number && number <= $0.span.end.line }
        var rows: [String] = []
        for (index, lane) in lanes.enumerated()
        where lane.span.start.line == number && startsLine(lane) {
            line.put("/", at: index * 2, lane.role)
        }
        rows.append((line.text(style).padded(to: marginWidth, style) + visibleText).trimmed)
        for (index, lane) in lanes.enumerated()
        where lane.span.start.line == number && !startsLine(lane) {
            rows.append(startRow(lane, index).text(style))
        }
        rows += underlines().map { $0.text(style) }
        for (index, lane) in lanes.enumerated() where lane.span.end.line == number {
            rows.append(endRow(lane, index).text(style))
        }
        return rows
    }

    private var visibleText: String {
        guard window.lowerBound > 0 || window.upperBound < text.width else { return text.text }
        let head = window.lowerBound > 0 ? "…" : ""
        let tail = window.upperBound < text.width ? "…" : ""
        return head
            + text.slice((window.lowerBound + head.count)..<(window.upperBound - tail.count))
            + tail
    }

    // MARK: Lanes

    private var marginWidth: Int { lanes.isEmpty ? 0 : lanes.count * 2 }

    private func startsLine(_ mark: Mark) -> Bool {
        text.column(mark.span.start.column) <= text.indentation
    }

    private func margin(_ isActive: (Mark) -> Bool) -> TerminalRow {
        var row = TerminalRow()
        for (index, lane) in lanes.enumerated() where isActive(lane) {
            row.put("|", at: index * 2, lane.role)
        }
        return row
    }

    /// Lanes that are open under this line; `done` are those that have been drawn already.
    private func openLanes(startedBefore index: Int?, endedBefore done: Int = 0) -> TerminalRow {
        var row = TerminalRow()
        for (lane, mark) in lanes.enumerated() {
            let hasStarted =
                mark.span.start.line < number
                || (mark.span.start.line == number
                    && (index.map { lane < $0 } ?? true || startsLine(mark)))
            let isOpen =
                mark.span.end.line > number || (mark.span.end.line == number && lane >= done)
            if hasStarted, isOpen { row.put("|", at: lane * 2, mark.role) }
        }
        return row
    }

    private func place(_ column: Int) -> Int {
        let shown = min(max(text.column(column), window.lowerBound), window.upperBound)
        return marginWidth + shown - window.lowerBound
    }

    private func startRow(_ mark: Mark, _ index: Int) -> TerminalRow {
        var row = openLanes(startedBefore: index)
        let column = place(mark.span.start.column)
        let from = index * 2 + 1
        row.put(String(repeating: "_", count: max(0, column - from)), at: from, mark.role)
        row.put(mark.sign, at: column, mark.role)
        return row
    }

    private func endRow(_ mark: Mark, _ index: Int) -> TerminalRow {
        var row = openLanes(startedBefore: nil, endedBefore: index)
        let column = max(place(mark.span.end.column) - 1, index * 2 + 1)
        let from = index * 2 + 1
        row.put(String(repeating: "_", count: max(0, column - from)), at: from, mark.role)
        row.put(mark.sign, at: column, mark.role)
        if !mark.text.isEmpty { row.put(mark.text, at: column + 2, mark.role) }
        return row
    }

    // MARK: Underlines

    private func underlines() -> [TerminalRow] {
        guard !marks.isEmpty else { return [] }
        let sorted = marks.sorted {
            ($0.span.start.column, $0.isPrimary ? 1 : 0)
                > ($1.span.start.column, $1.isPrimary ? 1 : 0)
        }
        var row = openLanes(startedBefore: nil)
        var end = 0
        // Primary marks last, so that they stay visible where two overlap.
        for mark in sorted.filter({ !$0.isPrimary }) + sorted.filter(\.isPrimary) {
            let start = place(mark.span.start.column)
            let width = max(1, place(mark.span.end.column) - start)
            row.put(String(repeating: mark.sign, count: width), at: start, mark.role)
            end = max(end, start + width)
        }
        var hanging = sorted.filter { !$0.text.isEmpty }
        if let last = hanging.first, last.span.start.column == sorted[0].span.start.column {
            row.put(last.text, at: end + 1, last.role)
            hanging.removeFirst()
        }
        return [row] + hangingRows(hanging)
    }

    /// Words that find no room beside their underline hang below it, the rightmost first.
    private func hangingRows(_ marks: [Mark]) -> [TerminalRow] {
        guard !marks.isEmpty else { return [] }
        var rows = [stems(marks)]
        for (index, mark) in marks.enumerated() {
            var row = stems(Array(marks[(index + 1)...]))
            row.put(mark.text, at: place(mark.span.start.column), mark.role)
            rows.append(row)
        }
        return rows
    }

    private func stems(_ marks: [Mark]) -> TerminalRow {
        var row = openLanes(startedBefore: nil)
        for mark in marks { row.put("|", at: place(mark.span.start.column), mark.role) }
        return row
    }
}

extension String {
    fileprivate func padded(to width: Int, _ style: TerminalStyle) -> String {
        var visible = 0
        var isEscape = false
        for scalar in unicodeScalars {
            if scalar == "\u{1B}" { isEscape = true }
            if !isEscape { visible += 1 }
            if isEscape, scalar == "m" { isEscape = false }
        }
        return self + String(repeating: " ", count: max(0, width - visible))
    }

    fileprivate var trimmed: String {
        var end = endIndex
        while end > startIndex, self[index(before: end)] == " " { end = index(before: end) }
        return String(self[..<end])
    }
}

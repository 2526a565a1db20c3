import PipelineDSL
import Planner

/// Compares what a test computed with what it expects.
struct Expectations {
    private(set) var failures: [Diagnostic] = []
    /// After these many differences the rest is only counted.
    private static let differenceLimit = 10

    mutating func check(_ expected: ExpectedRows, _ rows: TestRows) {
        check(count: expected.count, rows.count, "`\(expected.node)`")
        guard let wanted = expected.rows else { return }
        let fits = { (e: Int, a: Int) in
            wanted[e].cells.allSatisfy { $0.value.matches(rows.value(a, $0.column)) }
        }
        var found: [Diagnostic] = []
        if expected.isOrdered, !expected.allowsMore {
            found = inOrder(expected, wanted, rows, fits)
        } else {
            let matching = RowMatching(expected: wanted.count, actual: rows.count, fits: fits)
            let near = nearest(wanted, rows, matching)
            for (index, row) in wanted.enumerated() where matching.actual[index] == nil {
                found.append(missing(row, expected, rows, near[index]))
            }
            if !expected.allowsMore {
                let told = Set(near.values)
                let extra = matching.freeActual.filter { !told.contains($0) }
                if !extra.isEmpty { found.append(unexpected(extra, expected, rows)) }
            } else if expected.isOrdered, found.isEmpty,
                let wrong = firstOutOfOrder(matching.actual)
            {
                found.append(
                    failed(
                        "`\(expected.node)`: this row comes before the one expected before it",
                        at: wanted[wrong].span))
            }
        }
        add(found, expected.span)
    }

    mutating func add(_ found: [Diagnostic], _ span: SourceSpan) {
        failures += found.prefix(Self.differenceLimit)
        if found.count > Self.differenceLimit {
            failures.append(
                failed("and \(found.count - Self.differenceLimit) more differences", at: span))
        }
    }

    mutating func check(count: Spanned<Int64>?, _ actual: Int, _ what: String) {
        guard let count, count.value != Int64(actual) else { return }
        failures.append(
            failed(
                "\(what) has \(actual) row\(actual == 1 ? "" : "s"), not \(count.value)",
                at: count.span))
    }

    mutating func check(late: Spanned<Int64>?, _ actual: Int) {
        guard let late, late.value != Int64(actual) else { return }
        failures.append(
            failed("\(actual) rows came too late, not \(late.value)", at: late.span))
    }

    private func failed(
        _ message: String, at span: SourceSpan, label: String = "", notes: [String] = []
    ) -> Diagnostic {
        Diagnostic(.expectationFailed, message, at: span, label: label, notes: notes)
    }

    // MARK: - Rows

    private func firstOutOfOrder(_ actual: [Int?]) -> Int? {
        let places = actual.compactMap(\.self)
        return places.indices.dropFirst().first { places[$0] < places[$0 - 1] }
    }

    private func inOrder(
        _ expected: ExpectedRows, _ wanted: [ExpectedRows.Row], _ rows: TestRows,
        _ fits: (Int, Int) -> Bool
    ) -> [Diagnostic] {
        var found: [Diagnostic] = []
        for (index, row) in wanted.enumerated() {
            guard index < rows.count else {
                found.append(
                    failed(
                        "`\(expected.node)` ends after \(rows.count) rows, before this one",
                        at: row.span))
                break
            }
            if !fits(index, index) {
                found.append(
                    difference(
                        row, expected, rows, index,
                        "row \(index + 1) of `\(expected.node)` is another",
                        "the row there"))
            }
        }
        if rows.count > wanted.count {
            found.append(unexpected(Array(wanted.count..<rows.count), expected, rows))
        }
        return found
    }

    /// The actual row that each missing one was probably to be.
    private func nearest(
        _ wanted: [ExpectedRows.Row], _ rows: TestRows, _ matching: RowMatching
    ) -> [Int: Int] {
        matching.nearest { e, a in
            wanted[e].cells.count { $0.value.matches(rows.value(a, $0.column)) }
        }
    }

    private func missing(
        _ row: ExpectedRows.Row, _ expected: ExpectedRows, _ rows: TestRows, _ nearest: Int?
    ) -> Diagnostic {
        let message = "`\(expected.node)` has no such row"
        guard let nearest else {
            return failed(
                message, at: row.span,
                notes: [rows.count == 0 ? "it has no rows at all" : "none of its rows is near it"])
        }
        return difference(row, expected, rows, nearest, message, "the nearest row")
    }

    /// Underlines the first value that differs; each that does is a note.
    private func difference(
        _ row: ExpectedRows.Row, _ expected: ExpectedRows, _ rows: TestRows, _ actual: Int,
        _ message: String, _ what: String
    ) -> Diagnostic {
        let wrong = row.cells.filter { !$0.value.matches(rows.value(actual, $0.column)) }
        var notes = ["\(what): \(text(actual, expected, rows, first: row.cells.map(\.column)))"]
        for cell in wrong {
            let field = expected.schema.fields[cell.column]
            let value = rows.value(actual, cell.column).testText(field.type)
            notes.append("\(field.name): expected \(cell.value.text), is \(value)")
        }
        let label = wrong.first.map { cell in
            let field = expected.schema.fields[cell.column]
            let value = rows.value(actual, cell.column).testText(field.type)
            return "\(field.name) is \(value)"
        }
        return failed(message, at: wrong.first?.span ?? row.span, label: label ?? "", notes: notes)
    }

    private func unexpected(
        _ extra: [Int], _ expected: ExpectedRows, _ rows: TestRows
    ) -> Diagnostic {
        let named = expected.rows?.flatMap { $0.cells.map(\.column) } ?? []
        var notes = extra.prefix(5).map { "+ " + text($0, expected, rows, first: named) }
        if extra.count > 5 { notes.append("and \(extra.count - 5) more") }
        return failed(
            "`\(expected.node)` has \(extra.count) row\(extra.count == 1 ? "" : "s") "
                + "that nothing expects",
            at: expected.span, notes: notes)
    }

    /// `{ vehicle_id: V1, speed_kmh: 40.0, … }`: the columns that matter, then others as they fit.
    private func text(
        _ row: Int, _ expected: ExpectedRows, _ rows: TestRows, first: [Int]
    ) -> String {
        var columns: [Int] = []
        for column in first + Array(expected.schema.fields.indices)
        where !columns.contains(column) { columns.append(column) }
        let shown = columns.prefix(max(8, Set(first).count))
        let cells = shown.map { column in
            let field = expected.schema.fields[column]
            return "\(field.name): \(rows.value(row, column).testText(field.type))"
        }
        return "{ " + cells.joined(separator: ", ") + (shown.count < columns.count ? ", …" : "")
            + " }"
    }
}

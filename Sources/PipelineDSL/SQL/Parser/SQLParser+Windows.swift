extension SQLParser {
    /// Behind `OVER`: a name or a specification in parentheses.
    mutating func windowReference() throws(SyntaxError) -> WindowReference {
        guard at(.leftParenthesis) else { return .named(try identifier("the name of a window")) }
        return .inline(try windowSpecification())
    }

    /// `([base] [PARTITION BY …] [ORDER BY …] [frame])`
    mutating func windowSpecification() throws(SyntaxError) -> WindowSpecification {
        let opener = index
        try expect(.leftParenthesis, "(")
        return try nested { (parser) throws(SyntaxError) in
            parser.openWindows += 1
            defer { parser.openWindows -= 1 }
            let window = try parser.windowParts()
            try parser.close(.rightParenthesis, ")", opener: opener)
            return window
        }
    }

    private mutating func windowParts() throws(SyntaxError) -> WindowSpecification {
        var window = WindowSpecification()
        let isPart =
            current.keyword.map { [.partition, .order, .rows, .range, .groups].contains($0) }
            ?? false
        if at(.quotedName) || (at(.word) && !isPart) {
            if !repairMisspelling(among: [.partition, .order]) {
                window.base = try identifier("the name of a window")
            }
        }
        if accept(.partition) {
            expectBy()
            window.partitionBy = expressions()
        }
        if accept(.order) {
            expectBy()
            window.orderBy = orderItems()
        }
        if at(.rows) || at(.range) || at(.groups) { window.frame = try frame() }
        if at(.partition) {
            _ = fail(
                .clauseOutOfOrder, "`PARTITION BY` comes before `ORDER BY` and the frame")
            advance()
            expectBy()
            window.partitionBy = expressions()
        }
        return window
    }

    /// `ROWS BETWEEN 1 PRECEDING AND CURRENT ROW`, `ROWS 1 PRECEDING`
    private mutating func frame() throws(SyntaxError) -> WindowSpecification.Frame {
        let start = index
        let unit: WindowSpecification.Frame.Unit =
            at(.rows) ? .rows : at(.range) ? .range : .groups
        advance()
        let frame: WindowSpecification.Frame
        if accept(.between) {
            let first = try frameBound()
            try expect(.and)
            frame = WindowSpecification.Frame(unit: unit, start: first, end: try frameBound())
        } else {
            frame = WindowSpecification.Frame(
                unit: unit, start: try frameBound(), end: .currentRow)
        }
        if frame.isBackwards {
            report(
                Diagnostic(
                    .malformedFrame, "this frame ends before it starts", at: span(from: start),
                    notes: ["a frame goes from an earlier row to a later one"]))
        }
        if at(.exclude) {
            throw fail(
                .notSupported, "`EXCLUDE` in a frame is not part of the language",
                notes: ["subtract the current row's value from the aggregate"])
        }
        return frame
    }

    private mutating func frameBound() throws(SyntaxError) -> WindowSpecification.Frame.Bound {
        if accept(.current, .row) { return .currentRow }
        if at(.unbounded), peek().keyword == .preceding || peek().keyword == .following {
            advance()
            let isPreceding = at(.preceding)
            advance()
            return isPreceding ? .unboundedPreceding : .unboundedFollowing
        }
        let offset = try expression(Precedence.membership.tighter)
        _ = repairMisspelling(among: [.preceding, .following])
        if accept(.preceding) { return .preceding(offset) }
        if accept(.following) { return .following(offset) }
        throw unexpected(
            "`PRECEDING` or `FOLLOWING`",
            notes: [
                "a bound is `UNBOUNDED PRECEDING`, `n PRECEDING`, `CURRENT ROW`, `n FOLLOWING` or "
                    + "`UNBOUNDED FOLLOWING`"
            ])
    }
}

extension WindowSpecification.Frame {
    /// Whether no row could ever be in it, whatever the offsets.
    fileprivate var isBackwards: Bool { start.rank > end.rank || start.isLast || end.isFirst }
}

extension WindowSpecification.Frame.Bound {
    fileprivate var rank: Int {
        switch self {
        case .unboundedPreceding: 0
        case .preceding: 1
        case .currentRow: 2
        case .following: 3
        case .unboundedFollowing: 4
        }
    }

    fileprivate var isFirst: Bool { rank == 0 }
    fileprivate var isLast: Bool { rank == 4 }
}

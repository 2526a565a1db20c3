import PipelineDSL
import Planner

/// Any aggregate over frames, by the accumulators of `GROUP BY`.
///
/// A frame is a group. Where frames only ever grow at their end (running aggregates) one state is
/// extended and read after each step; otherwise the rows of each frame are added to a group of its
/// own, whole partitions once for all of their rows.
struct GroupedFrames {
    private let call: WindowCall
    private let chunk: WindowChunk
    private let input: AggregateInput
    private let compiled: CompiledAggregate

    /// Pairs of row and frame that are added at once.
    private static let block = 65_536
    /// Rows a frame has on average from which extending one state is cheaper.
    private static let shortFrame = 8

    init(_ aggregate: FrameAggregate) throws {
        call = aggregate.call
        chunk = aggregate.chunk
        guard let compiled = call.aggregate else {
            throw RunError(
                .noKernel, "the plan has the window function \(call.function), which there is not",
                at: call.span)
        }
        self.compiled = compiled
        input = AggregateInput(
            columns: call.arguments.map { aggregate.chunk.batch.columns[$0] },
            included: aggregate.included, errors: nil)
    }

    func evaluate(_ frames: WindowFrames) throws -> Evaluation {
        let distinct = distinctFrames(frames)
        var results: [Column] = []
        var errors: RowErrors?
        func collect(_ evaluation: Evaluation, from frame: Int) throws {
            try chunk.reserve(evaluation.column.byteCount)
            results.append(evaluation.column)
            guard let found = evaluation.errors else { return }
            for (index, entry) in found.entries.enumerated() {
                let rows = distinct.rows[frame + Int(entry.row)]
                errors = .merged(errors, found.repeated(index, for: rows))
            }
        }
        var index = 0
        while index < distinct.frames.count {
            let run = run(distinct.frames, from: index)
            let frames = Array(distinct.frames[index..<run.end])
            if run.isGrowing, isLong(frames) {
                try extend(frames) { try collect($1, from: index + $0) }
            } else {
                try group(frames) { try collect($1, from: index + $0) }
            }
            index = run.end
        }
        let column = Column.concatenated(results, type: call.type).gather(distinct.frameOfRow)
        return Evaluation(column: column, errors: errors)
    }

    // MARK: - Frames

    private struct Distinct {
        var frames: [Range<Int>] = []
        /// The chunk's rows that have each frame.
        var rows: [Range<Int>] = []
        var frameOfRow: [UInt32] = []
    }

    /// Rows one after the other with equal frames, such as peers, share a result.
    private func distinctFrames(_ frames: WindowFrames) -> Distinct {
        var distinct = Distinct()
        for row in 0..<chunk.count {
            let frame = frames[row]
            if let last = distinct.frames.last, last == frame {
                let rows = distinct.rows.count - 1
                distinct.rows[rows] = distinct.rows[rows].lowerBound..<(row + 1)
            } else {
                distinct.frames.append(frame)
                distinct.rows.append(row..<(row + 1))
            }
            distinct.frameOfRow.append(UInt32(truncatingIfNeeded: distinct.frames.count - 1))
        }
        return distinct
    }

    /// Frames from `start` on that begin at one row and only grow; where there are not two of
    /// them, all frames up to the next that are.
    private func run(_ frames: [Range<Int>], from start: Int) -> (end: Int, isGrowing: Bool) {
        func grows(_ index: Int) -> Bool {
            index < frames.count && frames[index].lowerBound == frames[index - 1].lowerBound
                && frames[index].upperBound >= frames[index - 1].upperBound
        }
        var end = start + 1
        let isGrowing = grows(end)
        while end < frames.count, grows(end) == isGrowing { end += 1 }
        // The last of frames that stand alone is the first of a run.
        return (isGrowing || end == frames.count ? end : max(start + 1, end - 1), isGrowing)
    }

    private func isLong(_ frames: [Range<Int>]) -> Bool {
        frames.reduce(0) { $0 + $1.count } > frames.count * GroupedFrames.shortFrame
    }

    // MARK: - States

    private func extend(
        _ frames: [Range<Int>], _ collect: (Int, Evaluation) throws -> Void
    ) throws {
        let state = compiled.makeState()
        state.grow(to: 1)
        var next = frames[0].lowerBound
        for (index, frame) in frames.enumerated() {
            if frame.upperBound > next {
                let rows = (next..<frame.upperBound).map { UInt32(truncatingIfNeeded: $0) }
                let groups = [UInt32](repeating: 0, count: rows.count)
                try state.update(input, groups: groups, rows: rows, groupCount: 1)
                next = frame.upperBound
            }
            try collect(index, try state.finish(0..<1))
        }
    }

    private func group(
        _ frames: [Range<Int>], _ collect: (Int, Evaluation) throws -> Void
    ) throws {
        var state = compiled.makeState()
        var first = 0
        var pending = (rows: [UInt32](), groups: [UInt32]())
        func add(groupCount: Int) throws {
            try state.update(
                input, groups: pending.groups, rows: pending.rows, groupCount: groupCount)
            pending = ([], [])
        }
        func finish(_ count: Int) throws {
            state.grow(to: count)
            try collect(first, try state.finish(0..<count))
            state = compiled.makeState()
            first += count
        }
        var added = 0
        for (index, frame) in frames.enumerated() {
            let group = UInt32(truncatingIfNeeded: index - first)
            for row in frame {
                pending.rows.append(UInt32(truncatingIfNeeded: row))
                pending.groups.append(group)
                if pending.rows.count == GroupedFrames.block { try add(groupCount: Int(group) + 1) }
            }
            added += frame.count
            if added >= GroupedFrames.block || index + 1 == frames.count {
                try add(groupCount: Int(group) + 1)
                try finish(Int(group) + 1)
                added = 0
            }
        }
    }
}

extension RowErrors {
    /// One of the errors, said of other rows.
    func repeated(_ index: Int, for rows: Range<Int>) -> RowErrors {
        RowErrors(
            rows: rows.map { UInt32(truncatingIfNeeded: $0) },
            reason: Reason(code: code(index), span: span(index)) { _, showValues in
                self.message(index, showValues: showValues)
            })
    }
}

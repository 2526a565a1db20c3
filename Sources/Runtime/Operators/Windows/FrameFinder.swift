import PipelineDSL
import Planner

/// Finds the frame of every row of a chunk.
struct FrameFinder {
    private let unit: Window.Frame.Unit
    private let start: Edge
    private let end: Edge
    /// The column of the only order key, and its direction; for `RANGE` with an offset.
    private let key: (position: Int, descending: Bool)?

    /// A bound with its offset as a value.
    private enum Edge {
        case partition
        case currentRow
        case offset(Value, isFollowing: Bool)
    }

    /// - Throws: ``RunError`` for an offset that is no constant: no planner emits that.
    init(
        _ frame: Window.Frame, key: (position: Int, descending: Bool)?, span: SourceSpan?
    ) throws {
        unit = frame.unit
        start = try FrameFinder.edge(frame.start, span)
        end = try FrameFinder.edge(frame.end, span)
        self.key = key
        let isFullRange = [start, end].allSatisfy { edge in
            if case .offset = edge { return false }
            return true
        }
        if unit == .range, key == nil, !isFullRange {
            throw FrameFinder.unsound("a RANGE with an offset that is not ordered by one key", span)
        }
    }

    private static func edge(_ bound: Window.Frame.Bound, _ span: SourceSpan?) throws -> Edge {
        switch bound {
        case .unboundedPreceding, .unboundedFollowing: return .partition
        case .currentRow: return .currentRow
        case .preceding(let offset): return .offset(try value(offset, span), isFollowing: false)
        case .following(let offset): return .offset(try value(offset, span), isFollowing: true)
        }
    }

    private static func value(_ offset: TypedExpression, _ span: SourceSpan?) throws -> Value {
        guard let value = offset.literal, value != .null else {
            throw unsound("a frame with an offset that is not constant", span)
        }
        return value
    }

    private static func unsound(_ what: String, _ span: SourceSpan?) -> RunError {
        RunError(.noKernel, "the plan has \(what), which cannot be evaluated", at: span)
    }

    func frames(_ chunk: WindowChunk) -> WindowFrames {
        WindowFrames(
            starts: bounds(chunk, start, isEnd: false), ends: bounds(chunk, end, isEnd: true))
    }

    private func bounds(_ chunk: WindowChunk, _ edge: Edge, isEnd: Bool) -> [Int32] {
        switch edge {
        case .partition:
            return rows(chunk) {
                let partition = chunk.partition(ofRow: $0)
                return isEnd ? partition.upperBound : partition.lowerBound
            }
        case .currentRow where unit == .rows: return rows(chunk) { isEnd ? $0 + 1 : $0 }
        case .currentRow:
            return rows(chunk) {
                let peers = chunk.peers(ofRow: $0)
                return isEnd ? peers.upperBound : peers.lowerBound
            }
        case .offset(let value, let isFollowing):
            switch unit {
            case .rows:
                return rowBounds(chunk, Self.count(value, isFollowing), isEnd: isEnd)
            case .groups:
                return groupBounds(chunk, Self.count(value, isFollowing), isEnd: isEnd)
            case .range:
                guard let key else { return rows(chunk) { $0 } }
                return RangeBounds(
                    chunk, column: chunk.batch.columns[key.position], descending: key.descending
                ).bounds(value, isFollowing: isFollowing, isEnd: isEnd)
            }
        }
    }

    private func rows(_ chunk: WindowChunk, _ bound: (Int) -> Int) -> [Int32] {
        (0..<chunk.count).map { Int32(truncatingIfNeeded: bound($0)) }
    }

    /// Far enough for any partition, near enough that adding a row's number cannot overflow.
    private static func count(_ value: Value, _ isFollowing: Bool) -> Int {
        guard case .integer(let count) = value else { return 0 }
        let distance = Int(clamping: min(max(0, count), 1 << 40))
        return isFollowing ? distance : -distance
    }

    private func rowBounds(_ chunk: WindowChunk, _ distance: Int, isEnd: Bool) -> [Int32] {
        rows(chunk) {
            let partition = chunk.partition(ofRow: $0)
            let bound = $0 + distance + (isEnd ? 1 : 0)
            return min(max(bound, partition.lowerBound), partition.upperBound)
        }
    }

    private func groupBounds(_ chunk: WindowChunk, _ distance: Int, isEnd: Bool) -> [Int32] {
        rows(chunk) {
            let partition = chunk.partition(ofRow: $0)
            let first = Int(chunk.peerOfRow[partition.lowerBound])
            let last = Int(chunk.peerOfRow[partition.upperBound - 1])
            let peers = Int(chunk.peerOfRow[$0]) + distance
            if isEnd {
                return peers < first
                    ? partition.lowerBound : chunk.peerStarts[min(peers, last) + 1]
            }
            return peers > last ? partition.upperBound : chunk.peerStarts[max(peers, first)]
        }
    }
}

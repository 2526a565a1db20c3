import PipelineDSL
import Planner

/// An aggregate call ready to run: arguments compiled, the accumulator chosen.
///
/// What is pure (evaluating arguments, filter and sort keys over a batch) is ``evaluate(_:)``, which
/// any worker may do; what must happen in row order is ``AggregateState``.
package struct CompiledAggregate: Sendable {
    package let call: Aggregate.Call
    private let columns: [CompiledExpression]
    private let filter: Predicate?
    private let make: @Sendable () -> any Accumulator
    private let skipsNulls: Bool

    package init(_ call: Aggregate.Call, input: Schema, run: RunConstants) throws {
        self.call = call
        columns = try (call.arguments + call.orderBy.map(\.expression)).map {
            try CompiledExpression($0, input: input, run: run)
        }
        filter = try call.filter.map { try Predicate($0, input: input, run: run) }
        guard
            CallCheck.isSound(
                call.function, call.arguments, to: call.type, kind: .aggregate),
            let make = try AccumulatorTable.resolve(call)
        else {
            let types = call.arguments.map { $0.type.description }.joined(separator: ", ")
            throw RunError(
                .noKernel,
                "the plan has \(call.function)(\(types)) → \(call.type), which cannot be evaluated",
                at: call.span)
        }
        self.make = make
        skipsNulls = !AccumulatorTable.seesNulls.contains(call.function)
    }

    /// The arguments over all physical rows. Rows in `errors` must not reach a state: reject them
    /// before the row is given a group.
    package func evaluate(_ batch: Batch) -> AggregateInput {
        var errors: RowErrors?
        var included: Bitmap?
        if let filter {
            let (matching, failed) = filter.bits(batch)
            included = matching
            errors = failed
        }
        var evaluated: [Column] = []
        for column in columns {
            let evaluation = column.evaluate(batch)
            evaluated.append(evaluation.column)
            // An argument is not reached where the filter leaves the row out.
            let reached =
                included.map { evaluation.errors?.restricted(to: $0) } ?? evaluation.errors
            errors = .merged(errors, reached)
        }
        return AggregateInput(columns: evaluated, included: included, errors: errors)
    }

    package func makeState() -> AggregateState {
        var accumulator = make()
        let argumentTypes = call.arguments.map(\.type)
        if !call.orderBy.isEmpty {
            accumulator = OrderedAccumulator(
                accumulator, types: argumentTypes + call.orderBy.map(\.expression.type),
                argumentCount: argumentTypes.count,
                keys: call.orderBy.map { ($0.descending, $0.nullsFirst) })
        }
        if call.isDistinct { accumulator = DistinctAccumulator(accumulator, types: argumentTypes) }
        return AggregateState(
            accumulator, call: call, argumentCount: argumentTypes.count, skipsNulls: skipsNulls)
    }
}

/// The arguments of one call over one batch.
package struct AggregateInput: Sendable {
    /// Arguments, then sort keys; one value for every physical row.
    package var columns: [Column]
    /// Rows that pass `FILTER`; `nil` is all.
    package var included: Bitmap?
    package var errors: RowErrors?
}

/// One aggregate for every group of a ``GroupTable``, columnar. Rows are taken in the order given,
/// so the result does not depend on how they were cut into batches.
package final class AggregateState: @unchecked Sendable {
    private let accumulator: any Accumulator
    private let call: Aggregate.Call
    private let argumentCount: Int
    private let skipsNulls: Bool

    init(
        _ accumulator: any Accumulator, call: Aggregate.Call, argumentCount: Int, skipsNulls: Bool
    ) {
        self.accumulator = accumulator
        self.call = call
        self.argumentCount = argumentCount
        self.skipsNulls = skipsNulls
    }

    /// Adds rows.
    ///
    /// - Parameters:
    ///   - groups: the group of each row, in the order of `rows`.
    ///   - rows: physical rows; `nil` is all.
    ///   - groupCount: groups there are by now, all greater than any of `groups`.
    package func update(
        _ input: AggregateInput, groups: [UInt32], rows: [UInt32]?, groupCount: Int
    ) throws {
        accumulator.grow(to: groupCount)
        var pairs = RowGroups(rows: rows, groups: groups)
        var mask = input.included
        if skipsNulls {
            for column in input.columns.prefix(argumentCount) {
                mask = .both(mask, Vector(column).validity(column.count))
            }
        }
        if let mask { pairs = pairs.filtered(mask) }
        guard pairs.count > 0 else { return }
        try accumulator.add(pairs, input.columns)
    }

    /// The results of the groups in `range`. An error's row counts from the start of the range.
    package func finish(_ range: Range<Int>) throws -> Evaluation {
        let result = try accumulator.finish(range)
        var column = Column(call.type, result.values, validity: result.validity)
        let (function, type) = (call.function, call.type)
        let found = result.faults.errors(span: call.span) { fault, _, _ in
            FaultText.aggregate(function, type, fault)
        }
        guard let errors = found else { return Evaluation(column: column) }
        column = column.withValidity(.both(column.validity, errors.clean(count: range.count)))
        return Evaluation(column: column, errors: errors)
    }

    /// Groups must exist in the state before they can be finished; for a group that no row of an
    /// update belonged to.
    package func grow(to groupCount: Int) { accumulator.grow(to: groupCount) }

    /// Whether ``merge(_:groups:)`` gives exactly what one state over all rows would.
    package var isMergeable: Bool { accumulator.isMergeable }

    /// Adds another state of the same call, whose rows come after this one's.
    ///
    /// - Parameter groups: this state's group for each of the other's.
    /// - Returns: `false`, and nothing done, where it is not ``isMergeable``.
    package func merge(_ other: AggregateState, groups: [UInt32], groupCount: Int) -> Bool {
        guard isMergeable else { return false }
        accumulator.grow(to: groupCount)
        return accumulator.merge(other.accumulator, groups)
    }

    /// Bytes held.
    package var byteCount: Int { accumulator.byteCount }

    /// All of it, for a checkpoint. Read back by the same build only.
    package func encode(into out: inout [UInt8]) {
        var bytes: [UInt8] = []
        accumulator.encode(into: &bytes)
        ValueCodec.append(UInt64(bytes.count), to: &out)
        out.append(contentsOf: bytes)
    }

    /// Into a new state; the bytes that ``encode(into:)`` wrote stand at the start of `bytes`.
    /// - Returns: how many there were.
    package func restore(_ bytes: UnsafeRawBufferPointer) throws -> Int {
        var reader = ByteReader(bytes)
        let count = reader.read(UInt64.self)
        guard !reader.isTruncated, count <= UInt64(reader.left) else {
            throw BatchCodec.Malformed()
        }
        let end = 8 + Int(count)
        var inner = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[8..<end]))
        try accumulator.restore(&inner)
        if inner.isTruncated { throw BatchCodec.Malformed() }
        return end
    }
}

/// Which rows go to which groups.
struct RowGroups {
    /// `nil`: the k-th row is row k.
    var rows: [UInt32]?
    var groups: [UInt32]

    var count: Int { groups.count }

    @inline(__always)
    func forEach(_ body: (_ row: Int, _ group: Int) -> Void) {
        groups.withUnsafeBufferPointer { groups in
            guard let rows else {
                for i in 0..<groups.count { body(i, Int(groups[i])) }
                return
            }
            rows.withUnsafeBufferPointer { rows in
                for i in 0..<groups.count { body(Int(rows[i]), Int(groups[i])) }
            }
        }
    }

    /// Only rows whose bit is set.
    func filtered(_ mask: Bitmap) -> RowGroups {
        if mask.allOnes { return self }
        var kept = RowGroups(rows: [], groups: [])
        kept.rows?.reserveCapacity(count)
        kept.groups.reserveCapacity(count)
        forEach { row, group in
            guard mask[row] else { return }
            kept.rows?.append(UInt32(truncatingIfNeeded: row))
            kept.groups.append(UInt32(truncatingIfNeeded: group))
        }
        return kept
    }

    /// At positions in ``groups``.
    func selecting(_ positions: [UInt32]) -> RowGroups {
        RowGroups(
            rows: rows.map { gatherValues($0, positions) } ?? positions,
            groups: gatherValues(groups, positions))
    }

    /// Physical rows, in order.
    var physicalRows: [UInt32] {
        rows ?? (0..<UInt32(truncatingIfNeeded: groups.count)).map { $0 }
    }
}

/// What an aggregate function does with groups of rows. Rows with a null argument have been left
/// out already, unless the function sees nulls.
protocol Accumulator: AnyObject {
    func grow(to groupCount: Int)
    func add(_ rows: RowGroups, _ columns: [Column]) throws
    func finish(_ range: Range<Int>) throws -> KernelResult
    var isMergeable: Bool { get }
    /// `false` where the other is of another kind.
    func merge(_ other: any Accumulator, _ groups: [UInt32]) -> Bool
    var byteCount: Int { get }
    func encode(into out: inout [UInt8])
    func restore(_ reader: inout ByteReader) throws
}

extension Accumulator {
    var isMergeable: Bool { false }
    func merge(_ other: any Accumulator, _ groups: [UInt32]) -> Bool { false }
}

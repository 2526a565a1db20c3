import PipelineDSL
import Planner

/// Several objects as one source, one after the other.
///
/// Where the source says so (`on_error`), an object that cannot be opened is tried again, and one
/// that cannot be read becomes a dead letter: one row read and rejected, in the place of what could
/// not be told apart. The rows before the damage count; the next object is read.
final class ObjectsReader: SourceReader {
    private let paths: [String]
    private let onError: ScanPlan.OnError?
    private let fields: Schema
    private let open: (String) throws -> any SourceReader
    private var index = 0
    private var current: (any SourceReader)?

    init(
        paths: [String], onError: ScanPlan.OnError? = nil, fields: Schema,
        open: @escaping (String) throws -> any SourceReader
    ) {
        self.paths = paths
        self.onError = onError
        self.fields = fields
        self.open = open
    }

    func next() throws -> (any SourceUnit)? {
        while true {
            do {
                if let unit = try current?.next() { return guarded(unit) }
                guard index < paths.count else { return nil }
                current = nil
                index += 1
                let (reader, first) = try start(paths[index - 1])
                current = reader
                if let first { return guarded(first) }
            } catch let error as RunError where keeps(error) {
                current = nil
                return UnreadableUnit(object: paths[index - 1], fields: fields, error: error)
            }
        }
    }

    private func keeps(_ error: RunError) -> Bool {
        onError?.keepsDeadLetters == true && error.isOfTheInput
    }

    /// Opens an object and reads its first unit, again and again where that is asked for.
    private func start(_ path: String) throws -> (any SourceReader, (any SourceUnit)?) {
        var retries = onError?.retries ?? 0
        var wait = max(0, onError?.backoff ?? 0)
        while true {
            do {
                let reader = try open(path)
                return (reader, try reader.next())
            } catch let error as RunError where retries > 0 && error.isOfTheInput {
                retries -= 1
                sleepMilliseconds(UInt32(clamping: min(wait / 1000, 60_000)))
                wait = min(wait.multipliedReportingOverflow(by: 2).partialValue, 60_000_000)
            }
        }
    }

    private func guarded(_ unit: any SourceUnit) -> any SourceUnit {
        guard onError?.keepsDeadLetters == true, index > 0 else { return unit }
        return GuardedUnit(unit: unit, object: paths[index - 1], fields: fields)
    }
}

extension RunError {
    /// Whether another file could be read: what ends it is this file, not the machine or a limit.
    fileprivate var isOfTheInput: Bool {
        (600..<660).contains(diagnostic.code.number) && diagnostic.code != .embeddedStoreFailed
    }
}

/// A piece of an object that turns into a dead letter where it cannot be decoded.
private struct GuardedUnit: SourceUnit {
    let unit: any SourceUnit
    let object: String
    let fields: Schema

    var byteCount: Int { unit.byteCount }
    var endPosition: Int64 { unit.endPosition }

    func decode(batchRows: Int, _ emit: (SourceBatch) throws -> Void) throws {
        do { try unit.decode(batchRows: batchRows, emit) } catch let error as RunError
            where error.isOfTheInput
        {
            try UnreadableUnit(object: object, fields: fields, error: error)
                .decode(batchRows: batchRows, emit)
        }
    }
}

/// What stands for an object, or the rest of it, that cannot be read.
private struct UnreadableUnit: SourceUnit {
    let object: String
    let fields: Schema
    let error: RunError

    var byteCount: Int { 1 }
    var endPosition: Int64 { 0 }

    func decode(batchRows: Int, _ emit: (SourceBatch) throws -> Void) throws {
        let columns = fields.fields.map { Column.nulls($0.type, count: 0) }
        let rejected = RejectedRow(
            object: object, rule: "unreadable", code: error.diagnostic.code,
            message: error.diagnostic.message)
        try emit(SourceBatch(batch: Batch(columns: columns, count: 0), rejected: [rejected]))
    }
}

import PipelineDSL

/// What an `http` source says to a request: messages as API Gateway words them, records as Kinesis
/// PutRecords lists them.
enum IngestAnswer {
    /// Faults beyond these are counted, not listed.
    private static let mostFaults = 100

    /// All of it, or with `partial` some of it, is on disk.
    static func taken(
        _ body: IngestDecoder.Body, _ places: [Result<LogPlace, LogPutFailure>]
    ) -> HTTPResponse {
        var faults: [Int: IngestDecoder.Fault] = [:]
        for fault in body.faults { faults[fault.record] = fault }
        var failed = faults.count
        var records: [UInt8] = []
        var next = places.makeIterator()
        for record in body.records.indices {
            records.append(UInt8(ascii: record == 0 ? "[" : ","))
            if let fault = faults[record] {
                records += JSONObjectText([("error", object(fault, withRecord: false))]).bytes
                continue
            }
            switch next.next() {
            case .success(let place):
                records +=
                    JSONObjectText([
                        ("shard_id", .text(LogShard.name(place.shard))),
                        ("sequence_number", .text(String(place.sequence))),
                    ]).bytes
            case .failure(let failure):
                failed += 1
                records += JSONObjectText([("error", .text("\(failure)"))]).bytes
            case nil: records += Array("{}".utf8)
            }
        }
        records.append(UInt8(ascii: "]"))
        var members: [(String, JSONPart)] = [("accepted", .number(body.records.count - failed))]
        if failed > 0 { members.append(("failed", .number(failed))) }
        members.append(("records", .raw(records)))
        return .json(202, JSONObjectText(members).bytes + [0x0A])
    }

    /// Nothing of it is taken, because of its records.
    static func refused(_ body: IngestDecoder.Body) -> HTTPResponse {
        .message(
            400, "Invalid request body",
            [
                "records": .number(body.records.count), "invalid": .number(body.faults.count),
                "diagnostics": .list(
                    body.faults.prefix(mostFaults).map { object($0, withRecord: true) }),
            ])
    }

    /// Nothing of it is taken, because of the body as a whole or of the machine.
    static func failed(_ error: any Error) -> HTTPResponse {
        switch error {
        case IngestDecoder.Failure.notJSON(let record, let byte, let reason):
            let fault = JSONPart.object([
                ("record", .number(record)),
                ("code", .text(DiagnosticCode.invalidJSON.description)),
                ("rule", .text("invalid_json")), ("byte", .number(byte)),
                ("message", .text(reason)),
            ])
            return .message(400, "Invalid request body", ["diagnostics": .list([fault])])
        case IngestDecoder.Failure.empty:
            return .message(400, "Invalid request body: there is no record in it")
        case IngestDecoder.Failure.tooManyRecords:
            return .message(
                413, "Request Too Long", ["max_records": .number(IngestDecoder.mostRecords)])
        default:
            // What is wrong with the machine is for its owner; a record was not lost by it.
            return .message(500, "Internal Server Error: nothing was stored")
        }
    }

    private static func object(_ fault: IngestDecoder.Fault, withRecord: Bool) -> JSONPart {
        var members: [(String, JSONPart)] = [
            ("code", .text(fault.code.description)), ("rule", .text(fault.rule)),
        ]
        if withRecord { members.insert(("record", .number(fault.record)), at: 0) }
        if let column = fault.column { members.append(("column", .text(column))) }
        members.append(("message", .text(fault.message)))
        return .object(members)
    }
}

extension HTTPResponse {
    static func message(
        _ status: Int, _ message: String, _ more: KeyValuePairs<String, JSONPart> = [:],
        headers: [(name: String, value: String)] = []
    ) -> HTTPResponse {
        let members = [("message", JSONPart.text(message))] + more.map { ($0.key, $0.value) }
        return .json(status, JSONObjectText(members).bytes + [0x0A], headers: headers)
    }

    static func tooMany(
        _ message: String, _ reason: String, _ key: IngestSettings.Key, _ seconds: Int64
    ) -> HTTPResponse {
        .message(
            429, message,
            [
                "reason": .text(reason), "usage_plan": .text(key.plan?.name ?? ""),
                "retry_after_seconds": .number(Int(clamping: seconds)),
            ], headers: [("Retry-After", String(seconds))])
    }
}

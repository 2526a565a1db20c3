import PipelineDSL

extension Operation {
    /// Its name, in definitions, operator ids and plan files.
    public enum Name: String, CodingKey, CaseIterable, Sendable {
        case input, late, values, filter, project, validate, dedupe, lookup, join, aggregate, latest
        case distinctOn = "distinct_on"
        case window, unnest, sort, limit, union
        case setOperation = "set_operation"
    }

    public var name: Name {
        switch self {
        case .input: .input
        case .late: .late
        case .values: .values
        case .filter: .filter
        case .project: .project
        case .validate: .validate
        case .dedupe: .dedupe
        case .lookup: .lookup
        case .join: .join
        case .aggregate: .aggregate
        case .latest: .latest
        case .distinctOn: .distinctOn
        case .window: .window
        case .unnest: .unnest
        case .sort: .sort
        case .limit: .limit
        case .union: .union
        case .setOperation: .setOperation
        }
    }
}

/// `{"dedupe": {"on": [0, 1], …}}`
extension Operation: Codable {
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Name.self)
        switch self {
        case .input(let payload): try container.encode(payload, forKey: .input)
        case .late(let payload): try container.encode(payload, forKey: .late)
        case .values(let payload): try container.encode(payload, forKey: .values)
        case .filter(let payload): try container.encode(payload, forKey: .filter)
        case .project(let payload): try container.encode(payload, forKey: .project)
        case .validate(let payload): try container.encode(payload, forKey: .validate)
        case .dedupe(let payload): try container.encode(payload, forKey: .dedupe)
        case .lookup(let payload): try container.encode(payload, forKey: .lookup)
        case .join(let payload): try container.encode(payload, forKey: .join)
        case .aggregate(let payload): try container.encode(payload, forKey: .aggregate)
        case .latest(let payload): try container.encode(payload, forKey: .latest)
        case .distinctOn(let payload): try container.encode(payload, forKey: .distinctOn)
        case .window(let payload): try container.encode(payload, forKey: .window)
        case .unnest(let payload): try container.encode(payload, forKey: .unnest)
        case .sort(let payload): try container.encode(payload, forKey: .sort)
        case .limit(let payload): try container.encode(payload, forKey: .limit)
        case .union(let payload): try container.encode(payload, forKey: .union)
        case .setOperation(let payload): try container.encode(payload, forKey: .setOperation)
        }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Name.self)
        guard let name = container.allKeys.first, container.allKeys.count == 1 else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "not one of the operations "
                        + Name.allCases.map(\.rawValue).joined(separator: ", ")))
        }
        func payload<T: Decodable>() throws -> T { try container.decode(T.self, forKey: name) }
        self =
            switch name {
            case .input: .input(try payload())
            case .late: .late(try payload())
            case .values: .values(try payload())
            case .filter: .filter(try payload())
            case .project: .project(try payload())
            case .validate: .validate(try payload())
            case .dedupe: .dedupe(try payload())
            case .lookup: .lookup(try payload())
            case .join: .join(try payload())
            case .aggregate: .aggregate(try payload())
            case .latest: .latest(try payload())
            case .distinctOn: .distinctOn(try payload())
            case .window: .window(try payload())
            case .unnest: .unnest(try payload())
            case .sort: .sort(try payload())
            case .limit: .limit(try payload())
            case .union: .union(try payload())
            case .setOperation: .setOperation(try payload())
            }
    }
}

extension Dedupe.Method: Codable {
    private enum Keys: String, CodingKey { case bloom }

    /// `"exact"`, or `{"bloom": 0.01}` with the rate of rows wrongly taken for duplicates.
    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .exact:
            var container = encoder.singleValueContainer()
            try container.encode("exact")
        case .bloom(let rate):
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(rate, forKey: .bloom)
        }
    }

    public init(from decoder: any Decoder) throws {
        if let container = try? decoder.container(keyedBy: Keys.self) {
            self = .bloom(falsePositiveRate: try container.decode(Double.self, forKey: .bloom))
            return
        }
        let container = try decoder.singleValueContainer()
        guard try container.decode(String.self) == "exact" else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "neither `exact` nor `bloom`")
        }
        self = .exact
    }
}

extension Aggregate.EventWindow: Codable {
    private enum Keys: String, CodingKey { case window, time, size, slide, gap }
    private enum Name: String, Codable { case tumble, hop, session }

    /// `{"window": "hop", "time": …, "slide": …, "size": …}`, microseconds.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        switch self {
        case .tumble(let time, let size):
            try container.encode(Name.tumble, forKey: .window)
            try container.encode(time, forKey: .time)
            try container.encode(size, forKey: .size)
        case .hop(let time, let slide, let size):
            try container.encode(Name.hop, forKey: .window)
            try container.encode(time, forKey: .time)
            try container.encode(slide, forKey: .slide)
            try container.encode(size, forKey: .size)
        case .session(let time, let gap):
            try container.encode(Name.session, forKey: .window)
            try container.encode(time, forKey: .time)
            try container.encode(gap, forKey: .gap)
        }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let time = try container.decode(TypedExpression.self, forKey: .time)
        func length(_ key: Keys) throws -> Int64 { try container.decode(Int64.self, forKey: key) }
        switch try container.decode(Name.self, forKey: .window) {
        case .tumble: self = .tumble(time: time, size: try length(.size))
        case .hop: self = .hop(time: time, slide: try length(.slide), size: try length(.size))
        case .session: self = .session(time: time, gap: try length(.gap))
        }
    }
}

extension Window.Frame.Bound: Codable {
    private enum Keys: String, CodingKey { case preceding, following }

    /// `"current_row"`, `{"preceding": …}`
    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .preceding(let offset):
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(offset, forKey: .preceding)
        case .following(let offset):
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(offset, forKey: .following)
        case .unboundedPreceding, .currentRow, .unboundedFollowing:
            var container = encoder.singleValueContainer()
            try container.encode(fixedName)
        }
    }

    private var fixedName: String {
        switch self {
        case .unboundedPreceding: "unbounded_preceding"
        case .unboundedFollowing: "unbounded_following"
        default: "current_row"
        }
    }

    public init(from decoder: any Decoder) throws {
        if let container = try? decoder.container(keyedBy: Keys.self) {
            self =
                container.contains(.preceding)
                ? .preceding(try container.decode(TypedExpression.self, forKey: .preceding))
                : .following(try container.decode(TypedExpression.self, forKey: .following))
            return
        }
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        let fixed: [Self] = [.unboundedPreceding, .currentRow, .unboundedFollowing]
        guard let bound = fixed.first(where: { $0.fixedName == text }) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "`\(text)` is not the bound of a frame")
        }
        self = bound
    }
}

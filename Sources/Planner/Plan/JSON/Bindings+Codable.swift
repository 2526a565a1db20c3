import PipelineDSL

extension BindingPlan: Codable {
    private enum Keys: String, CodingKey { case connector, embedded, settings, summary, at }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(connector, forKey: .connector)
        try container.encode(ifTrue: isEmbedded, .embedded)
        try container.encode(unlessEmpty: settings, .settings)
        try container.encode(summary, forKey: .summary)
        try container.encode(place: span, .at, encoder)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        self.init(
            connector: try container.decode(String.self, forKey: .connector),
            isEmbedded: try container.decode(.embedded, default: false),
            settings: try container.decode(.settings, default: [:]),
            summary: try container.decode(String.self, forKey: .summary),
            span: try container.decodePlace(.at))
    }
}

extension FormatPlan: Codable {
    private enum Keys: String, CodingKey { case name, settings }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(name, forKey: .name)
        try container.encode(unlessEmpty: settings, .settings)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        self.init(
            name: try container.decode(String.self, forKey: .name),
            settings: try container.decode(.settings, default: [:]))
    }
}

extension ScanPlan: Codable {
    private enum Keys: String, CodingKey {
        case binding, format, fields, rename, projection, metadata
        case unknownColumns = "unknown_columns", contract, rules, eventTime = "event_time"
        case onError = "on_error", rowsPerSecond = "rows_per_second"
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(binding, forKey: .binding)
        try container.encodeIfPresent(format, forKey: .format)
        try container.encode(fields, forKey: .fields)
        try container.encode(unlessEmpty: rename, .rename)
        try container.encode(projection, forKey: .projection)
        try container.encode(unlessEmpty: metadata, .metadata)
        try container.encode(unknownColumns, forKey: .unknownColumns)
        try container.encodeIfPresent(contract, forKey: .contract)
        try container.encode(unlessEmpty: rules, .rules)
        try container.encodeIfPresent(eventTime, forKey: .eventTime)
        try container.encodeIfPresent(onError, forKey: .onError)
        try container.encodeIfPresent(rowsPerSecond, forKey: .rowsPerSecond)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        self.init(
            binding: try container.decode(BindingPlan.self, forKey: .binding),
            format: try container.decodeIfPresent(FormatPlan.self, forKey: .format),
            fields: try container.decode(Schema.self, forKey: .fields),
            rename: try container.decode(.rename, default: [:]),
            projection: try container.decode([Int].self, forKey: .projection),
            metadata: try container.decode(.metadata, default: []),
            unknownColumns: try container.decode(String.self, forKey: .unknownColumns),
            contract: try container.decodeIfPresent(String.self, forKey: .contract),
            rules: try container.decode(.rules, default: []),
            eventTime: try container.decodeIfPresent(EventTime.self, forKey: .eventTime),
            onError: try container.decodeIfPresent(OnError.self, forKey: .onError),
            rowsPerSecond: try container.decodeIfPresent(Double.self, forKey: .rowsPerSecond))
    }
}

extension TablePlan: Codable {
    private enum Keys: String, CodingKey {
        case zone, location, path, format, mode, on, partitionBy = "partition_by"
        case archiveAfter = "archive_after", expireAfter = "expire_after", encryption, at
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(zone, forKey: .zone)
        try container.encode(location, forKey: .location)
        try container.encode(path, forKey: .path)
        try container.encode(format, forKey: .format)
        try container.encode(mode, forKey: .mode)
        try container.encode(unlessEmpty: on, .on)
        try container.encode(unlessEmpty: partitionBy, .partitionBy)
        try container.encodeIfPresent(archiveAfter, forKey: .archiveAfter)
        try container.encodeIfPresent(expireAfter, forKey: .expireAfter)
        try container.encodeIfPresent(encryption, forKey: .encryption)
        try container.encode(place: span, .at, encoder)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        self.init(
            zone: try container.decode(String.self, forKey: .zone),
            location: try container.decode(String.self, forKey: .location),
            path: try container.decode(String.self, forKey: .path),
            format: try container.decode(FormatPlan.self, forKey: .format),
            mode: try container.decode(WriteDeclaration.Mode.self, forKey: .mode),
            on: try container.decode(.on, default: []),
            partitionBy: try container.decode(.partitionBy, default: []),
            archiveAfter: try container.decodeIfPresent(Int64.self, forKey: .archiveAfter),
            expireAfter: try container.decodeIfPresent(Int64.self, forKey: .expireAfter),
            encryption: try container.decodeIfPresent(String.self, forKey: .encryption),
            span: try container.decodePlace(.at))
    }
}

import PipelineDSL

extension Plan: Codable {
    enum Keys: String, CodingKey {
        case formatVersion = "format_version"
        case pipeline, description, owner, profile, mode, nodes, stages, parameters, moved
        case deadLetters = "dead_letters"
        case alerts
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(formatVersion, forKey: .formatVersion)
        try container.encode(pipeline, forKey: .pipeline)
        try container.encodeIfPresent(description, forKey: .description)
        try container.encodeIfPresent(owner, forKey: .owner)
        try container.encode(profile, forKey: .profile)
        try container.encode(mode, forKey: .mode)
        try container.encode(nodes, forKey: .nodes)
        try container.encode(unlessEmpty: stages, .stages)
        try container.encode(unlessEmpty: parameters, .parameters)
        try container.encode(unlessEmpty: moved, .moved)
        try container.encode(deadLetters, forKey: .deadLetters)
        try container.encode(unlessEmpty: alerts, .alerts)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        self.init(
            pipeline: try container.decode(String.self, forKey: .pipeline),
            description: try container.decodeIfPresent(String.self, forKey: .description),
            owner: try container.decodeIfPresent(String.self, forKey: .owner),
            profile: try container.decode(String.self, forKey: .profile),
            mode: try container.decode(Mode.self, forKey: .mode),
            nodes: try container.decode([PlanNode].self, forKey: .nodes),
            stages: try container.decode(.stages, default: []),
            parameters: try container.decode(.parameters, default: [:]),
            moved: try container.decode(.moved, default: [:]),
            deadLetters: try container.decode(.deadLetters, default: DeadLetterPlan()),
            alerts: try container.decode(.alerts, default: []))
        formatVersion = try container.decode(Int.self, forKey: .formatVersion)
    }
}

extension PlanNode: Codable {
    private enum Keys: String, CodingKey {
        case name, kind, description, inputs, schema, definition, operators, scan, table, sink
        case contract, mode, every, cron, runsOn = "runs_on", at, places
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(name, forKey: .name)
        try container.encode(kind, forKey: .kind)
        try container.encodeIfPresent(description, forKey: .description)
        try container.encode(unlessEmpty: inputs, .inputs)
        try container.encode(schema, forKey: .schema)
        try container.encode(unlessEmpty: definition, .definition)
        try container.encode(unlessEmpty: operators, .operators)
        try container.encodeIfPresent(scan, forKey: .scan)
        try container.encodeIfPresent(table, forKey: .table)
        try container.encodeIfPresent(sink, forKey: .sink)
        try container.encodeIfPresent(contract, forKey: .contract)
        try container.encodeIfPresent(mode, forKey: .mode)
        try container.encodeIfPresent(every, forKey: .every)
        try container.encodeIfPresent(cron, forKey: .cron)
        try container.encodeIfPresent(runsOn, forKey: .runsOn)
        try container.encode(place: span, .at, encoder)
        if !encoder.omitsPlaces {
            try container.encode(unlessEmpty: places.mapValues { $0.planText }, .places)
        }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        self.init(
            name: try container.decode(String.self, forKey: .name),
            kind: try container.decode(Kind.self, forKey: .kind),
            description: try container.decodeIfPresent(String.self, forKey: .description),
            inputs: try container.decode(.inputs, default: []),
            schema: try container.decode(Schema.self, forKey: .schema),
            definition: try container.decode(.definition, default: []),
            operators: try container.decode(.operators, default: []),
            scan: try container.decodeIfPresent(ScanPlan.self, forKey: .scan),
            table: try container.decodeIfPresent(TablePlan.self, forKey: .table),
            sink: try container.decodeIfPresent(SinkPlan.self, forKey: .sink),
            contract: try container.decodeIfPresent(String.self, forKey: .contract),
            mode: try container.decodeIfPresent(Plan.Mode.self, forKey: .mode),
            every: try container.decodeIfPresent(Int64.self, forKey: .every),
            cron: try container.decodeIfPresent(String.self, forKey: .cron),
            runsOn: try container.decodeIfPresent(String.self, forKey: .runsOn),
            span: try container.decodePlace(.at),
            places: try container.decodePlaces(.places))
    }
}

extension PhysicalOperator: Codable {
    private enum Keys: String, CodingKey {
        case id, operation, inputs, schema, memoryBound = "memory_bound", late, at
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(id, forKey: .id)
        try container.encode(operation, forKey: .operation)
        try container.encode(unlessEmpty: inputs, .inputs)
        try container.encode(schema, forKey: .schema)
        try container.encodeIfPresent(memoryBound, forKey: .memoryBound)
        try container.encodeIfPresent(late, forKey: .late)
        try container.encode(place: span, .at, encoder)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        self.init(
            id: try container.decode(String.self, forKey: .id),
            operation: try container.decode(Operation.self, forKey: .operation),
            inputs: try container.decode(.inputs, default: []),
            schema: try container.decode(Schema.self, forKey: .schema),
            memoryBound: try container.decodeIfPresent(Int64.self, forKey: .memoryBound),
            late: try container.decodeIfPresent(String.self, forKey: .late),
            span: try container.decodePlace(.at))
    }
}

extension DefinitionStep: Codable {
    private enum Keys: String, CodingKey { case id, operation, step, inputs, settings, at }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(id, forKey: .id)
        try container.encode(operation, forKey: .operation)
        try container.encodeIfPresent(step, forKey: .step)
        try container.encode(unlessEmpty: inputs, .inputs)
        try container.encode(unlessEmpty: settings, .settings)
        try container.encode(place: span, .at, encoder)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        self.init(
            id: try container.decode(String.self, forKey: .id),
            operation: try container.decode(String.self, forKey: .operation),
            step: try container.decodeIfPresent(String.self, forKey: .step),
            inputs: try container.decode(.inputs, default: []),
            settings: try container.decode(.settings, default: []),
            span: try container.decodePlace(.at))
    }
}

extension DefinitionStep.Setting: Codable {
    private enum Keys: String, CodingKey { case name, value, at }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(name, forKey: .name)
        try container.encode(value, forKey: .value)
        try container.encode(place: span, .at, encoder)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        self.init(
            try container.decode(String.self, forKey: .name),
            try container.decode(String.self, forKey: .value),
            span: try container.decodePlace(.at))
    }
}

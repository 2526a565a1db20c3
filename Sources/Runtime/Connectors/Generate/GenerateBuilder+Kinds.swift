import PipelineDSL
import Planner

/// Rows of several kinds, and what these have of their own.
extension GenerateBuilder {
    mutating func readMix() {
        let name = settings.string("kind_column") ?? "event_type"
        guard let entries = settings.mapping("mix") else { return }
        kinds = entries.map(\.key.value)
        for (kind, entry) in entries.enumerated() {
            if case .object(let own) = entry.value.kind, let columns = own.mapping("columns") {
                kindEntries.append((kind, columns))
            }
        }
        kindChoice = WeightedChoice(entries.map { weight($0.value) })
        if kindChoice == nil {
            report(
                .generateMix, "no kind of the mix can come", at: settings["mix"]?.span,
                label: "the weights add up to nothing",
                notes: ["give at least one kind a weight: `mix: { order: 6, refund: 1 }`"])
        }
        guard let index = schema.index(of: name) else {
            let near = nearName(name, among: schema.names)
            report(
                .generateMix, "there is no column `\(name)` for the kind of a row",
                at: (settings["kind_column"] ?? settings["mix"])?.span,
                label: near.map { "did you mean `\($0)`?" } ?? "",
                notes: [
                    "declare it: `\(name): string not null`, or name another with `kind_column`"
                ])
            return
        }
        guard schema.fields[index].type == .string else {
            report(
                .generateMix, "`\(name)` is \(schema.fields[index].type), and a kind is a text",
                at: (settings["kind_column"] ?? settings["mix"])?.span)
            return
        }
        kindColumn = index
    }

    func weight(_ value: SettingValue) -> Double {
        switch value.kind {
        case .number(let weight): weight
        case .integer(let weight): Double(weight)
        case .object(let kind): kind.number("weight") ?? 1
        default: 0
        }
    }

    /// Whether some kind has its own way to make a column.
    func hasKinds(_ index: Int) -> Bool {
        kindEntries.contains { own in
            own.entries.contains { schema.index(of: $0.key.value) == index }
        }
    }

    mutating func addKinds(
        to column: inout MadeColumn, _ field: Field, hasBase: Bool, _ formulas: inout [Formula]
    ) {
        let index = column.index
        var own: [Bool] = kinds.map { _ in false }
        let base = formulas.last?.index == index ? formulas.count - 1 : nil
        for (kind, entries) in kindEntries {
            guard let entry = entries.first(where: { schema.index(of: $0.key.value) == index })
            else { continue }
            guard index != kindColumn else {
                report(
                    .generateMix, "`\(field.name)` holds the kind itself", at: entry.key.span,
                    notes: ["leave it out: each row of the kind `\(kinds[kind])` says so"])
                continue
            }
            own[kind] = true
            if let text = formula(entry, field) {
                let only = kinds.indices.map { $0 == kind }
                formulas.append(Formula(index: index, kinds: only, text: text))
                continue
            }
            var branch = empty(index, field, kind: kinds[kind])
            make(entry, field, &branch)
            column.branches.append(.init(kind: kind, column: branch))
        }
        guard own.contains(true) else { return }
        if let base { formulas[base].kinds = own.map { !$0 } }
    }

    // MARK: - Objects

    mutating func object(
        _ own: Settings, _ random: RandomStream, _ field: Field
    ) -> ColumnMaker {
        let entries = own.mapping("object") ?? []
        return .object(
            entries.map { entry in
                let type = memberType(entry.value)
                var column = MadeColumn(
                    index: schema.index(of: field.name) ?? 0, maker: .nothing,
                    random: random.member(entry.key.value))
                column.nullStream = random.member("null:" + entry.key.value)
                make(entry, Field(entry.key.value, type), &column)
                return .init(key: JSONWriter.key(entry.key.value), type: type, column: column)
            })
    }

    /// JSON has no types to declare: a member's follows from how it is made.
    private func memberType(_ value: SettingValue) -> DataType {
        let own: Settings
        let name: String
        switch value.kind {
        case .symbol(let plain): (name, own) = (plain, Settings(span: value.span))
        case .object(let settings):
            own = settings
            name =
                settings.entries.map(\.key.value)
                .first { !GenerateSettings.modifiers.contains($0) } ?? ""
        default: return .string
        }
        let inner = own.object(name)
        if inner?["pattern"] != nil { return .string }
        switch name {
        case "sequence", "zipf": return .bigint
        case "timestamp": return .timestamp
        case "uniform", "normal", "lognormal", "exponential", "walk":
            if let decimals = own.integer("decimals") {
                return decimals == 0 ? .bigint : .decimal(precision: 30, scale: Int(decimals))
            }
            let bounds = [inner?["min"], inner?["max"]].compactMap { $0?.isWhole }
            return name == "uniform" && bounds == [true, true] ? .bigint : .double
        default: return .string
        }
    }
}

extension SettingValue {
    fileprivate var isWhole: Bool { if case .integer = kind { true } else { false } }
}

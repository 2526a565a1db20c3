import PipelineDSL
import Planner

extension GenerateBuilder {
    typealias MadeColumn = GeneratedTable.MadeColumn

    /// The columns that are made, and those computed from them.
    mutating func columns() -> ([MadeColumn], [GeneratedTable.Computed]) {
        let entries = settings.mapping("columns") ?? []
        checkNames(entries)
        for own in kindEntries { checkNames(own.entries) }
        var made: [MadeColumn] = []
        var formulas: [Formula] = []
        for (index, field) in schema.fields.enumerated() {
            let entry = entries.first { schema.index(of: $0.key.value) == index }
            var column = base(index, field, entry, &formulas)
            addKinds(to: &column, field, hasBase: entry != nil, &formulas)
            made.append(column)
        }
        resolveWalks(&made)
        return (made, computed(formulas))
    }

    mutating func checkNames(_ entries: [SettingValue.MappingEntry]) {
        for entry in entries where schema[entry.key.value] == nil {
            let (name, span) = (entry.key.value, entry.key.span)
            let near = nearName(name, among: schema.names)
            report(
                .generateColumn, "`\(name)` is no column of this source", at: span,
                label: near.map { "did you mean `\($0)`?" } ?? "",
                notes: [
                    "columns here: \(schema.names.prefix(24).joined(separator: ", "))",
                    "declare it beside `generate`, with a type: `columns: { \(name): string }`",
                ],
                fix: near.map { .init("use `\($0)`", span: span, replacement: $0) })
        }
    }

    /// What rows of kinds that do not say otherwise have.
    private mutating func base(
        _ index: Int, _ field: Field, _ entry: SettingValue.MappingEntry?,
        _ formulas: inout [Formula]
    ) -> MadeColumn {
        var column = empty(index, field, kind: nil)
        if let text = formula(entry, field) {
            formulas.append(Formula(index: index, text: text))
        } else if let entry {
            make(entry, field, &column)
        } else if index == kindColumn, let kindChoice {
            column.maker = .choice(kindChoice, Column(.string, .strings(Strings(kinds))))
            column.random = kindStream
        } else if hasKinds(index), field.nullable {
            column.nulls = 1
        } else {
            makeByType(field, &column)
        }
        return column
    }

    func empty(_ index: Int, _ field: Field, kind: String?) -> MadeColumn {
        let name = field.name + (kind.map { "@" + $0 } ?? "")
        var column = MadeColumn(
            index: index, maker: .nothing, random: RandomStream(seed: seed, name: "column:" + name))
        column.nullStream = RandomStream(seed: seed, name: "null:" + name)
        return column
    }

    /// As written under `columns`, of all rows, of a kind, or of an object.
    mutating func make(
        _ entry: SettingValue.MappingEntry, _ field: Field, _ column: inout MadeColumn
    ) {
        switch entry.value.kind {
        case .object(let own):
            column.nulls = own.number("nulls") ?? 0
            column.kinds = kinds(own)
            requireNullable(own, field)
            if let name = single(own, field) { make(name, own, field, &column) }
        case .symbol(let name):
            make(name, Settings(span: entry.value.span), field, &column)
        default: break
        }
    }

    /// The expression of a column that is computed.
    mutating func formula(
        _ entry: SettingValue.MappingEntry?, _ field: Field
    ) -> SourceText? {
        guard case .object(let own)? = entry?.value.kind, let text = own.expression("expression")
        else { return nil }
        _ = single(own, field)
        modifiersOfExpression(own)
        return text
    }

    /// The one generator of a column.
    private mutating func single(_ own: Settings, _ field: Field) -> String? {
        let keys = own.entries.map(\.key).filter { !GenerateSettings.modifiers.contains($0.value) }
        if keys.count == 1 { return keys[0].value }
        guard keys.isEmpty else {
            report(
                .generateOne, "column `\(field.name)` is made in \(keys.count) ways",
                at: keys[1].span, label: "a second generator",
                notes: ["keep one of " + keys.map { "`\($0.value)`" }.joined(separator: ", ")])
            return nil
        }
        // Only `nulls` or `only`: the rest goes by the type.
        return ""
    }

    private mutating func requireNullable(_ own: Settings, _ field: Field) {
        guard !field.nullable else { return }
        for name in ["nulls", "only"] {
            guard let span = own.keySpan(name), name == "only" || own.number(name) ?? 0 > 0 else {
                continue
            }
            report(
                .generateType, "`\(field.name)` is `not null`, and `\(name)` makes it null",
                at: span,
                notes: [
                    "declare it without `not null`",
                    "rows that break the promise are made by `dirt: { nulls: 1% }`",
                ])
        }
    }

    private mutating func modifiersOfExpression(_ own: Settings) {
        for name in GenerateSettings.modifiers.sorted() {
            guard let span = own.keySpan(name) else { continue }
            report(
                .generateOne, "`\(name)` beside `expression`", at: span,
                notes: ["an expression says itself where it is null: `CASE WHEN … THEN … END`"])
        }
    }

    /// For each kind of the mix whether it has the column.
    private mutating func kinds(_ own: Settings) -> [Bool]? {
        guard let names = own.names("only") else { return nil }
        for name in names where !kinds.contains(name.value) {
            let near = nearName(name.value, among: kinds)
            report(
                .generateMix, "`\(name.value)` is no kind of the mix", at: name.span,
                label: near.map { "did you mean `\($0)`?" } ?? "",
                notes: [
                    kinds.isEmpty
                        ? "say which kinds there are: `mix: { order: 6, refund: 1 }`"
                        : "kinds: \(kinds.joined(separator: ", "))"
                ],
                fix: near.map { .init("use `\($0)`", span: name.span, replacement: $0) })
        }
        return kinds.map { kind in names.contains { $0.value == kind } }
    }

    // MARK: - Generators

    private mutating func make(
        _ name: String, _ own: Settings, _ field: Field, _ column: inout MadeColumn
    ) {
        if name.isEmpty { return makeByType(field, &column) }
        guard Self.fits(name, field.type) else {
            report(
                .generateType, "`\(name)` cannot make \(field.type), the type of `\(field.name)`",
                at: own.keySpan(name) ?? own.span,
                notes: ["it makes \(Self.makes(name))"])
            return
        }
        let inner = own.object(name) ?? Settings(span: own[name]?.span ?? own.span)
        column.pattern = pattern(inner)
        switch name {
        case "sequence":
            column.maker = .sequence(
                start: inner.integer("start") ?? 0, step: inner.integer("step") ?? 1,
                cycle: inner.integer("cycle"))
        case "object": column.maker = object(own, column.random, field)
        case "uniform": column.maker = uniform(inner, field.type)
        case "normal":
            column.maker = .distribution(
                .normal(
                    mean: inner.number("mean") ?? 0, deviation: inner.number("deviation") ?? 1),
                bounds: bounds(inner))
        case "lognormal":
            column.maker = .distribution(
                .lognormal(
                    median: inner.number("median") ?? 1, sigma: inner.number("sigma") ?? 1),
                bounds: bounds(inner))
        case "exponential":
            column.maker = .distribution(
                .exponential(mean: inner.number("mean") ?? 1), bounds: bounds(inner))
        case "zipf":
            column.maker = .zipf(
                Zipf(ranks: inner.integer("keys") ?? 1, skew: inner.number("skew") ?? 1))
        case "choice": column.maker = choice(own, field)
        case "pattern":
            column.pattern = pattern(own)
            column.maker = .random(bound: column.pattern?.randomBound ?? 1)
        case "uuid": column.maker = .uuid
        case "timestamp":
            column.maker = .moment(clock, jitter: max(0, inner.duration("jitter") ?? 0))
        case "walk":
            column.maker = .walk(
                .init(
                    name: inner.spannedName("by"), by: nil, from: inner.number("from") ?? 0,
                    step: inner.number("step") ?? 1,
                    every: max(1, inner.integer("every") ?? 1), bounds: bounds(inner)))
        case "constant": column.maker = constant(own, field)
        default: break
        }
    }

    mutating func makeByType(_ field: Field, _ column: inout MadeColumn) {
        switch field.type {
        case .boolean:
            let values = Column(.boolean, .boolean(Bitmap(count: 2) { $0 == 1 }))
            if let even = WeightedChoice([1, 1]) { column.maker = .choice(even, values) }
        case .integer, .bigint: column.maker = .whole(low: 0, high: 999)
        case .real, .double:
            column.maker = .distribution(.uniform(low: 0, high: 1), bounds: Self.everything)
        case .decimal(let precision, let scale):
            let most = precision - scale >= 3 ? 1000.0 : precision > scale ? 10 : 1
            column.maker = .distribution(.uniform(low: 0, high: most), bounds: Self.everything)
        case .string:
            column.maker = .random(bound: 0)
            column.pattern = try? TextPattern("{aaaaaaaa}")
        case .timestamp, .date, .time: column.maker = .moment(clock, jitter: 0)
        case .uuid: column.maker = .uuid
        default:
            if field.nullable {
                column.nulls = 1
                return
            }
            report(
                .generateMissing, "`\(field.name)` needs a generator",
                at: settings.keySpan("columns") ?? settings.span,
                label: "\(field.type) is not made by itself",
                notes: [
                    field.type.isNested
                        ? "declare it without `not null`; nested values are not generated"
                        : "say what it is: `columns: { \(field.name): { constant: … } }`"
                ])
        }
    }

    static let everything = -Double.infinity...Double.infinity

    private mutating func bounds(_ own: Settings) -> ClosedRange<Double> {
        let low = own.number("min") ?? -.infinity
        let high = own.number("max") ?? .infinity
        if low <= high { return low...high }
        report(
            .generateBounds, "`max` is less than `min`", at: own["max"]?.span,
            notes: ["swap them"])
        return Self.everything
    }

    private mutating func pattern(_ own: Settings) -> TextPattern? {
        guard case .string(let source)? = own["pattern"]?.kind, !source.text.contains("${") else {
            return nil
        }
        do { return try TextPattern(source.text) } catch {
            report(
                .generatePattern, "the pattern cannot be filled", at: source.span(error.range),
                label: error.reason,
                notes: [
                    "`{0}` is the number, `{0000}` with at least so many digits, `{aa}`, `{AA}`, "
                        + "`{xx}` random letters and hexadecimal digits, `{{` a brace"
                ])
            return nil
        }
    }

    private mutating func uniform(_ own: Settings, _ type: DataType) -> ColumnMaker {
        if type.isTemporal { return uniformMoments(own, type) }
        let low = bound(own, "min", 0)
        let high = bound(own, "max", type.isFloating || type.isDecimal ? max(1, low + 1) : 999)
        guard low <= high else {
            report(
                .generateBounds, "`max` is less than `min`",
                at: (own["max"] ?? own["min"])?.span ?? own.span, notes: ["swap them"])
            return .nothing
        }
        if type.isFloating || type.isDecimal {
            return .distribution(.uniform(low: low, high: high), bounds: low...high)
        }
        return .whole(low: Int64(saturating: low.rounded(.up)), high: Int64(saturating: high))
    }

    private mutating func bound(_ own: Settings, _ name: String, _ missing: Double) -> Double {
        guard let setting = own[name] else { return missing }
        if let number = own.number(name) { return number }
        report(
            .generateBounds, "`\(name)` must be a number here", at: setting.span,
            notes: ["dates and times bound columns of moments"])
        return missing
    }

    private mutating func uniformMoments(_ own: Settings, _ type: DataType) -> ColumnMaker {
        let day = CivilTime.microsecondsPerDay
        let (first, last) =
            type == .time
            ? (0, day - 1) : (clock.start, clock.start.saturatingAdd(365 * day))
        let low = moment(own, "min", type, isEnd: false) ?? first
        let high = moment(own, "max", type, isEnd: true) ?? max(last, low)
        if low <= high { return .whole(low: low, high: high) }
        report(
            .generateBounds, "`max` is before `min`",
            at: (own["max"] ?? own["min"])?.span ?? own.span, notes: ["swap them"])
        return .nothing
    }

    /// In microseconds; of a date its first or its last.
    private mutating func moment(
        _ own: Settings, _ name: String, _ type: DataType, isEnd: Bool
    ) -> Int64? {
        guard let setting = own[name] else { return nil }
        let text = own.string(name) ?? ""
        if text.contains("${") { return nil }
        guard case .integer(let value)? = Value.parse(text, as: type) else {
            report(
                .generateBounds, "`\(name)` must be a \(type) here", at: setting.span,
                notes: [
                    type == .time
                        ? "write `\"08:30:00\"`"
                        : type == .date ? "write `2026-01-01`" : "write `2026-01-01T00:00:00Z`"
                ])
            return nil
        }
        guard type == .date else { return value }
        let (start, overflow) = value.multipliedReportingOverflow(
            by: CivilTime.microsecondsPerDay)
        return overflow
            ? nil : isEnd ? start.saturatingAdd(CivilTime.microsecondsPerDay - 1) : start
    }

    // MARK: - Values

    private mutating func choice(_ own: Settings, _ field: Field) -> ColumnMaker {
        var texts: [(String, SourceSpan)] = []
        var weights: [Double] = []
        for item in own.list("choice") ?? [] {
            guard case .string(let source) = item.kind else { continue }
            texts.append((source.text, item.span))
            weights.append(1)
        }
        for entry in own.mapping("choice") ?? [] {
            texts.append((entry.key.value, entry.key.span))
            weights.append(weight(entry.value))
        }
        guard let choice = WeightedChoice(weights) else {
            report(
                .generateChoice, "there is nothing to choose from", at: own["choice"]?.span,
                label: texts.isEmpty ? "" : "the weights add up to nothing",
                notes: ["write `choice: [a, b]`, or `choice: { a: 6, b: 1 }`"])
            return .nothing
        }
        return values(texts, field).map { .choice(choice, $0) } ?? .nothing
    }

    private mutating func constant(_ own: Settings, _ field: Field) -> ColumnMaker {
        guard let text = own.string("constant"), let span = own["constant"]?.span,
            let only = WeightedChoice([1])
        else { return .nothing }
        return values([(text, span)], field).map { .choice(only, $0) } ?? .nothing
    }

    private mutating func values(_ texts: [(String, SourceSpan)], _ field: Field) -> Column? {
        var values: [Value] = []
        for (text, span) in texts {
            // What a parameter will say is known when it is filled in.
            if text.contains("${") { return nil }
            if let value = Value.parse(text, as: field.type) {
                values.append(value)
            } else {
                report(
                    .generateChoice, "`\(text)` is no \(field.type), the type of `\(field.name)`",
                    at: span)
            }
        }
        return values.count == texts.count ? Column.from(values, type: field.type) : nil
    }

    // MARK: - Types

    private static func fits(_ name: String, _ type: DataType) -> Bool {
        switch name {
        case "sequence", "zipf": type.isNumeric || type == .string
        case "uniform": type.isNumeric || type == .string || type.isTemporal
        case "normal", "lognormal", "exponential", "walk": type.isNumeric
        case "pattern": type == .string
        case "uuid": type == .uuid || type == .string
        case "timestamp": type.isTemporal
        case "object": type == .json || type == .string
        case "choice", "constant": !type.isNested && type != .null
        default: true
        }
    }

    private static func makes(_ name: String) -> String {
        switch name {
        case "sequence", "zipf": "numbers, and text by a `pattern`"
        case "uniform": "numbers, moments, and text by a `pattern`"
        case "normal", "lognormal", "exponential", "walk": "numbers"
        case "pattern": "text"
        case "uuid": "UUIDs, and text of their form"
        case "timestamp": "timestamps, dates and times"
        case "object": "JSON, and text of its form"
        default: "single values"
        }
    }
}

extension TextPattern {
    /// Where every place is random; 0 is any number.
    fileprivate var randomBound: UInt64 {
        let hasNumber = parts.contains { if case .number = $0 { true } else { false } }
        return hasNumber ? numberBound : 0
    }
}

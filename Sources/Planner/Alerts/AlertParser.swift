import PipelineDSL

/// Reads and checks a condition: `errors(processor) > 5 AND iterator_age(events) > 60 s`.
///
///     condition  = both { OR both }
///     both       = comparison { AND comparison }
///     comparison = ( condition ) | term ( > | >= | < | <= | = | <> ) term
///     term       = product { ( + | - ) product }
///     product    = factor { ( * | / ) factor }
///     factor     = metric ( [ node ] ) | number with unit | ${parameter} | ( term )
///
/// Brackets nest ``maxDepth`` deep at most.
struct AlertParser {
    /// What a condition may name.
    struct Names {
        var sources: [String]
        /// All of them, sources included.
        var nodes: [String]
        var stages: [String]
        var parameters: [String: String] = [:]
    }

    private struct Stop: Error {}

    private let source: SourceText
    private let names: Names
    private let tokens: [AlertToken]
    private var position = 0
    private var depth = 0
    private(set) var diagnostics: [Diagnostic] = []

    static let maxDepth = 32

    private init(_ source: SourceText, _ names: Names) {
        self.source = source
        self.names = names
        tokens = AlertLexer.tokens(source.text)
    }

    /// - Returns: `nil`, and why, where it is no condition.
    static func parse(_ source: SourceText, _ names: Names) -> (AlertCondition?, [Diagnostic]) {
        var parser = AlertParser(source, names)
        do {
            let condition = try parser.condition()
            if parser.position < parser.tokens.count {
                throw parser.fail("`\(parser.shown)` does not belong here", parser.here)
            }
            return (parser.diagnostics.isEmpty ? condition : nil, parser.diagnostics)
        } catch {
            return (nil, parser.diagnostics)
        }
    }

    // MARK: - Tokens

    private var token: AlertToken.Kind? {
        position < tokens.count ? tokens[position].kind : nil
    }

    private var here: Range<Int> {
        if position < tokens.count { return tokens[position].range }
        let end = source.text.utf8.count
        return end..<end
    }

    private var shown: String {
        guard position < tokens.count else { return "" }
        return String(
            decoding: Array(source.text.utf8)[tokens[position].range], as: UTF8.self)
    }

    private mutating func take(_ sign: String) -> Bool {
        guard token == .sign(sign) else { return false }
        position += 1
        return true
    }

    private mutating func take(word: String) -> Bool {
        guard case .name(let name) = token, name.lowercased() == word else { return false }
        position += 1
        return true
    }

    private mutating func fail(
        _ message: String, _ range: Range<Int>, label: String = "", notes: [String] = [],
        fix: (String, String)? = nil
    ) -> Stop {
        diagnostics.append(
            Diagnostic(
                .alertCondition, message, at: source.span(range), label: label,
                notes: notes.isEmpty
                    ? ["for example `errors(processor) > 5`, `iterator_age(events) > 60 s`"]
                    : notes,
                fix: fix.map { .init($0.0, span: source.span(range), replacement: $0.1) }))
        return Stop()
    }

    private mutating func nested<R>(_ body: (inout Self) throws -> R) throws -> R {
        depth += 1
        defer { depth -= 1 }
        guard depth <= AlertParser.maxDepth else {
            throw fail("brackets are nested too deep", here)
        }
        return try body(&self)
    }

    // MARK: - Conditions

    private mutating func condition() throws -> AlertCondition {
        var parts = [try both()]
        while take(word: "or") { parts.append(try both()) }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func both() throws -> AlertCondition {
        var parts = [try comparison()]
        while take(word: "and") { parts.append(try comparison()) }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func comparison() throws -> AlertCondition {
        if isCondition, take("(") {
            let inner = try nested { try $0.condition() }
            guard take(")") else { throw fail("a `)` is missing", here) }
            return inner
        }
        let start = here
        let left = try term()
        guard let comparison = comparisonSign() else {
            throw fail(
                position < tokens.count
                    ? "`\(shown)` stands where a comparison should be" : "a comparison is missing",
                here, notes: ["compare with `>`, `>=`, `<`, `<=`, `=` or `<>`"])
        }
        let right = try term()
        guard left.unit == right.unit else {
            let end = tokens[position - 1].range.upperBound
            throw fail(
                "\(left.unit.rawValue) is compared with \(right.unit.rawValue)",
                start.lowerBound..<end,
                notes: ["the left side needs \(left.unit.expected) on the right"])
        }
        return .compare(left, comparison, right)
    }

    /// Whether the bracket here holds a condition, not a term: a comparison stands in it.
    private var isCondition: Bool {
        guard token == .sign("(") else { return false }
        var level = 0
        for token in tokens[position...] {
            guard case .sign(let sign) = token.kind else { continue }
            if sign == "(" { level += 1 }
            if sign == ")" { level -= 1 }
            if level == 0 { return false }
            if AlertParser.comparison(sign) != nil { return true }
        }
        return false
    }

    private mutating func comparisonSign() -> AlertCondition.Comparison? {
        guard case .sign(let sign) = token, let found = AlertParser.comparison(sign) else {
            return nil
        }
        position += 1
        return found
    }

    private static func comparison(_ sign: String) -> AlertCondition.Comparison? {
        sign == "!=" ? .different : AlertCondition.Comparison(rawValue: sign)
    }

    // MARK: - Terms

    private mutating func term() throws -> AlertTerm {
        let start = here.lowerBound
        var left = try product()
        while case .sign(let sign) = token, sign == "+" || sign == "-",
            let operation = AlertTerm.Calculation(rawValue: sign)
        {
            position += 1
            left = try calculated(left, operation, try product(), from: start)
        }
        return left
    }

    private mutating func product() throws -> AlertTerm {
        let start = here.lowerBound
        var left = try factor()
        while case .sign(let sign) = token, sign == "*" || sign == "/",
            let operation = AlertTerm.Calculation(rawValue: sign)
        {
            position += 1
            left = try calculated(left, operation, try factor(), from: start)
        }
        return left
    }

    private mutating func calculated(
        _ left: AlertTerm, _ operation: AlertTerm.Calculation, _ right: AlertTerm, from start: Int
    ) throws -> AlertTerm {
        let result = AlertTerm.calculation(left, operation, right)
        let isRight =
            switch operation {
            case .add, .subtract: left.unit == right.unit
            case .multiply: left.unit == .number || right.unit == .number
            case .divide: right.unit == .number || left.unit == right.unit
            }
        guard isRight else {
            throw fail(
                "\(left.unit.rawValue) \(operation.rawValue) \(right.unit.rawValue) means nothing",
                start..<tokens[position - 1].range.upperBound,
                notes: ["like is added to like; a duration or size is multiplied by a number"])
        }
        guard result.height <= AlertParser.maxDepth * 4 else {
            throw fail("the condition is too long", start..<tokens[position - 1].range.upperBound)
        }
        return result
    }

    private mutating func factor() throws -> AlertTerm {
        switch token {
        case .sign("("):
            position += 1
            let inner = try nested { try $0.term() }
            guard take(")") else { throw fail("a `)` is missing", here) }
            return inner
        case .sign("-"):
            position += 1
            let inner = try nested { try $0.factor() }
            return .calculation(.constant(-1, .number), .multiply, inner)
        case .quantity(let text):
            let range = here
            position += 1
            return try constant(text, range)
        case .parameter(let name): return try parameter(name)
        case .name(let name): return try metric(name)
        case .unknown, .sign:
            throw fail("`\(shown)` stands where a metric or a number should be", here)
        case nil: throw fail("the condition ends where a metric or a number should be", here)
        }
    }

    private mutating func parameter(_ name: String) throws -> AlertTerm {
        let range = here
        position += 1
        guard let text = names.parameters[name] else {
            let near = nearName(name, among: names.parameters.keys)
            throw fail(
                "no parameter `\(name)`", range,
                label: near.map { "did you mean `${\($0)}`?" } ?? "",
                notes: ["a condition may hold parameters of the spec, such as `${threshold}`"],
                fix: near.map { ("use `${\($0)}`", "${\($0)}") })
        }
        return try constant(text, range)
    }

    private mutating func constant(_ text: String, _ range: Range<Int>) throws -> AlertTerm {
        if text.hasSuffix("%"), let value = Double(text.dropLast()) {
            return .constant(value / 100, .number)
        }
        let plain = text.filter { $0 != "_" }
        if let value = Double(plain), value.isFinite { return .constant(value, .number) }
        if case .success(let value) = Quantity.duration(plain) {
            return .constant(Double(value), .duration)
        }
        if case .success(let value) = Quantity.size(plain) {
            return .constant(Double(value), .size)
        }
        throw fail(
            "`\(text)` is no quantity", range,
            notes: ["write a number, a duration such as `60 s` or a size such as `512 MB`"])
    }

    // MARK: - Metrics

    private mutating func metric(_ name: String) throws -> AlertTerm {
        let range = here
        guard let metric = AlertMetric(rawValue: name.lowercased()) else {
            let all = AlertMetric.allCases.map(\.rawValue)
            let near = nearName(name, among: all)
            throw fail(
                "there is no metric `\(name)`", range,
                label: near.map { "did you mean `\($0)`?" } ?? "",
                notes: ["metrics: " + all.map { "`\($0)`" }.joined(separator: ", ")],
                fix: near.map { ("use `\($0)`", $0) })
        }
        position += 1
        guard take("(") else {
            throw fail(
                "`\(name)` needs brackets", range, notes: ["write `\(metric.usage)`"],
                fix: metric.targets.contains(.none) ? ("add them", "\(name)()") : nil)
        }
        let target = try target(of: metric)
        guard take(")") else { throw fail("a `)` is missing", here) }
        return .metric(metric, target: target)
    }

    private mutating func target(of metric: AlertMetric) throws -> String? {
        guard case .name(let name) = token else {
            if token == .sign(")"), metric.targets.contains(.none) { return nil }
            throw fail(
                "`\(metric.rawValue)` wants a name", here, notes: ["write `\(metric.usage)`"])
        }
        let range = here
        let fitting = names.fitting(metric)
        if metric.targets == [.none] {
            throw fail(
                "`\(metric.rawValue)` is of the whole run", range,
                notes: ["write `\(metric.usage)`"])
        }
        position += 1
        guard fitting.contains(name) else {
            let near = nearName(name, among: fitting)
            let kinds = metric.targets.contains(.source) ? "source" : metric.kinds
            throw fail(
                names.nodes.contains(name)
                    ? "`\(name)` is no source" : "there is no \(kinds) `\(name)`", range,
                label: near.map { "did you mean `\($0)`?" } ?? "",
                notes: [
                    fitting.isEmpty
                        ? "there is none yet"
                        : "here: " + fitting.map { "`\($0)`" }.joined(separator: ", ")
                ],
                fix: near.map { ("use `\($0)`", $0) })
        }
        return name
    }
}

extension AlertParser.Names {
    func fitting(_ metric: AlertMetric) -> [String] {
        var fitting: [String] = []
        if metric.targets.contains(.node) { fitting += nodes }
        if metric.targets.contains(.source) { fitting += sources }
        if metric.targets.contains(.stage) { fitting += stages }
        return fitting
    }
}

extension AlertMetric {
    /// `iterator_age(source)`
    public var usage: String {
        if targets == [.none] { return "\(rawValue)()" }
        return "\(rawValue)(\(targets.contains(.source) ? "source" : kinds))"
    }

    var kinds: String { targets.contains(.stage) ? "node or stage" : "node" }
}

extension AlertTerm {
    public var unit: AlertUnit {
        switch self {
        case .constant(_, let unit): unit
        case .metric(let metric, _): metric.unit
        case .calculation(let left, let operation, let right):
            switch operation {
            case .add, .subtract: left.unit
            case .multiply: left.unit == .number ? right.unit : left.unit
            case .divide: left.unit == right.unit ? .number : left.unit
            }
        }
    }

    /// How deep it nests.
    var height: Int {
        guard case .calculation(let left, _, let right) = self else { return 1 }
        return max(left.height, right.height) + 1
    }
}

import PipelineDSL

/// Turns a spec into a ``CheckedPipeline``, or says everything that is wrong with it.
///
/// Needs no credentials, no network and no data. It never stops at the first mistake: nodes are
/// checked in the order of their dependencies, and what depends on a node that has failed is left
/// alone, so that one mistake is reported once.
public struct Checker {
    let spec: Spec
    let catalogue: Catalogue
    let profile: ProfileDeclaration
    let mode: Plan.Mode
    let environment: @Sendable (String) -> String?
    let inference: SchemaInference

    var bag = DiagnosticBag()
    /// What `${…}` in settings is filled with.
    var values = InterpolationValues()
    var expressions: ExpressionChecker
    /// Nodes checked so far.
    var nodes: [String: CheckedNode] = [:]
    /// Contracts whose columns and rules are right, with the rules typed over their own columns.
    var contracts: [String: CheckedContract] = [:]
    let directory: NodeDirectory

    /// - Parameters:
    ///   - profile: `local` need not be declared.
    ///   - parameters: what `--param` gave.
    ///   - isComplete: whether the spec was read without errors. Of one that was not, it is not
    ///     known what it would have used.
    ///   - inference: finds the columns of a source that does not declare them.
    public static func check(
        _ spec: Spec, catalogue: Catalogue, profile: String = "local",
        parameters: [String: String] = [:],
        environment: @escaping @Sendable (String) -> String? = { _ in nil },
        mode: Plan.Mode = .batch, isComplete: Bool = true,
        inference: @escaping SchemaInference = { _ in (nil, []) }
    ) -> (CheckedPipeline?, [Diagnostic]) {
        var bag = DiagnosticBag()
        guard let declared = profileDeclaration(profile, in: spec, &bag) else {
            return (nil, bag.sorted)
        }
        var checker = Checker(
            spec: spec, catalogue: catalogue, profile: declared, mode: mode,
            environment: environment, inference: inference)
        let pipeline = checker.run(given: parameters)
        if isComplete { checker.warnOfUnused() }
        return (checker.bag.hasErrors ? nil : pipeline, checker.bag.sorted)
    }

    private init(
        spec: Spec, catalogue: Catalogue, profile: ProfileDeclaration, mode: Plan.Mode,
        environment: @escaping @Sendable (String) -> String?,
        inference: @escaping SchemaInference
    ) {
        self.spec = spec
        self.catalogue = catalogue
        self.profile = profile
        self.mode = mode
        self.environment = environment
        self.inference = inference
        expressions = ExpressionChecker(catalogue: catalogue.functions)
        directory = NodeDirectory(spec, catalogue: catalogue)
    }

    private mutating func run(given: [String: String]) -> CheckedPipeline {
        let texts = checkParameters(given)
        for contract in spec.contracts { checkContract(contract) }
        checkStages()
        var checked: [CheckedNode] = []
        for name in orderedNodes() {
            guard let node = checkNode(name) else { continue }
            nodes[name] = node
            checked.append(node)
        }
        let moved = checkMoves()
        return CheckedPipeline(
            spec: spec, profile: profile.name.value, mode: mode, nodes: checked,
            stages: stagePlans(), parameters: texts, moved: moved, deadLetters: deadLetterPlan(),
            alerts: checkAlerts())
    }

    private mutating func checkNode(_ name: String) -> CheckedNode? {
        switch directory[name] {
        case .source(let source): checkSource(source)
        case .transform(let transform): checkTransform(transform)
        case .late(let transform): checkLate(transform)
        case .sink(let sink): checkSink(sink)
        case .written(let sink): checkWritten(name, sink)
        case .zone, nil: nil
        }
    }

    private static func profileDeclaration(
        _ name: String, in spec: Spec, _ bag: inout DiagnosticBag
    ) -> ProfileDeclaration? {
        if let declared = spec.profiles.first(where: { $0.name.value == name }) { return declared }
        let implicit = ProfileDeclaration(name: Spanned(name, .file(spec.file)))
        if name == "local" { return implicit }
        let known = ["local"] + spec.profiles.map(\.name.value).filter { $0 != "local" }
        let near = nearName(name, among: known)
        bag.add(
            Diagnostic(
                .unknownProfile, "there is no profile `\(name)`", at: nil,
                notes: [
                    near.map { "did you mean `\($0)`?" },
                    "profiles: \(quotedNames(known))",
                ].compactMap(\.self)))
        return nil
    }

    /// Whether the profile stands for embedded counterparts rather than for real services.
    var isEmbedded: Bool { profile.name.value == "local" }

    private func deadLetterPlan() -> DeadLetterPlan {
        var plan = DeadLetterPlan()
        if let path = spec.deadLetters?.text("path") { plan.path = path }
        plan.expireAfter = spec.deadLetters?.duration("expire_after")
        return plan
    }
}

/// `a`, `b`, `c`
func quotedNames(_ names: some Sequence<String>) -> String {
    names.map { "`\($0)`" }.joined(separator: ", ")
}

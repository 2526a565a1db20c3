import ArgumentParser
import Foundation
import PipelineDSL
import Planner
import Runtime

/// The spec (or plan) that a command works on, and where everything relative starts.
struct Workspace {
    let options: GlobalOptions
    /// As a user would write it; spans carry it.
    let path: String
    let project: ProjectDirectory
    var format = DiagnosticFormat.text
    var saysWarnings = false
    /// Where columns come from that sources do not declare.
    var schemas = SchemaPins.Use.pinned

    static let specNames = ["pipec.yaml", "pipec.yml"]

    /// - Parameter path: a spec or a plan; `nil` looks for `pipec.yaml` here and above.
    init(_ path: String?, _ options: GlobalOptions) throws {
        self.options = options
        let manager = FileManager.default
        if var given = path {
            var isFolder: ObjCBool = false
            if manager.fileExists(atPath: given, isDirectory: &isFolder), isFolder.boolValue {
                given = Workspace.specNames.map { given + "/" + $0 }
                    .first { manager.fileExists(atPath: $0) } ?? given + "/pipec.yaml"
            }
            guard manager.fileExists(atPath: given) else {
                throw Workspace.missing("there is no file \(given)")
            }
            self.path = given
        } else if let found = Workspace.find() {
            self.path = found
        } else {
            throw Workspace.missing("there is no pipec.yaml in this folder or any above it")
        }
        let absolute = URL(fileURLWithPath: self.path).standardizedFileURL.path
        project = ProjectDirectory((absolute as NSString).deletingLastPathComponent)
    }

    /// The nearest spec, relative to the working directory.
    private static func find() -> String? {
        var folder = FileManager.default.currentDirectoryPath
        var prefix = ""
        while true {
            for name in specNames where FileManager.default.fileExists(atPath: folder + "/" + name) {
                return prefix + name
            }
            if folder == "/" || folder.isEmpty { return nil }
            folder = (folder as NSString).deletingLastPathComponent
            prefix += "../"
        }
    }

    private static func missing(_ message: String) -> ExitCode {
        let diagnostic = Diagnostic(
            .noSpec, message, at: nil,
            notes: ["`pipec init my-pipeline` makes a project that runs"])
        Output.error(DiagnosticPrinter().render([diagnostic]))
        return ExitCode.failure
    }

    var isPlanFile: Bool { path.hasSuffix(".json") }

    private func bytes(_ path: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Workspace.missing("\(path) cannot be read")
        }
        return [UInt8](data)
    }

    // MARK: - Reading and checking

    /// What the spec says, and every mistake in it.
    func check(
        mode: Plan.Mode = .batch, adding extra: TransformDeclaration? = nil
    ) throws -> (CheckedPipeline?, [Diagnostic]) {
        let pins = SchemaPins(project, use: schemas)
        let result = try Workspace.check(
            file: path, bytes: try bytes(path), project: project, options: options, mode: mode,
            adding: extra, inference: pins.answer
        ) { pattern, including in
            let base = (including as NSString).deletingLastPathComponent
            return Glob.expand(pattern, base: base.isEmpty ? "." : base).compactMap { name in
                let file = base.isEmpty ? name : base + "/" + name
                return FileManager.default.contents(atPath: file).map {
                    SpecFile(name: file, bytes: [UInt8]($0))
                }
            }
        }
        if result.0 != nil { try reporting { try pins.save() } }
        return result
    }

    static func check(
        file: String, bytes: [UInt8], project: ProjectDirectory, options: GlobalOptions,
        mode: Plan.Mode, adding extra: TransformDeclaration? = nil,
        inference: @escaping SchemaInference = { _ in (nil, []) },
        include: @escaping SpecReader.Include
    ) throws -> (CheckedPipeline?, [Diagnostic]) {
        let catalogue = Registry.catalogue()
        let environment = ProcessInfo.processInfo.environment
        let (spec, read) = SpecReader.read(
            file: file, bytes: bytes,
            values: InterpolationValues(
                parameters: options.parameterValues, environment: { environment[$0] }),
            connectors: Set(catalogue.connectors.map(\.name)), include: include)
        guard var spec else { return (nil, read) }
        if let extra { spec.transforms.append(extra) }
        let (checked, found) = Checker.check(
            spec, catalogue: catalogue, profile: options.profile,
            parameters: options.parameterValues, environment: { environment[$0] }, mode: mode,
            inference: inference)
        var bag = DiagnosticBag()
        bag.add(contentsOf: read)
        bag.add(contentsOf: found)
        return (bag.hasErrors ? nil : checked, bag.sorted)
    }

    /// The plan of the spec, or the plan that was written. Mistakes are said, and end the command.
    func plan(mode: Plan.Mode = .batch) throws -> Plan {
        if isPlanFile {
            let text = String(decoding: try bytes(path), as: UTF8.self)
            let (plan, diagnostics) = PlanJSON.read(SourceText(text: text, file: path))
            try stop(diagnostics, unless: plan != nil)
            return plan!
        }
        let (checked, diagnostics) = try check(mode: mode)
        // Warnings are what `check` and `plan` are for; a run or a query need not repeat them.
        let isAll = checked == nil || saysWarnings
        let said = diagnostics.filter { isAll || $0.code == .schemaDrift }
        try stop(said, unless: checked != nil)
        return Planner.plan(checked!)
    }

    /// The plan with a query as one more relation.
    func plan(query: String, as name: String) throws -> Plan {
        let text = SourceText(text: query, file: "<query>")
        let transform = TransformDeclaration(
            name: Spanned(name, text.span), body: .sql(text), span: text.span)
        let (checked, diagnostics) = try check(adding: transform)
        try stop(checked == nil ? diagnostics : [], unless: checked != nil, query: query)
        return Planner.plan(checked!)
    }

    /// Says diagnostics; with errors, ends the command.
    func stop(
        _ diagnostics: [Diagnostic], unless isFine: Bool, query: String? = nil
    ) throws {
        let printer = DiagnosticPrinter(
            format: format, isColored: options.isColored(2), query: query)
        let shown = options.quiet ? diagnostics.filter { $0.severity == .error } : diagnostics
        if !shown.isEmpty { Output.error(printer.render(shown)) }
        if !isFine { throw ExitCode.failure }
    }

    /// Turns an error of the runtime into what the terminal says.
    func reporting<R>(_ body: () throws -> R) throws -> R {
        do { return try body() } catch let error as RunError {
            Output.error(
                DiagnosticPrinter(isColored: options.isColored(2)).render([error.diagnostic]))
            throw ExitCode.failure
        }
    }

    // MARK: - Options

    func memory(_ text: String) throws -> Int {
        switch Quantity.size(text) {
        case .success(let bytes) where bytes >= 16 << 20: return Int(clamping: bytes)
        case .success: throw ValidationError("--memory must be at least 16 MiB")
        case .failure: throw ValidationError("--memory takes a size such as `512 MB`, not `\(text)`")
        }
    }

    /// dbt's graph selectors: `node`, `+node`, `node+`, `+node+`.
    func select(_ selectors: [String], in plan: Plan) throws -> Set<String>? {
        guard !selectors.isEmpty else { return nil }
        var selected: Set<String> = []
        for selector in selectors {
            let name = selector.drop { $0 == "+" }.prefix { $0 != "+" }
            guard plan[String(name)] != nil else {
                let near = nearName(String(name), among: plan.nodes.map(\.name))
                Output.error(
                    DiagnosticPrinter(isColored: options.isColored(2)).render([
                        Diagnostic(
                            .unknownSelection, "`\(name)` is not a node of this plan", at: nil,
                            notes: [
                                near.map { "did you mean `\($0)`?" }
                                    ?? "nodes: \(plan.nodes.map(\.name).joined(separator: ", "))"
                            ])
                    ]))
                throw ExitCode.failure
            }
            selected.insert(String(name))
            if selector.hasPrefix("+") { selected.formUnion(plan.ancestors(of: String(name))) }
            if selector.hasSuffix("+") { selected.formUnion(plan.descendants(of: String(name))) }
        }
        return selected
    }
}

extension Plan {
    func ancestors(of name: String) -> Set<String> { reach(name) { self[$0]?.inputs ?? [] } }

    func descendants(of name: String) -> Set<String> {
        reach(name) { current in nodes.filter { $0.inputs.contains(current) }.map(\.name) }
    }

    private func reach(_ name: String, _ next: (String) -> [String]) -> Set<String> {
        var found: Set<String> = []
        var pending = next(name)
        while let current = pending.popLast() {
            if found.insert(current).inserted { pending += next(current) }
        }
        return found
    }
}

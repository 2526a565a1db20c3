import ArgumentParser
import Foundation
import PipelineDSL
import Planner
import Runtime

extension Workspace {
    /// What the spec says, and every mistake in it.
    func check(
        mode: Plan.Mode = .batch, adding extra: TransformDeclaration? = nil
    ) throws -> (CheckedPipeline?, [Diagnostic]) {
        let pins = SchemaPins(project, use: schemas)
        let main = SpecFile(name: path, bytes: try bytes())
        let result = check(main, mode: mode, adding: extra, inference: pins.answer) {
            pattern, including in
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

    /// The same of a spec that comes from elsewhere.
    func check(
        _ file: SpecFile, mode: Plan.Mode = .batch, adding extra: TransformDeclaration? = nil,
        inference: @escaping SchemaInference, include: @escaping SpecReader.Include
    ) -> (CheckedPipeline?, [Diagnostic]) {
        let catalogue = Registry.catalogue()
        let environment = ProcessInfo.processInfo.environment
        let (spec, read) = SpecReader.read(
            file: file.name, bytes: file.bytes,
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
        if isPlanFile { return try plan(SpecFile(name: path, bytes: try bytes())) }
        let (checked, diagnostics) = try check(mode: mode)
        guard let checked else { throw failed(diagnostics) }
        try stop(
            diagnostics.filter { saysWarnings || $0.code == .schemaDrift }, unless: true)
        let plan = Planner.plan(checked)
        if mode == .streaming, checksStreaming {
            let found = StreamAnalysis(plan).diagnostics
            if !found.isEmpty { throw failed(found) }
        }
        return plan
    }

    /// A plan that was written with `plan --out`.
    func plan(_ file: SpecFile) throws -> Plan {
        let text = String(decoding: file.bytes, as: UTF8.self)
        let (plan, diagnostics) = PlanJSON.read(SourceText(text: text, file: file.name))
        guard let plan else { throw failed(diagnostics, texts: [file.name: text]) }
        return plan
    }

    /// The plan with a query as one more relation.
    func plan(query: String, as name: String) throws -> Plan {
        guard !isPlanFile else {
            throw Workspace.stop(
                options, .cannotRun, "a query needs the spec, not the plan \(path)",
                notes: ["without `--file` the nearest pipec.yaml is taken"])
        }
        let text = SourceText(text: query, file: "<query>")
        let transform = TransformDeclaration(
            name: Spanned(name, text.span), body: .sql(text), span: text.span)
        let (checked, diagnostics) = try check(adding: transform)
        guard let checked else { throw failed(diagnostics, texts: ["<query>": query]) }
        return Planner.plan(checked)
    }

    /// Says why there is no plan.
    func failed(_ diagnostics: [Diagnostic], texts: [String: String] = [:]) -> ExitCode {
        let shown = options.quiet ? diagnostics.filter { $0.severity == .error } : diagnostics
        Output.say(shown, options.color, texts: texts)
        return ExitCode.failure
    }
}

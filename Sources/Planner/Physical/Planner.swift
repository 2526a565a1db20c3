import PipelineDSL

/// Makes the plan of a checked pipeline. Cannot fail: everything that could be wrong was checked.
public struct Planner {
    public struct Options: Sendable {
        /// Names of rewrites that are left out.
        public var disabledRules: Set<String>
        /// Evaluates constants, where there is somebody who can.
        public var evaluator: (any ConstantEvaluator)?

        public init(
            disabledRules: Set<String> = [], evaluator: (any ConstantEvaluator)? = nil
        ) {
            self.disabledRules = disabledRules
            self.evaluator = evaluator
        }
    }

    /// What the rewrites did, by node.
    public typealias Reports = [String: RuleDriver.Report]

    public static func plan(_ pipeline: CheckedPipeline, options: Options = Options()) -> Plan {
        planning(pipeline, options: options).plan
    }

    public static func planning(
        _ pipeline: CheckedPipeline, options: Options = Options()
    ) -> (plan: Plan, reports: Reports) {
        let driver = RuleDriver(
            disabled: options.disabledRules,
            context: RuleContext(evaluator: options.evaluator))
        let schemas = Dictionary(
            pipeline.nodes.map { ($0.name, $0.schema) }, uniquingKeysWith: { $1 })
        var reports: Reports = [:]
        var nodes = pipeline.nodes.map { node in
            planned(node, driver, schemas, &reports)
        }
        ScanProjection.apply(to: &nodes)
        let spec = pipeline.spec
        var plan = Plan(
            pipeline: spec.pipeline.value, description: spec.description, owner: spec.owner,
            profile: pipeline.profile, mode: pipeline.mode, nodes: nodes, stages: pipeline.stages,
            parameters: pipeline.parameters, moved: pipeline.moved,
            deadLetters: pipeline.deadLetters, alerts: pipeline.alerts)
        if plan.mode == .streaming {
            UpdatedTables.apply(to: &plan)
            StateBounds.apply(to: &plan)
        }
        PlanPlaces.makeRelative(&plan, to: spec.file)
        return (plan, reports)
    }

    private static func planned(
        _ node: CheckedNode, _ driver: RuleDriver, _ schemas: [String: Schema],
        _ reports: inout Reports
    ) -> PlanNode {
        var planned = PlanNode(
            name: node.name, kind: node.kind, description: node.description,
            inputs: node.body?.nodesRead ?? [], schema: node.schema, scan: node.scan,
            table: node.table, sink: node.sink, contract: node.contract, mode: node.mode,
            every: node.every, cron: node.cron, runsOn: node.runsOn, span: node.span,
            places: node.places)
        guard let body = node.body else { return planned }
        planned.definition = Definition.steps(of: body, node: node.name)
        let (tree, report) = driver.run(body) { schemas[$0] }
        planned.operators = Lowering.operators(tree, of: node.name)
        reports[node.name] = report
        return planned
    }
}

/// Sources decode only what somebody reads.
enum ScanProjection {
    static func apply(to nodes: inout [PlanNode]) {
        var read: [String: Set<Int>] = [:]
        let widths = Dictionary(
            nodes.map { ($0.name, $0.schema.fields.count) }, uniquingKeysWith: { $1 })
        for node in nodes {
            for step in node.operators {
                guard case .input(let input) = step.operation else { continue }
                let all = 0..<(widths[input.node] ?? 0)
                read[input.node, default: []].formUnion(input.columns ?? Array(all))
            }
        }
        for index in nodes.indices {
            guard let scan = nodes[index].scan else { continue }
            let wanted = read[nodes[index].name] ?? []
            nodes[index].scan?.projection = scan.fields.fields.indices.filter(wanted.contains)
        }
    }
}

import PipelineDSL
import Planner

/// Tables of a Redshift warehouse; embedded: Parquet files that `pipec query` reads.
struct RedshiftConnector: ConnectorSignature {
    let name = "redshift"
    let documentation = """
        Tables of an Amazon Redshift warehouse. Without a cluster the warehouse is the folder
        `.pipec/redshift/`, with a table's rows in `<schema>/<table>/` as Parquet. `pipec query` reads
        what a sink has written by the name it has in the warehouse:

        ```yaml
        sinks:
          facts:
            from: gold.sales_by_customer
            redshift: { schema: analytics, table: fact_sales, mode: merge, on: [customer_id, day] }
        ```

        ```
        pipec query 'SELECT day, sum(total) FROM analytics.fact_sales GROUP BY day'
        ```

        As a source it is a table as it stands when it is read: to look rows up in, or for another
        pipeline of the project.

        ```yaml
        sources:
          customers:
            redshift: { schema: analytics, table: dim_customer }
            columns: { customer_id: bigint not null, segment: string }
        ```
        """
    let roles: Set<ConnectorRole> = [.source, .sink]
    let needsFormat = false
    let settings = [
        SettingSignature("table", .string, required: true, "The table's name."),
        SettingSignature("schema", .string, default: "public", "The schema it is in."),
        SettingSignature(
            "mode", .choice(["overwrite", "append", "merge"]),
            """
            As a sink: whether a run replaces the table (what a batch does without it), adds its rows
            (what a stream does), or replaces the rows of the same key.
            """),
        SettingSignature("on", .names, "As a sink with `mode: merge`: the key."),
    ]

    func capabilities(_ settings: Settings) -> ConnectorCapabilities {
        ConnectorCapabilities(
            replayable: true, ordered: true, idempotent: settings.string("mode") != "append",
            transactional: true)
    }

    func embedded(_ settings: Settings) -> EmbeddedBinding? {
        EmbeddedBinding(
            summary: "embedded warehouse table \(settings.string("schema") ?? "public")."
                + (settings.string("table") ?? ""))
    }

    func tableName(_ settings: YAMLNode) -> String? {
        let schema = settings["schema"]?.scalar?.text ?? "public"
        guard let table = settings["table"]?.scalar?.text else { return nil }
        return (schema + table).contains("${") ? nil : "\(schema).\(table)"
    }

    func check(_ settings: Settings, schema: Schema, role: ConnectorRole) -> [Diagnostic] {
        // Redshift: identifiers of up to 127 bytes.
        var found = ResourceName.check("table", settings, extra: "_", limit: 127)
        found += ResourceName.check("schema", settings, extra: "_", limit: 127)
        if role == .source {
            return found
                + ["mode", "on"].compactMap { name in
                    settings[name].map { setting in
                        Diagnostic(
                            .settingOfSinks, "`\(name)` is for sinks", at: setting.span,
                            label: "a source has no use for it", notes: ["remove it"])
                    }
                }
        }
        return found + keyCheck(settings, schema)
    }

    private func keyCheck(_ settings: Settings, _ schema: Schema) -> [Diagnostic] {
        let keys = settings.names("on") ?? []
        let merges = settings.string("mode") == "merge"
        if merges, keys.isEmpty {
            return [
                Diagnostic(
                    .writeKey, "`merge` needs `on`", at: settings["mode"]?.span,
                    label: "which rows are the same?",
                    notes: ["name the key columns: `on: [id]`"])
            ]
        }
        if !merges, let span = settings["on"]?.span {
            return [
                Diagnostic(
                    .writeKey, "only `mode: merge` has a key", at: span,
                    notes: ["write `mode: merge`, or leave `on` out"])
            ]
        }
        return keys.flatMap { KeyColumns.check($0, schema, of: "on") }
    }
}

/// What a binding to `redshift` says.
struct RedshiftSettings {
    let schema: String
    let table: String
    let merges: Bool
    let keys: [String]

    init(_ binding: BindingPlan) {
        let settings = Settings(binding.settings, signatures: RedshiftConnector().settings)
        schema = settings.string("schema") ?? "public"
        table = settings.string("table") ?? ""
        merges = settings.string("mode") == "merge"
        keys = (settings.names("on") ?? []).map(\.value)
    }

    /// Under the project; ends in a slash, as folders do.
    var path: String { EmbeddedPaths.warehouse(schema: schema, table: table) }

    /// How its rows are stored.
    static let format = FormatPlan(name: "parquet")

    func stored(_ node: PlanNode, _ project: ProjectDirectory) -> StoredTable {
        var folder = project.resolve(path)
        while folder.last == "/" { folder.removeLast() }
        return StoredTable(folder: folder, node: node, format: RedshiftSettings.format)
    }
}

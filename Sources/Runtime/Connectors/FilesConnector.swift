import PipelineDSL
import Planner

/// Files in a folder of this machine.
struct FilesConnector: ConnectorSignature {
    let name = "files"
    let documentation = """
        Files on this machine. As a source, every file that matches `path`, in the order of their
        names; compression follows the name (`.gz`, `.zst`).

        ```yaml
        sources:
          telemetry_files:
            files: { path: "data/telemetry/*.csv" }
            format: csv
        ```

        As a sink, one file where `path` has an extension, else a folder of files `part-00000.csv`,
        `part-00001.csv`, …. Everything a run writes appears together, when it commits. A folder
        belongs to its sink: one that holds files of others is refused, because a run replaces it.

        ```yaml
        sinks:
          activity_report:
            from: gold.daily_activity
            files: { path: reports/activity.csv.gz }
            format: csv
          activity_by_depot:
            from: gold.daily_activity
            files: { path: export/activity/, partition_by: [depot] }
            format: { jsonl: { compression: zstd } }
        ```
        """
    let roles: Set<ConnectorRole> = [.source, .sink]
    let needsFormat = true
    let settings =
        [
            SettingSignature(
                "path", .string, required: true,
                """
                As a source a file, or a pattern: `*`, `?`, `[a-z]`, `{a,b}`, `**`. As a sink a file, or a
                folder. Relative to the spec file.
                """)
        ] + FileSettings.sink

    func capabilities(_ settings: Settings) -> ConnectorCapabilities {
        ConnectorCapabilities(
            replayable: true, ordered: true, idempotent: true, transactional: true)
    }

    func embedded(_ settings: Settings) -> EmbeddedBinding? { nil }

    func check(_ settings: Settings, schema: Schema, role: ConnectorRole) -> [Diagnostic] {
        FileSettings.check(settings, schema: schema, role: role)
    }
}

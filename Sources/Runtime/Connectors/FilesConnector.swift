import PipelineDSL
import Planner

/// Files in a folder of this machine.
struct FilesConnector: ConnectorSignature {
    let name = "files"
    let documentation = """
        Files on this machine. As a source, every file that matches `path`, in the order of their
        names; compression follows the name (`.gz`, `.zst`). As a sink, files in the folder `path`,
        which appear together when the run commits.

        ```yaml
        sources:
          telemetry_files:
            files: { path: "data/telemetry/*.csv" }
            format: csv
        ```
        """
    let roles: Set<ConnectorRole> = [.source, .sink]
    let needsFormat = true
    let settings = [
        SettingSignature(
            "path", .string, required: true,
            "A file, or a pattern: `*`, `?`, `[a-z]`, `{a,b}`, `**`. Relative to the spec file.")
    ]

    func capabilities(_ settings: Settings) -> ConnectorCapabilities {
        ConnectorCapabilities(replayable: true, ordered: true, idempotent: true, transactional: true)
    }

    func embedded(_ settings: Settings) -> EmbeddedBinding? { nil }
}

import PipelineDSL
import Planner

/// Objects of an S3 bucket; embedded: a folder.
struct S3Connector: ConnectorSignature {
    let name = "s3"
    let documentation = """
        Objects in Amazon S3, or what speaks its protocol. Without an account the bucket is the folder
        `.pipec/s3/<bucket>` of the project; `pipec feed` puts files there.

        ```yaml
        sources:
          telemetry_files:
            s3: { bucket: fleet-landing, path: "telemetry/*.csv" }
            format: csv
        ```

        As a sink it writes one object where `path` has an extension, else a folder of them, as
        `files` does.

        ```yaml
        sinks:
          activity_export:
            from: gold.daily_activity
            s3: { bucket: fleet-exports, path: activity/, partition_by: [day] }
            format: parquet
        ```
        """
    let roles: Set<ConnectorRole> = [.source, .sink]
    let needsFormat = true
    let settings =
        [
            SettingSignature("bucket", .string, required: true, "The bucket's name."),
            SettingSignature(
                "path", .string, required: true,
                "As a source the key of an object, or a pattern over keys; as a sink a key or a folder."
            ),
            SettingSignature(
                "versions", .boolean, default: "false",
                """
                Whether the bucket keeps what an object was before it was written again: `pipec peek NODE
                --versions`.
                """),
        ] + FileSettings.sink

    func capabilities(_ settings: Settings) -> ConnectorCapabilities {
        ConnectorCapabilities(
            replayable: true, ordered: true, idempotent: true, transactional: true)
    }

    func embedded(_ settings: Settings) -> EmbeddedBinding? {
        EmbeddedBinding(
            summary: "folder \(EmbeddedPaths.bucket(settings.string("bucket") ?? ""))")
    }

    func check(_ settings: Settings, schema: Schema, role: ConnectorRole) -> [Diagnostic] {
        var found = FileSettings.check(settings, schema: schema, role: role)
        found += ResourceName.check("bucket", settings, extra: ".-_", limit: 63)
        if let key = settings.string("path"), let fault = EmbeddedPaths.keyFault(key),
            !key.contains("${")
        {
            found.append(
                Diagnostic(
                    .unsafeName, "the key \(fault)", at: settings["path"]?.span,
                    notes: ["a key is `folder/name`, below its bucket"]))
        }
        return found
    }
}

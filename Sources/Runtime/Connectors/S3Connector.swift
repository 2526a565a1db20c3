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
        """
    let roles: Set<ConnectorRole> = [.source, .sink]
    let needsFormat = true
    let settings = [
        SettingSignature("bucket", .string, required: true, "The bucket's name."),
        SettingSignature(
            "path", .string, required: true,
            "The key of an object, or a pattern over keys, as for `files`."),
    ]

    func capabilities(_ settings: Settings) -> ConnectorCapabilities {
        ConnectorCapabilities(replayable: true, ordered: true, idempotent: true, transactional: true)
    }

    func embedded(_ settings: Settings) -> EmbeddedBinding? {
        EmbeddedBinding(
            summary: "folder \(EmbeddedPaths.folder(for: "s3://\(settings.string("bucket") ?? "")"))")
    }
}

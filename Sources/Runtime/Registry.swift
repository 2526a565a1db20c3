import Planner

/// Everything this build can name in a spec: one line each.
package enum Registry {
    package static let connectors: [any ConnectorSignature] = [
        DynamoDBConnector(),
        FilesConnector(),
        GenerateConnector(),
        HTTPConnector(),
        KinesisConnector(),
        PagerDutyConnector(),
        RedisConnector(),
        RedshiftConnector(),
        S3Connector(),
        SlackConnector(),
        SNSConnector(),
        SQSConnector(),
        WebhookConnector(),
    ]

    package static let formats: [any FormatSignature] = [
        CSVFormat(),
        JSONFormat(),
        JSONLinesFormat(),
        ParquetFormat(),
    ]

    package static func catalogue() -> Catalogue {
        Catalogue(connectors: connectors, formats: formats)
    }
}

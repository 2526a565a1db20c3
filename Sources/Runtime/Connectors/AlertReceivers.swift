import PipelineDSL
import Planner

/// A message in a Slack channel; embedded: a file.
struct SlackConnector: ConnectorSignature {
    let name = "slack"
    let documentation = """
        Says in a Slack channel that an alert fires, and that it is over, through an incoming webhook.
        Without an account it is written to `.pipec/notifications/`; `pipec peek <alert>` shows it.
        """
    let roles: Set<ConnectorRole> = [.receiver]
    let needsFormat = false
    let settings = [
        SettingSignature(
            "webhook", .string, required: true,
            "The incoming webhook's URL, which is a secret: `\"${secret:SLACK_WEBHOOK}\"`."),
        SettingSignature("channel", .string, "For people: the webhook decides."),
    ]

    func capabilities(_ settings: Settings) -> ConnectorCapabilities { ConnectorCapabilities() }
    func embedded(_ settings: Settings) -> EmbeddedBinding? {
        EmbeddedBinding(summary: "embedded notifications")
    }
}

/// An incident in PagerDuty; embedded: a file.
struct PagerDutyConnector: ConnectorSignature {
    let name = "pagerduty"
    let documentation = """
        Triggers an incident in PagerDuty (Events API v2) when an alert fires, and resolves it when it is
        over. Without an account it is written to `.pipec/notifications/`; `pipec peek <alert>` shows it.
        """
    let roles: Set<ConnectorRole> = [.receiver]
    let needsFormat = false
    let settings = [
        SettingSignature(
            "routing_key", .string, required: true,
            "The service's integration key: `\"${secret:PD_KEY}\"`.")
    ]

    func capabilities(_ settings: Settings) -> ConnectorCapabilities { ConnectorCapabilities() }
    func embedded(_ settings: Settings) -> EmbeddedBinding? {
        EmbeddedBinding(summary: "embedded notifications")
    }
}

/// A message to an SNS topic; embedded: a file.
struct SNSConnector: ConnectorSignature {
    let name = "sns"
    let documentation = """
        Tells the subscribers of an Amazon SNS topic that an alert fires, and that it is over. Without an
        account it is written to `.pipec/notifications/`; `pipec peek <alert>` shows it.
        """
    let roles: Set<ConnectorRole> = [.receiver]
    let needsFormat = false
    let settings = [SettingSignature("topic", .string, required: true, "The topic's name.")]

    func capabilities(_ settings: Settings) -> ConnectorCapabilities { ConnectorCapabilities() }
    func embedded(_ settings: Settings) -> EmbeddedBinding? {
        EmbeddedBinding(summary: "embedded topic \(settings.string("topic") ?? "")")
    }
}

import PipelineDSL
import Planner

/// Fills in the secrets of settings, where they are needed and no earlier. `${secret:NAME}` is the
/// environment variable `NAME`.
package struct SecretValues: Sendable {
    private let environment: @Sendable (String) -> String?

    package init(_ environment: @escaping @Sendable (String) -> String?) {
        self.environment = environment
    }

    /// The text of a setting.
    ///
    /// - Parameter span: of the setting, for messages.
    /// - Throws: ``RunError`` where a secret is not set.
    package func text(_ value: PlanValue, at span: SourceSpan?) throws -> String? {
        switch value {
        case .string(let text): return text
        case .secret(let name): return try secret(name, span)
        case .template(let parts):
            return try parts.compactMap { try text($0, at: span) }.joined()
        default: return nil
        }
    }

    private func secret(_ name: String, _ span: SourceSpan?) throws -> String {
        if let value = environment(name), !value.isEmpty { return value }
        throw RunError(
            .secretMissing, "the secret `\(name)` is not set", at: span,
            notes: ["set the environment variable \(name)"])
    }
}

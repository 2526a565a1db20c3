/// Cron expressions as a spec has them.
enum CronText {
    /// What is wrong with it; `nil` if nothing.
    static func problem(_ text: String) -> String? {
        do {
            _ = try CronExpression(text)
            return nil
        } catch { return error.reason }
    }
}

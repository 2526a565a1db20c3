import PipelineDSL

extension TimestampFormat {
    /// A setting that holds a format; `nil`, with a diagnostic, where it is none.
    static func read(
        _ name: String, _ settings: Settings, _ bag: inout DiagnosticBag
    ) -> TimestampFormat? {
        guard let text = settings.string(name), let span = settings[name]?.span else { return nil }
        do throws(TimestampFormat.Invalid) {
            return try TimestampFormat(text)
        } catch {
            bag.add(
                Diagnostic(
                    .badFormatSetting, "`\(name)` is not a format", at: span, label: error.reason,
                    notes: [
                        "read are %Y %y %m %b %B %d %e %j %H %I %p %M %S %f %z %Z %a %A %s %Q %F %T %D %R %%"
                    ]))
            return nil
        }
    }
}

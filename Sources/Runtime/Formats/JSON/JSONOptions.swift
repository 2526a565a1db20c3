import PipelineDSL

/// How JSON rows are written: `format: { jsonl: { … } }` and `format: { json: { … } }`.
///
/// | column | JSON that is read |
/// |---|---|
/// | boolean | `true`, `false` |
/// | integer, bigint | a number without fraction; `1.0` and `1e3` count as such |
/// | real, double | a number |
/// | decimal | a number or text, exactly: `12.5`, `"12.50"` |
/// | string | text |
/// | date, time, timestamp, uuid, bytes | text, spelled as in CSV; with a format of `%s` or `%Q` also a number |
/// | json | anything, kept as it is written |
/// | array, struct, map | an array; an object; an object whose keys are the map's |
///
/// `null` and an absent key are null; where a key is repeated, the last one counts; keys that are
/// not declared are passed over. Names are compared exactly, after `rename`.
package struct JSONOptions: Sendable, Hashable {
    package var timestampFormat: TimestampFormat?
    package var dateFormat: TimestampFormat?
    /// A row may have this many bytes.
    package var maxRecordBytes = 16 << 20
    /// Bytes read at a time: the unit of parallel decoding. Not a setting of the language.
    package var blockBytes = 1 << 20

    package init() {}

    /// The settings of `format: jsonl` and `format: json`.
    package static let signatures: [SettingSignature] = [
        SettingSignature(
            "timestamp_format", .string,
            """
            How timestamps are written, with strptime directives; `%s` and `%Q` also read numbers of
            seconds and milliseconds since 1970. Without it ISO 8601 text is read.
            """),
        SettingSignature(
            "date_format", .string, "How dates are written. Without it `2026-01-31`."),
        SettingSignature(
            "max_record_size", .size, default: "16 MiB",
            "A longer row is rejected instead of held in memory. Up to 256 MiB."),
    ]

    /// Reads settings that already fit ``signatures``; what they say wrongly goes to `bag`.
    package init(_ settings: Settings, _ bag: inout DiagnosticBag) {
        timestampFormat = TimestampFormat.read("timestamp_format", settings, &bag)
        dateFormat = TimestampFormat.read("date_format", settings, &bag)
        if let size = settings.size("max_record_size") {
            maxRecordBytes = Int(clamping: min(max(size, 1024), 256 << 20))
        }
    }
}

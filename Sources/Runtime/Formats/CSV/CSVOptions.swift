import PipelineDSL

/// How a CSV file is written: `format: { csv: { … } }`.
package struct CSVOptions: Sendable, Hashable {
    package var syntax = CSVSyntax()
    /// Whether the first record names the columns.
    package var hasHeader = true
    /// Physical lines before the header that are no CSV.
    package var skipLines = 0
    package var decimal: UInt8 = UInt8(ascii: ".")
    /// Spellings of null, compared with the whole field.
    package var nulls: [[UInt8]] = [[]]
    /// Whether a quoted field may be null too.
    package var quotedNulls = false
    package var timestampFormat: TimestampFormat?
    package var dateFormat: TimestampFormat?
    /// Whether a nullable column that the header lacks is null in every row, instead of an error.
    package var missingColumnsAreNull = false
    /// Bytes read at a time: the unit of parallel decoding. Not a setting of the language.
    package var blockBytes = 1 << 20

    package init() {}

    /// The settings of `format: csv`, for the reader of specs, the reference and the JSON Schema.
    package static let signatures: [SettingSignature] = [
        SettingSignature(
            "delimiter", .string, default: ",",
            "What separates fields: one ASCII character, `\\t` or `tab` for a tab."),
        SettingSignature(
            "quote", .string, default: "\"",
            """
            What encloses a field that holds a delimiter, a line end or a quote (written twice).
            One ASCII character, or `none` where quotes are ordinary text, as in many TSV files.
            """),
        SettingSignature(
            "header", .boolean, default: "true",
            """
            Whether the first record names the columns. They are matched with the declared ones by
            name, after `rename`, first exactly, then without regard to case and blanks; other columns
            are left out. With `false` the declared columns are those of the file, in their order.
            """),
        SettingSignature(
            "nulls", .list(.string), default: "[\"\"]",
            "Unquoted fields that mean null. A quoted empty field is an empty string."),
        SettingSignature(
            "quoted_nulls", .boolean, default: "false",
            "Whether `nulls` also counts for quoted fields, for files that quote everything."),
        SettingSignature(
            "decimal", .string, default: ".",
            "The decimal separator of numbers: `.` or `,`."),
        SettingSignature(
            "timestamp_format", .string,
            """
            How timestamps are written, with strptime directives (`%d/%m/%Y %H:%M`, `%s` for seconds
            since 1970). Without it ISO 8601 is read: `2026-01-31T08:15:00.123Z`, with `T` or a blank,
            with or without an offset. What has no offset is UTC.
            """),
        SettingSignature(
            "date_format", .string, "How dates are written. Without it `2026-01-31`."),
        SettingSignature(
            "comment", .string, "Lines that start with this are no records, such as `#`."),
        SettingSignature(
            "skip_lines", .integer(0...1_000_000), default: "0",
            "Lines to leave out at the start of a file, before the header."),
        SettingSignature(
            "trim", .boolean, default: "false",
            """
            Whether blanks and tabs around a field are left out. Around numbers, dates and the like
            they always are.
            """),
        SettingSignature(
            "missing_columns", .choice(["fail", "null"]), default: "fail",
            """
            What a declared, nullable column that the header lacks means: the wrong file, or null in
            every row.
            """),
        SettingSignature(
            "max_record_size", .size, default: "16 MiB",
            "A longer record is rejected instead of held in memory. Up to 256 MiB."),
    ]
}

extension CSVOptions {
    /// Reads settings that already fit ``signatures``; what they say wrongly goes to `bag`.
    package init(_ settings: Settings, _ bag: inout DiagnosticBag) {
        var reader = CSVSettingsReader(settings: settings)
        if let byte = reader.character("delimiter") { syntax.delimiter = byte }
        if settings.string("quote") == "none" || settings.string("quote") == "" {
            syntax.quote = nil
        } else if let byte = reader.character("quote") {
            syntax.quote = byte
        }
        if let byte = reader.character("decimal") { decimal = byte }
        hasHeader = settings.boolean("header") ?? hasHeader
        quotedNulls = settings.boolean("quoted_nulls") ?? quotedNulls
        syntax.trims = settings.boolean("trim") ?? syntax.trims
        skipLines = settings.integer("skip_lines").map { Int(clamping: $0) } ?? skipLines
        missingColumnsAreNull = settings.string("missing_columns") == "null"
        nulls = settings.strings("nulls")?.map { Array($0.utf8) } ?? nulls
        syntax.comment = settings.string("comment").map { Array($0.utf8) } ?? []
        timestampFormat = TimestampFormat.read("timestamp_format", settings, &bag)
        dateFormat = TimestampFormat.read("date_format", settings, &bag)
        if let size = settings.size("max_record_size") {
            syntax.maxRecordBytes = Int(clamping: min(max(size, 1024), 256 << 20))
        }
        reader.checkDistinct(self)
        bag.add(contentsOf: reader.diagnostics)
    }
}

extension Settings {
    /// A list of strings.
    func strings(_ name: String) -> [String]? {
        guard case .list(let values) = self[name]?.kind else { return nil }
        return values.compactMap { value in
            switch value.kind {
            case .string(let source): source.text
            case .symbol(let text): text
            default: nil
            }
        }
    }
}

private struct CSVSettingsReader {
    let settings: Settings
    var diagnostics: [Diagnostic] = []

    mutating func character(_ name: String) -> UInt8? {
        guard let text = settings.string(name), let span = settings[name]?.span else { return nil }
        switch text {
        case "\\t", "tab": return UInt8(ascii: "\t")
        default: break
        }
        if text.utf8.count == 1, let byte = text.utf8.first, byte != 0, byte != UInt8(ascii: "\n"),
            byte != UInt8(ascii: "\r")
        {
            return byte
        }
        diagnostics.append(
            Diagnostic(
                .badFormatSetting, "`\(name)` must be one ASCII character", at: span,
                label: "this has \(text.count)",
                notes: ["a tab is written `\\t` or `tab`"]))
        return nil
    }

    /// The marks must be told apart.
    mutating func checkDistinct(_ options: CSVOptions) {
        func clash(_ name: String, _ message: String) {
            guard let span = (settings[name] ?? settings["delimiter"])?.span else { return }
            diagnostics.append(Diagnostic(.badFormatSetting, message, at: span))
        }
        let syntax = options.syntax
        if syntax.quote == syntax.delimiter {
            clash("quote", "`quote` and `delimiter` are the same character")
        }
        if options.decimal == syntax.delimiter, syntax.quote == nil {
            clash(
                "decimal", "`decimal` and `delimiter` are the same character, and nothing is quoted"
            )
        }
        if ![UInt8(ascii: "."), UInt8(ascii: ",")].contains(options.decimal) {
            clash("decimal", "`decimal` is `.` or `,`")
        }
        if let first = syntax.comment.first, first == syntax.delimiter || first == syntax.quote {
            clash("comment", "`comment` starts with the delimiter or the quote")
        }
    }
}

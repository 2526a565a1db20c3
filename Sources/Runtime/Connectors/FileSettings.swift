import PipelineDSL
import Planner

/// What `files` and `s3` have in common: the settings of a sink that writes files, and their check.
enum FileSettings {
    static let sink = [
        SettingSignature(
            "partition_by", .names,
            """
            As a sink: columns that split the rows into folders, `<column>=<value>/…`. They stay in
            the files, too. `select` of the sink makes columns to split by.
            """),
        SettingSignature(
            "mode", .choice(["overwrite", "append"]),
            """
            As a sink: whether a run replaces the files of earlier ones (`overwrite`, what a batch
            does without it) or adds its own (`append`).
            """),
    ]

    static func check(_ settings: Settings, schema: Schema, role: ConnectorRole) -> [Diagnostic] {
        var found = pathCheck(settings, role)
        guard role == .sink else {
            return found
                + sink.compactMap { signature in
                    settings[signature.name].map { setting in
                        Diagnostic(
                            .settingOfSinks, "`\(signature.name)` is for sinks", at: setting.span,
                            label: "a \(role.rawValue) has no use for it", notes: ["remove it"])
                    }
                }
        }
        for column in settings.names("partition_by") ?? [] {
            found += columnCheck(column, schema)
        }
        return found + singleFileCheck(settings)
    }

    private static func pathCheck(_ settings: Settings, _ role: ConnectorRole) -> [Diagnostic] {
        guard let path = settings.string("path"), let span = settings["path"]?.span,
            !path.contains("${")
        else { return [] }
        if path.utf8.contains(0) {
            return [Diagnostic(.unsafeName, "the path holds a NUL character", at: span)]
        }
        guard role == .sink, Glob.isPattern(path) else { return [] }
        return [
            Diagnostic(
                .sinkPath, "a sink cannot write to a pattern", at: span,
                notes: ["write a folder, `out/`, or a file, `out/report.csv`"])
        ]
    }

    private static func columnCheck(_ name: Spanned<String>, _ schema: Schema) -> [Diagnostic] {
        guard let field = schema[name.value] else {
            let near = nearName(name.value, among: schema.names)
            return [
                Diagnostic(
                    .connectorKeyColumn,
                    "`partition_by` names `\(name.value)`, which is no column here", at: name.span,
                    label: near.map { "did you mean `\($0)`?" } ?? "",
                    notes: ["columns here: \(schema.names.joined(separator: ", "))"],
                    fix: near.map { .init("use `\($0)`", span: name.span, replacement: $0) })
            ]
        }
        guard field.type.isNested || field.type.isFloating else { return [] }
        return [
            Diagnostic(
                .connectorKeyColumn,
                "`partition_by` names `\(name.value)`, whose type \(field.type) makes no folders",
                at: name.span, notes: ["split by text, a whole number, a boolean or a date"])
        ]
    }

    private static func singleFileCheck(_ settings: Settings) -> [Diagnostic] {
        guard let path = settings.string("path"), FileTarget.isSingleFile(path),
            let span = settings["path"]?.span
        else { return [] }
        var found: [Diagnostic] = []
        for (name, value) in [("partition_by", nil), ("mode", "append")] as [(String, String?)] {
            guard let setting = settings[name], value == nil || settings.string(name) == value
            else { continue }
            found.append(
                Diagnostic(
                    .sinkPath, "`\(name)` needs a folder, not one file", at: setting.span,
                    secondary: [.init(span, "this names a file")],
                    notes: ["end the path in `/`"]))
        }
        return found
    }
}

/// Names that become parts of paths, in the cloud and here.
enum ResourceName {
    /// - Parameters:
    ///   - extra: characters beside letters and digits.
    ///   - limit: characters at most.
    static func check(
        _ setting: String, _ settings: Settings, extra: String, limit: Int
    ) -> [Diagnostic] {
        guard let name = settings.string(setting), let span = settings[setting]?.span,
            !name.contains("${")
        else { return [] }
        let isPlain = name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte) || extra.utf8.contains(byte)
        }
        if isPlain, !name.isEmpty, name.utf8.count <= limit, name.utf8.first != 0x2E { return [] }
        let characters = extra.map { "`\($0)`" }.joined(separator: ", ")
        return [
            Diagnostic(
                .unsafeName, "`\(setting)` cannot be called so", at: span,
                notes: ["a name is 1 to \(limit) letters, digits, \(characters)"])
        ]
    }
}

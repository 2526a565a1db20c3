enum ZoneGrammar {
    static let signatures = [
        SettingSignature(
            "path", .string, required: true,
            "Where its tables lie, each at `<path>/<table>`: a folder, or `s3://…`, which a profile "
                + "binds."),
        SpecBuilder.formatSignature,
        SettingSignature(
            "partition_by", .oneOrMany(.expression),
            "Columns or expressions that split tables into folders."),
        SettingSignature("retain", .object(retain), "How long data is kept."),
        SettingSignature(
            "encryption", .object(encryption),
            "Encryption at rest, where it is deployed; files of this machine are as its disk is."),
        SettingSignature("compact", .object(compact), "Joining small files."),
        SpecGrammar.description,
    ]

    static let retain = [
        SettingSignature("archive_after", .duration, "When data moves to archive storage."),
        SettingSignature("expire_after", .duration, "When data is deleted."),
    ]

    static let encryption = [
        SettingSignature("mode", .choice(["aes256", "kms"]), required: true, "The kind of key."),
        SettingSignature("key", .string, "The key's name or ARN, for `kms`."),
    ]

    static let compact = [
        SettingSignature("every", .duration, "How often."),
        SettingSignature("target_size", .size, "Size of the files it makes."),
    ]
}

extension SpecBuilder {
    mutating func readZones(_ section: YAMLNode.Entry) {
        for entry in declarations(
            section, example: "silver: { path: data/silver, format: parquet }")
        {
            guard declare(entry.name, "zone", in: "node") else { continue }
            zone(entry)
        }
    }

    private mutating func zone(_ entry: YAMLNode.Entry) {
        let name = entry.name
        let settings = reader.settings(
            entry.value, ZoneGrammar.signatures, subject: "zone `\(name.value)`", place: name.span)
        let absent = SourceText(text: "", file: name.span.file, segments: [], span: name.span)
        spec.zones.append(
            ZoneDeclaration(
                name: name, path: settings.expression("path") ?? absent,
                format: format(settings.node("format")),
                partitionBy: settings.expressions("partition_by") ?? [],
                retain: settings.object("retain"), encryption: settings.object("encryption"),
                compact: settings.object("compact"), description: settings.text("description"),
                span: name.span.through(entry.value.span)))
    }
}

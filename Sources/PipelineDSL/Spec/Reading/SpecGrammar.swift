/// The grammar of a spec: every key with its kind and its documentation.
///
/// The reader checks against these values and `pipec schema` writes them as JSON Schema.
public enum SpecGrammar {
    public static let root: [SettingSignature] =
        header + [
            SettingSignature(
                "include", .oneOrMany(.string),
                "Other files to merge in, as globs relative to this file: `contracts/*.yaml`."),
            SettingSignature(
                "parameters", .mapping(ParameterGrammar.declaration),
                "Values that `${name}` is filled with; `--param name=value` overrides a default."),
            SettingSignature(
                "contracts", .mapping(.object(ContractGrammar.signatures)),
                "Promises about rows: columns, a key, rules, freshness."),
            SettingSignature(
                "sources", .mapping(.object(SourceGrammar.signatures)),
                "Where rows come from; each has exactly one connector key."),
            SettingSignature(
                "zones", .mapping(.object(ZoneGrammar.signatures)),
                "Layers of storage that hold tables."),
            SettingSignature(
                "transforms", .mapping(.object(TransformGrammar.signatures)),
                "Tables (`zone.table`) and intermediate relations, with what makes them."),
            SettingSignature(
                "sinks", .mapping(.object(SinkGrammar.signatures)),
                "Where rows go; each has exactly one connector key."),
            SettingSignature(
                "stages", .mapping(.variant(StageGrammar.platforms)),
                "Where and how transforms execute when deployed."),
            SettingSignature(
                "alerts", .mapping(.object(AlertGrammar.signatures)),
                "Conditions over the run's own metrics, and whom to tell."),
            SettingSignature(
                "tests", .mapping(.object(TestGrammar.signatures)),
                "Given rows, expected rows; `pipec test` runs them."),
            SettingSignature(
                "profiles", .mapping(.mapping(.node)),
                "What nodes are bound to, here and now. `local` is the default."),
            SettingSignature(
                "dead_letters", .object(DeadLetterGrammar.signatures),
                "Where rejected rows are kept."),
            SettingSignature(
                "moved", .mapping(.name),
                "Old names of nodes to new ones, so that a plan shows a rename and not a loss."),
        ]

    static let header = [
        SettingSignature(
            "version", .integer(1...Int64.max), required: true,
            "The version of the spec language, `1`."),
        SettingSignature("pipeline", .name, required: true, "The pipeline's name, in kebab-case."),
        SettingSignature("description", .string, "What the pipeline is for."),
        SettingSignature("owner", .string, "The team or person to ask."),
    ]

    /// Keys that only the main file may have.
    static let mainOnly: Set<String> = ["pipeline", "description", "owner"]

    /// Keys that are reserved.
    public static let later = ["access", "metrics", "exposures", "dashboards"]

    static let description = SettingSignature("description", .string, "For readers and the docs.")
}

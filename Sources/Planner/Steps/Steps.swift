/// Every step of `steps:`, in the order of the reference.
public enum Steps {
    public static let all: [any StepSignature] = [
        WhereStep(),
        DeriveStep(),
        SelectStep(),
        DropStep(),
        RenameStep(),
        CastStep(),
        ValidateStep(),
        DedupeStep(),
        LookupStep(),
        JoinStep(),
        AggregateStep(),
        UnnestStep(),
        FlattenStep(),
        LatestStep(),
        MaskStep(),
        SQLStep(),
    ]

    /// What other tools call a step.
    static let synonyms = [
        "filter": "where", "distinct": "dedupe", "deduplicate": "dedupe", "unique": "dedupe",
        "compute": "derive", "with_columns": "derive", "map": "derive", "mapping": "derive",
        "project": "select", "columns": "select", "group_by": "aggregate", "explode": "unnest",
        "enrich": "lookup", "remove": "drop", "expect": "validate", "redact": "mask",
    ]
}

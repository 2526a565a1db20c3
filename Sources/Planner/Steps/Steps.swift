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
}

/// The rewrites, in the order in which they are tried.
public enum Rules {
    public static let all: [any Rule] = [
        FoldConstants(),
        SimplifyBooleans(),
        MergeFilters(),
        PushFilters(),
        MergeProjections(),
        RemoveIdentityProjections(),
        PushLimits(),
        TopN(),
        PruneColumns(),
        ChooseBuildSide(),
    ]
}

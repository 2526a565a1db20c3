import PipelineDSL

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Tells a disk without room from other failures: it is the one that people can mend at once.
enum DiskFull {
    /// - Parameters:
    ///   - what: was tried, with the path.
    ///   - number: the `errno` it failed with.
    /// - Returns: `nil` where room is not the matter.
    static func error(_ what: String, _ number: Int32) -> RunError? {
        switch number {
        case ENOSPC: return error(what, because: "the file system is full")
        case EDQUOT: return error(what, because: "the user's quota is used up")
        case EFBIG:
            return error(what, because: "the file would be larger than the process may write")
        default: return nil
        }
    }

    static func error(_ what: String, because reason: String) -> RunError {
        RunError(
            .diskFull, "\(what): \(reason)",
            notes: [
                "nothing is half done: make room, and start the same command again",
                "it goes on from its last commit; `df` shows what is full",
            ])
    }

    /// Whether a store that failed to write may have failed for lack of room, where it does not say.
    static func isLikely(at path: String) -> Bool {
        var limit = rlimit()
        #if canImport(Glibc)
            let known = getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0
        #else
            let known = getrlimit(RLIMIT_FSIZE, &limit) == 0
        #endif
        if known, limit.rlim_cur < rlim_t(1) << 40 { return true }
        var info = statvfs()
        guard statvfs(path, &info) == 0 else { return false }
        let block = UInt64(max(1, info.f_frsize))
        return UInt64(info.f_bavail) < (64 << 10) / block + 1
    }
}

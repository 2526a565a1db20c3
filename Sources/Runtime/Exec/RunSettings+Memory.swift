#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension RunSettings {
    /// What a process holds beside the state of operators, in bytes: itself, and for each worker the
    /// batches it has in hand, with the blocks they were read from and the pages they become.
    /// Measured, and rounded up: a run whose state is next to nothing peaks at about 75 MiB with two
    /// workers.
    package static func overhead(workers: Int) -> Int { (32 + 24 * workers) << 20 }

    /// With less state than this nothing useful can be kept before it spills.
    private static let leastState = 8 << 20

    package var workerCount: Int {
        workers > 0 ? workers : max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    }

    /// The least that a whole process can be limited to, in bytes.
    package var leastProcessMemory: Int {
        RunSettings.overhead(workers: workerCount) + RunSettings.leastState
    }

    /// Limits the whole process to about `bytes`: operators get what is left for their state.
    ///
    /// - Returns: `false`, and changes nothing, where that is less than ``leastProcessMemory``.
    package mutating func limitProcess(to bytes: Int) -> Bool {
        guard bytes >= leastProcessMemory else { return false }
        processLimit = bytes
        memoryLimit = bytes - RunSettings.overhead(workers: workerCount)
        return true
    }
}

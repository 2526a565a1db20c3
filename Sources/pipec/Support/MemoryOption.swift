import ArgumentParser
import PipelineDSL
import Runtime

/// `--memory`: what the whole process may hold.
struct MemoryOption: ParsableArguments {
    @Option(
        help: ArgumentHelp("How much memory it may hold: it spills past that.", valueName: "size"))
    var memory = "1 GiB"

    /// Limits a run.
    ///
    /// - Throws: wrong usage, for what is no size or too small.
    func limit(_ settings: inout RunSettings) throws {
        guard case .success(let bytes) = Quantity.size(memory) else {
            throw ValidationError("--memory takes a size such as `512 MB`, not `\(memory)`")
        }
        guard settings.limitProcess(to: Int(clamping: bytes)) else {
            let least = settings.leastProcessMemory >> 20
            throw ValidationError(
                "--memory must be at least \(least) MiB with \(settings.workerCount) workers")
        }
    }
}

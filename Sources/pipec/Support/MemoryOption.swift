import ArgumentParser
import PipelineDSL
import Runtime

/// `--memory`: for the whole process, so at least what the batches in hand need.
struct MemoryOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How much memory the process may take: operators spill past that.", valueName: "size"))
    var memory = "1 GiB"

    func validate() throws {
        guard case .failure = Quantity.size(memory) else { return }
        throw ValidationError("--memory takes a size such as `512 MB`, not `\(memory)`")
    }

    /// - Throws: a usage error where it is too little for that many workers.
    func apply(to settings: inout RunSettings) throws {
        guard case .success(let bytes) = Quantity.size(memory) else { return }
        guard !settings.limitProcess(to: Int(clamping: bytes)) else { return }
        let least = settings.leastProcessMemory.readableBytes
        throw ValidationError(
            "--memory must be at least \(least) with \(settings.workerCount) workers"
                + (settings.workerCount > 1 ? "; with `--workers 1` less will do" : ""))
    }
}

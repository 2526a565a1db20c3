import ArgumentParser
import PipelineDSL

/// `--memory`: at least what one batch of each operator needs.
struct MemoryOption: ParsableArguments {
    @Option(help: ArgumentHelp("How much memory it may hold: it spills past that.", valueName: "size"))
    var memory = "1 GiB"

    private static let smallest: Int64 = 16 << 20

    func validate() throws {
        switch Quantity.size(memory) {
        case .success(let bytes) where bytes >= Self.smallest: return
        case .success: throw ValidationError("--memory must be at least 16 MiB")
        case .failure:
            throw ValidationError("--memory takes a size such as `512 MB`, not `\(memory)`")
        }
    }

    var bytes: Int {
        guard case .success(let bytes) = Quantity.size(memory) else { return 1 << 30 }
        return Int(clamping: bytes)
    }
}

import Foundation

/// What the environment asks of a test run.
public enum TestRun {
    /// `make golden`: write what is said now instead of comparing.
    public static var isUpdatingGoldens: Bool {
        ProcessInfo.processInfo.environment["PIPEC_UPDATE_GOLDEN"] == "1"
    }

    /// `make fuzz`: how long each fuzz test goes on; `nil` for the few rounds of every test run.
    public static let fuzzSeconds =
        ProcessInfo.processInfo.environment["PIPEC_FUZZ_SECONDS"].flatMap(Double.init)

    /// `rounds` calls, and more while the time of ``fuzzSeconds`` lasts.
    public static func fuzz(rounds: Int, _ body: (Int) throws -> Void) rethrows {
        let end = Date(timeIntervalSinceNow: fuzzSeconds ?? 0)
        var round = 0
        while round < rounds || (fuzzSeconds != nil && Date() < end) {
            try body(round)
            round += 1
        }
    }

    /// The repository.
    public static var root: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
    }
}

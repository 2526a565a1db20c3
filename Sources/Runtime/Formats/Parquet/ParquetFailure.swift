import PipelineDSL

/// Why a file, a column or a page cannot be read, before anyone knows which file it is in.
///
/// Leaf code throws these; the edge that knows the object's name turns them into a ``RunError``.
enum ParquetFailure: Error {
    /// The bytes contradict the format or themselves.
    case damaged(String)
    /// The bytes may be right, but this reader does not know how to read them.
    case unsupported(String, notes: [String] = [])
    case codec(ParquetCodec, notes: [String])
    /// The operating system refused.
    case system(String)
    /// Values exceed a bound that keeps memory finite.
    case limit(String)

    func runError(object: String, place: String = "") -> RunError {
        let inPlace = place.isEmpty ? "" : " (\(place))"
        switch self {
        case .damaged(let reason):
            return RunError(
                .parquetDamaged, "`\(object)` is damaged\(inPlace): \(reason)",
                notes: ["copy the file again from where it came from, or write it anew"])
        case .unsupported(let what, let notes):
            return RunError(
                .parquetUnsupported, "`\(object)` cannot be read\(inPlace): \(what)", notes: notes)
        case .codec(let codec, let notes):
            return RunError(
                .parquetCodec, "`\(object)` is compressed with \(codec.name)\(inPlace)",
                notes: notes)
        case .system(let reason):
            return RunError(.unreadableFile, "cannot read `\(object)`: \(reason)")
        case .limit(let reason):
            return RunError(.parquetLimit, "`\(object)` exceeds a limit\(inPlace): \(reason)")
        }
    }
}

/// Runs `body` and gives every failure in it the name of the object and the place.
func reportingFailures<R>(
    _ object: String, _ place: @autoclosure () -> String = "", _ body: () throws -> R
) throws -> R {
    do {
        return try body()
    } catch let failure as ParquetFailure {
        throw failure.runError(object: object, place: place())
    }
}

import Foundation
import PipelineDSL

/// Where the rejected rows of one object stood, and what they looked like.
///
/// A row is the one that was rejected if the object was not written to since, or if its bytes are the
/// same: in a file that was changed another row may stand at the place.
struct RedrivePlaces: Sendable {
    private(set) var offsets: Set<Int64> = []
    /// Bytes that the row must have, as dead letters keep them, where the object is younger than the
    /// letter; `nil` for a letter that kept none.
    private var expected: [Int64: [UInt8]?] = [:]

    mutating func add(_ letter: DeadLetter, _ project: ProjectDirectory) {
        guard let offset = letter.offset else { return }
        offsets.insert(offset)
        if let written = Files.modificationTime(project.resolve(letter.object)),
            let rejected = RunClock.microseconds(letter.time), written < rejected
        {
            return
        }
        expected.updateValue(letter.bytes, forKey: offset)
    }

    func contains(_ offset: Int64, _ raw: [UInt8]?) -> Bool {
        guard offsets.contains(offset) else { return false }
        guard let wanted = expected[offset] else { return true }
        guard let wanted, let raw else { return false }
        return wanted == raw
    }
}

extension DeadLetter {
    fileprivate var bytes: [UInt8]? {
        if let raw { return Array(raw.utf8) }
        return rawBase64.flatMap { Data(base64Encoded: $0) }.map { [UInt8]($0) }
    }
}

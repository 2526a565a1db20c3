import PipelineDSL
import Planner

/// Dead letters on their way back through the pipeline, after what rejected them was mended.
///
/// A letter of a source is read again from its object, at its place, and goes through the rules as
/// they are now. A letter of any other node goes back by computing that node again from what it
/// reads. Either way all that depends on it is brought up to date, in one run: tables, sinks, and the
/// letters themselves, which are marked and no longer pending.
package struct Redrive: Sendable {
    /// The letters, all pending.
    package let letters: [DeadLetter]
    /// Of the run that redrives: `<run of the letters>-r4f3a09`.
    package let token: String
    /// Where rows of sources stand that are to be read, by source and object.
    let places: [String: [String: Set<Int64>]]
    /// Which of them were there.
    let seen = RedriveProgress()
    private let attempts: [Place: Int]

    private struct Place: Hashable {
        var node: String
        var object: String
        var offset: Int64?
    }

    /// - Parameter letters: pending ones, of at least one.
    package init(_ letters: [DeadLetter], plan: Plan) {
        self.letters = letters
        let newest = letters.map { Redrive.base($0.run) }.max() ?? ""
        token = newest + "-r" + String(UInt32.random(in: 0x100000...0xFFFFFF), radix: 16)
        var places: [String: [String: Set<Int64>]] = [:]
        for letter in letters where plan[letter.node]?.kind == .source {
            guard let offset = letter.offset else { continue }
            places[letter.node, default: [:]][letter.object, default: []].insert(offset)
        }
        self.places = places
        attempts = Dictionary(
            letters.map {
                (Place(node: $0.node, object: $0.object, offset: $0.offset), $0.attempt)
            },
            uniquingKeysWith: max)
    }

    /// The run that first rejected a row, of the token of that run or of a redrive of it.
    package static func base(_ token: String) -> String {
        let parts = token.split(separator: "-")
        return parts.count > 2 ? parts.prefix(2).joined(separator: "-") : token
    }

    /// The how-manieth time a row is tried.
    func attempt(_ row: RejectedRow, node: String) -> Int {
        let place = Place(node: node, object: row.object, offset: row.offset)
        return (attempts[place] ?? 0) + 1
    }

    /// Throws where rows are no longer at their place: the file was changed since.
    func checkComplete() throws {
        for (source, objects) in places.sorted(by: { $0.key < $1.key }) {
            for (object, offsets) in objects.sorted(by: { $0.key < $1.key }) {
                let missing = offsets.subtracting(seen.offsets(source, object)).count
                guard missing > 0 else { continue }
                throw RunError(
                    .notRedrivable,
                    "\(grouped(missing)) of the rejected rows are no longer at their place in "
                        + object,
                    notes: [
                        "the file was changed since; `pipec run` reads it anew",
                        "nothing was committed",
                    ])
            }
        }
    }
}

/// Rows that a redrive has come across; any worker adds to it.
final class RedriveProgress: Sendable {
    private struct Key: Hashable {
        var source: String
        var object: String
    }

    private let monitor = Monitor()
    private nonisolated(unsafe) var found: [Key: Set<Int64>] = [:]

    func add(_ offsets: [Int64], _ source: String, _ object: String) {
        guard !offsets.isEmpty else { return }
        monitor.locked {
            found[Key(source: source, object: object), default: []].formUnion(offsets)
        }
    }

    func offsets(_ source: String, _ object: String) -> Set<Int64> {
        monitor.locked { found[Key(source: source, object: object)] ?? [] }
    }
}

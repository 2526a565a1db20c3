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
    package private(set) var letters: [DeadLetter]
    /// All that is pending of the same runs.
    let pending: [DeadLetter]
    /// Of the run that redrives: `<run of the letters>-r4f3a09`.
    package let token: String
    /// Where rows of sources stand that are to be read, by source and object.
    let places: [String: [String: RedrivePlaces]]
    /// Which of them were there.
    let seen = RedriveProgress()
    private var attempts: [Place: Int] = [:]
    /// Places of pending letters that stay.
    private var kept: Set<Place> = []

    private struct Place: Hashable {
        var node: String
        var object: String
        var offset: Int64?

        init(node: String, object: String, offset: Int64?) {
            self.node = node
            self.object = object
            self.offset = offset
        }

        init(_ letter: DeadLetter) {
            self.init(node: letter.node, object: letter.object, offset: letter.offset)
        }
    }

    /// - Parameters:
    ///   - letters: at least one.
    ///   - pending: every letter there is that has not gone back, these included.
    package init(
        _ letters: [DeadLetter], pending: [DeadLetter], plan: Plan, project: ProjectDirectory
    ) {
        self.letters = letters
        let runs = Set(letters.map { Redrive.base($0.run) })
        self.pending = pending.filter { runs.contains(Redrive.base($0.run)) }
        let newest = letters.max { $0.time < $1.time }.map { Redrive.base($0.run) } ?? ""
        token = newest + "-r" + String(UInt32.random(in: 0x100000...0xFFFFFF), radix: 16)
        var places: [String: [String: RedrivePlaces]] = [:]
        for letter in letters where plan[letter.node]?.kind == .source {
            places[letter.node, default: [:]][letter.object, default: RedrivePlaces()]
                .add(letter, project)
        }
        self.places = places
        remember()
    }

    private mutating func remember() {
        attempts = Dictionary(letters.map { (Place($0), $0.attempt) }, uniquingKeysWith: max)
        let taken = Set(letters.map(\.identity))
        kept = Set(pending.filter { !taken.contains($0.identity) }.map { Place($0) })
    }

    /// Takes with it what is pending of nodes that are computed again: they reject it anew.
    mutating func take(lettersOf nodes: Set<String>) {
        let taken = Set(letters.map(\.identity))
        letters += pending.filter { nodes.contains($0.node) && !taken.contains($0.identity) }
        remember()
    }

    /// Whether a letter of the row is there and stays: that of a table that is looked up in, say.
    func keeps(_ row: RejectedRow, node: String) -> Bool {
        row.offset != nil
            && kept.contains(Place(node: node, object: row.object, offset: row.offset))
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
            for (object, expected) in objects.sorted(by: { $0.key < $1.key }) {
                let missing = expected.offsets.subtracting(seen.offsets(source, object)).count
                guard missing > 0 else { continue }
                throw RunError(
                    .notRedrivable,
                    missing == 1
                        ? "a rejected row is no longer as it was, where it was in \(object)"
                        : "\(grouped(missing)) rejected rows are no longer as they were, where they "
                            + "were in \(object)",
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

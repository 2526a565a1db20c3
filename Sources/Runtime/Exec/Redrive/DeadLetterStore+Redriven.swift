import Foundation
import PipelineDSL

extension DeadLetterStore {
    /// Stages the files of letters that went back, marked as such, and adds to `commit` what puts
    /// them in place: the letters stay, to be looked up.
    ///
    /// - Parameter staging: the folder of the run's dead letters that nobody reads.
    /// - Throws: where another redrive has taken some of them in the meantime.
    func mark(_ letters: [DeadLetter], by token: String, staging: String, _ commit: Commit) throws {
        let wanted = Dictionary(grouping: letters, by: \.run).mapValues { Set($0.map(\.identity)) }
        var left = wanted
        for (index, file) in files().enumerated() {
            guard let marked = wanted[file.run] else { continue }
            var found: Set<DeadLetter.Identity> = []
            let bytes = try marking(file.path, marked, token, &found)
            guard !found.isEmpty else { continue }
            left[file.run]?.subtract(found)
            try Files.makeDirectory(staging)
            let staged = "\(staging)/redriven-\(index).jsonl"
            try Files.write(bytes, to: staged)
            commit.add(.moveFile(staged: staged, target: file.path))
        }
        guard left.values.allSatisfy(\.isEmpty) else {
            throw RunError(
                .notRedrivable, "another redrive has put back some of these dead letters",
                notes: ["nothing was committed; `pipec dlq list` shows what is left"])
        }
    }

    /// The file's lines with marks; what cannot be read stays as it is.
    private func marking(
        _ path: String, _ marked: Set<DeadLetter.Identity>, _ token: String,
        _ found: inout Set<DeadLetter.Identity>
    ) throws -> [UInt8] {
        let decoder = JSONDecoder()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var bytes: [UInt8] = []
        for line in try lines(path) {
            if var letter = try? decoder.decode(DeadLetter.self, from: Data(line)),
                letter.redriven == nil, marked.contains(letter.identity)
            {
                letter.redriven = token
                found.insert(letter.identity)
                bytes.append(contentsOf: try encoder.encode(letter))
            } else {
                bytes.append(contentsOf: line)
            }
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }
}

extension DeadLetter {
    /// What tells letters apart.
    struct Identity: Hashable {
        var run: String
        var node: String
        var op: String
        var object: String
        var offset: Int64?
        var line: Int64?
        var rule: String
        var raw: String?
    }

    var identity: Identity {
        Identity(
            run: run, node: node, op: op, object: object, offset: offset, line: line, rule: rule,
            raw: raw ?? rawBase64)
    }
}

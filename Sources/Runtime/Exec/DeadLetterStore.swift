import Foundation
import PipelineDSL

/// The dead letters that runs have left.
package struct DeadLetterStore {
    private let folder: String

    /// - Parameter folder: absolute.
    package init(folder: String) { self.folder = folder }

    /// Letters of committed runs, the oldest run first, in the order in which they were rejected.
    ///
    /// - Parameters:
    ///   - run: a run's token, or `last`.
    package func read(node: String? = nil, run: String? = nil) throws -> [DeadLetter] {
        var files: [(run: String, path: String)] = []
        for name in Files.list(folder) where !name.hasPrefix(".") {
            if let node, name != node { continue }
            for file in Files.list("\(folder)/\(name)") where file.hasSuffix(".jsonl") {
                files.append((String(file.dropLast(6)), "\(folder)/\(name)/\(file)"))
            }
        }
        let wanted = run == "last" ? files.map(\.run).max() : run
        if let wanted { files.removeAll { $0.run != wanted } }
        files.sort { ($0.run, $0.path) < ($1.run, $1.path) }
        return try files.flatMap { try letters($0.path) }
    }

    private func letters(_ path: String) throws -> [DeadLetter] {
        guard let bytes = Files.read(path, limit: 1 << 30) else {
            throw Files.failure("\(path) cannot be read")
        }
        let decoder = JSONDecoder()
        return bytes.split(separator: UInt8(ascii: "\n")).compactMap {
            try? decoder.decode(DeadLetter.self, from: Data($0))
        }
    }
}

import Foundation
import PipelineDSL
import Planner

/// The dead letters that runs have left.
package struct DeadLetterStore {
    let folder: String

    /// - Parameter folder: absolute.
    package init(folder: String) { self.folder = folder }

    /// Those of a plan's runs, after what a run decided and did not finish is done.
    package init(_ plan: Plan, project: ProjectDirectory, now: Int64) throws {
        try Recovery(project).completeBeforeReading(now: now)
        folder = project.resolve(plan.deadLetters.path)
    }

    /// Letters of committed runs, the oldest run first, then by node and by place in the input.
    ///
    /// - Parameters:
    ///   - run: a run's token, or `last`; redrives of a run belong to it.
    ///   - includesRedriven: also letters that went back through the pipeline.
    package func read(
        node: String? = nil, run: String? = nil, includesRedriven: Bool = false
    ) throws -> [DeadLetter] {
        var files = files()
        let wanted = run == "last" ? files.map { Redrive.base($0.run) }.max() : run
        if let wanted {
            files.removeAll { $0.run != wanted && Redrive.base($0.run) != wanted }
        }
        return try files.flatMap { try letters($0.path) }.filter {
            // The letter says whose it is: several nodes may share a folder.
            (node == nil || $0.node == node) && (includesRedriven || $0.redriven == nil)
        }.enumerated().sorted { a, b in
            let (x, y) = (a.element, b.element)
            if (x.run, x.node, x.object) != (y.run, y.node, y.object) {
                return (x.run, x.node, x.object) < (y.run, y.node, y.object)
            }
            let (placeX, placeY) = (x.offset ?? x.line ?? .max, y.offset ?? y.line ?? .max)
            return (placeX, a.offset) < (placeY, b.offset)
        }.map(\.element)
    }

    /// The file of each node and run, in the order of both.
    func files() -> [(run: String, path: String)] {
        var files: [(run: String, path: String)] = []
        for name in Files.list(folder) where !name.hasPrefix(".") {
            for file in Files.list("\(folder)/\(name)") where file.hasSuffix(".jsonl") {
                files.append((String(file.dropLast(6)), "\(folder)/\(name)/\(file)"))
            }
        }
        return files.sorted { ($0.run, $0.path) < ($1.run, $1.path) }
    }

    private func letters(_ path: String) throws -> [DeadLetter] {
        let decoder = JSONDecoder()
        return try lines(path).compactMap {
            try? decoder.decode(DeadLetter.self, from: Data($0))
        }
    }

    func lines(_ path: String) throws -> [ArraySlice<UInt8>] {
        guard let bytes = Files.read(path, limit: 1 << 30) else {
            throw Files.failure("\(path) cannot be read")
        }
        return bytes.split(separator: UInt8(ascii: "\n"))
    }
}

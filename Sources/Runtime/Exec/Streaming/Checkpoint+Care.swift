import PipelineDSL
import Planner

/// What people do with a checkpoint: look at it, and forget parts of it.
extension Checkpoint {
    /// With the names that nodes have now, where the spec says that they were moved.
    func renamed(_ moved: [String: String]) -> Checkpoint {
        guard !moved.isEmpty else { return self }
        func node(_ name: String) -> String { moved[name] ?? name }
        func operatorID(_ id: String) -> String {
            guard let slash = id.firstIndex(of: "/") else { return node(id) }
            return node(String(id[..<slash])) + id[slash...]
        }
        func keyed<Value>(_ values: [String: Value], _ name: (String) -> String) -> [String: Value]
        {
            // Where both names are there, what is under the new one is newer.
            Dictionary(
                values.map { (name($0.key), $0.key, $0.value) }
                    .sorted { ($0.0 == $0.1 ? 1 : 0, $0.1) < ($1.0 == $1.1 ? 1 : 0, $1.1) }
                    .map { ($0.0, $0.2) }, uniquingKeysWith: { $1 })
        }
        var copy = self
        copy.positions = keyed(positions, node)
        copy.eventTimes = keyed(eventTimes, node)
        copy.watermarks = keyed(watermarks) { key in
            key.split(separator: "+").map { node(String($0)) }.sorted().joined(separator: "+")
        }
        copy.states = keyed(states, operatorID)
        for (id, files) in states where operatorID(id) != id && copy.states[operatorID(id)] == files
        {
            copy.states[operatorID(id)]?.folder = files.folder ?? EmbeddedPaths.component(id)
        }
        return copy
    }

    /// Takes the place of what is kept, as one step.
    package func replace(_ project: ProjectDirectory, pipeline: String) throws {
        let path = Checkpoint.path(project, pipeline: pipeline)
        try write(to: path + ".new")
        try Files.rename(path + ".new", to: path)
        Files.syncDirectory(project.state(pipeline))
    }

    /// Forgets the checkpoint and all state of a pipeline.
    package static func remove(_ project: ProjectDirectory, pipeline: String) {
        // Without the checkpoint nothing refers to the rest.
        Files.removeTree(path(project, pipeline: pipeline))
        Files.removeTree(project.state(pipeline) + "/operators")
    }
}

/// What an operator of a plan remembers, and whether the plan can still use it.
package struct StateSummary: Sendable {
    package enum Fate: String, Sendable {
        case kept
        /// No operator of the plan has that name.
        case unused = "not in the plan"
    }

    package var id: String
    package var files: StateFiles
    package var fate: Fate

    package var bytes: Int { files.segments.reduce(0) { $0 + $1.bytes } }

    package static func all(of checkpoint: Checkpoint, _ plan: Plan) -> [StateSummary] {
        let known = plan.nodes.flatMap(\.operators).flatMap { op -> [String] in
            if case .join = op.operation { return [op.id + "-left", op.id + "-right"] }
            return [op.id]
        }
        return checkpoint.states.sorted { $0.key < $1.key }.map { id, files in
            StateSummary(id: id, files: files, fate: known.contains(id) ? .kept : .unused)
        }
    }
}

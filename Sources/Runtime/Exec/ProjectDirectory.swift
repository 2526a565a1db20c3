import PipelineDSL

/// The folder of the spec file, and `.pipec/` in it, where everything embedded lives.
package struct ProjectDirectory: Sendable {
    /// Absolute.
    package let root: String

    package init(_ root: String) { self.root = root }

    package var pipec: String { root + "/.pipec" }

    /// A path of the spec: relative to the project unless absolute.
    package func resolve(_ path: String) -> String {
        path.hasPrefix("/") ? path : root + "/" + path
    }

    /// One folder for each pipeline.
    package var stateRoot: String { pipec + "/state" }
    package func state(_ pipeline: String) -> String {
        stateRoot + "/" + EmbeddedPaths.component(pipeline)
    }
    package var temporary: String { pipec + "/tmp" }
}

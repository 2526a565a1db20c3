import Foundation
import PipelineDSL
import Planner
import Runtime
import Testing

/// No name out of a spec or a plan leads out of the folder it belongs into.
@Suite struct PathSafetyTests {
    @Test func componentsStayInOneFolder() {
        for name in [
            "..", ".", "", "a/b", "../../etc/passwd", "/etc", "a\0b", ".hidden", "a%2Fb", "%", "ü",
            "a\nb", "~", "C:\\x", "telemetry-moving.fifo", "service_records",
        ] {
            let part = EmbeddedPaths.component(name)
            #expect(!part.isEmpty && !part.hasPrefix("."))
            #expect(!part.contains("/") && !part.utf8.contains(0))
        }
        #expect(EmbeddedPaths.component("telemetry-moving.fifo") == "telemetry-moving.fifo")
        #expect(EmbeddedPaths.component("a/b") == "a%2Fb")
        #expect(EmbeddedPaths.component("a%2Fb") == "a%252Fb")
    }

    @Test func differentNamesStayDifferent() {
        var random = Array("ab./%2F\0-_ ü")
        var seen: [String: String] = [:]
        for seed in 0..<2000 {
            random.shuffle()
            let name = String(random.prefix(seed % 8))
            let part = EmbeddedPaths.component(name)
            if let other = seen[part] { #expect(other == name) }
            seen[part] = name
        }
    }

    @Test(arguments: ["../x", "a/../../x", "/x", "a//b", ".", "a/..", "x\0.csv", ""])
    func keysStayInTheirBucket(key: String) {
        #expect(throws: RunError.self) { try EmbeddedPaths.object(bucket: "b", key: key) }
    }

    @Test(arguments: [
        "dynamodb: { table: ../../x, partition_key: id }", "sqs: { queue: a/b }",
        "sqs: { queue: \"..\" }", "s3: { bucket: \"../b\", path: x/ }",
        "s3: { bucket: b, path: ../x }",
        "files: { path: \"a\\0b\" }", "sqs: { queue: \"a b\" }",
    ])
    func namesAreRefusedWhenChecked(connector: String) throws {
        let project = try SpecProject(files: ["in.csv": "id\n1\n"])
        let isFile = connector.hasPrefix("s3") || connector.hasPrefix("files")
        let format = isFile ? ", format: csv" : ""
        let (checked, diagnostics) = project.check(
            """
            sources:
              orders: { files: { path: in.csv }, format: csv, columns: { id: string not null } }
            sinks:
              out: { from: orders, \(connector)\(format) }

            """)
        let errors = diagnostics.filter { $0.severity == .error }
        #expect(checked == nil)
        #expect(errors.contains { $0.code == .unsafeName }, "\(errors.map(\.message))")
        #expect(errors.first { $0.code == .unsafeName }?.primary != nil)
    }

    /// A plan that was edited by hand is not checked again, but leads nowhere either.
    @Test func namesInPlansAreEncoded() throws {
        let project = try SpecProject(files: ["in.csv": "id\n1\n"])
        var plan = try project.plan(
            """
            sources:
              orders: { files: { path: in.csv }, format: csv, columns: { id: string not null } }
            sinks:
              out: { from: orders, dynamodb: { table: good, partition_key: id } }

            """)
        let index = try #require(plan.nodes.firstIndex { $0.sink != nil })
        plan.nodes[index].sink?.binding.settings["table"] = .string("../../../escaped")
        plan.pipeline = "../../also"
        _ = try Run(plan: plan, project: project.directory, settings: RunSettings(now: 0)).execute()
        let found = project.walk("").filter { $0.hasSuffix("escaped.sqlite") }
        #expect(found == [".pipec/dynamodb/%2E.%2F..%2F..%2Fescaped.sqlite"])
        #expect(!FileManager.default.fileExists(atPath: project.root + "/../escaped.sqlite"))
    }
}

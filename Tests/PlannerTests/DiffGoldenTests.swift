import Foundation
import PipelineDSL
import Planner
import Testing

/// `Tests/Golden/plans/diffs/*.diff-case`: edits of a base spec, and what `plan --against` says of
/// each.
///
/// ```
/// ==== case a longer horizon
/// -      - dedupe: { on: [id], within: 1 day }
/// +      - dedupe: { on: [id], within: 2 days }
/// ==== expect
/// Plan: 0 add, 1 change, 0 remove
/// ```
///
/// Lines with `-` must stand in the base, one after the other, and are replaced by those with `+`;
/// a line that starts with a blank stays, and what follows it is put behind it. The base is
/// `<name>.yaml` beside the cases.
@Suite struct DiffGoldenTests {
    @Test func diffsAreAsWrittenDown() throws {
        let folder = PlanGolden.root.appendingPathComponent("plans/diffs")
        let files = try FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: nil
        ).filter { $0.pathExtension == "diff-case" }.sorted { $0.path < $1.path }
        #expect(!files.isEmpty)
        for file in files {
            let base = try PlanGolden.text(
                file.deletingPathExtension().appendingPathExtension("yaml"))
            var output: [String] = []
            for test in DiffCase.read(try PlanGolden.text(file)) {
                output.append(test.text(result: render(test, base)))
            }
            try PlanGolden.check(output.joined(), file)
        }
    }

    private func render(_ test: DiffCase, _ base: String) -> String {
        guard let edited = test.apply(to: base) else { return "the edit does not fit the base\n" }
        let old = PlanTest(base)
        let new = PlanTest(edited)
        guard let before = old.plan, let after = new.plan else {
            return (old.lines + new.lines).joined(separator: "\n") + "\n"
        }
        let diff = PlanDiff(from: before, to: after, catalogue: PlanTestCatalogue.catalogue)
        return diff.text()
    }
}

/// One edit of a base.
struct DiffCase {
    var title: String
    var edit: [String]

    static func read(_ text: String) -> [DiffCase] {
        var cases: [DiffCase] = []
        var isExpectation = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("==== case ") {
                cases.append(DiffCase(title: String(line.dropFirst(10)), edit: []))
                isExpectation = false
            } else if line == "==== expect" {
                isExpectation = true
            } else if !isExpectation, !cases.isEmpty, !line.isEmpty {
                cases[cases.count - 1].edit.append(line)
            }
        }
        return cases
    }

    func text(result: String) -> String {
        let lines = ["==== case \(title)"] + edit + ["==== expect"]
        return lines.joined(separator: "\n") + "\n" + result + "\n"
    }

    /// `nil` where a line to be removed is not there.
    func apply(to base: String) -> String? {
        var lines = base.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var position: Int?
        for line in edit {
            let text = String(line.dropFirst())
            if line.hasPrefix("+") {
                let at = position ?? lines.count
                lines.insert(text, at: at)
                position = at + 1
            } else {
                let start = position ?? 0
                guard let found = lines[start...].firstIndex(of: text) ?? lines.firstIndex(of: text)
                else { return nil }
                if line.hasPrefix("-") { lines.remove(at: found) }
                position = line.hasPrefix("-") ? found : found + 1
            }
        }
        return lines.joined(separator: "\n")
    }
}

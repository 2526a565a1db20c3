import Foundation
import TestSupport
import Testing

/// Sessions in a shell with what `pipec` must say in them: `Tests/Golden/commands/*.txt`.
///
/// Lines that start with `$ ` are commands, each followed by what it prints on both outputs and, where
/// that is not 0, its exit code in brackets. `> ` continues a command on the next line, `# ` is a
/// remark; `# project: examples/fleet-telemetry` starts in a copy of that folder. To write a new
/// session, write its commands and run `make golden`.
@Suite struct TranscriptTests {
    static let folder = TestRun.root.appendingPathComponent("Tests/Golden/commands")

    static let names: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".txt") }.sorted()
    }()

    @Test(arguments: names) func sessionIsAsWritten(_ name: String) throws {
        let file = Self.folder.appendingPathComponent(name)
        let written = try String(contentsOf: file, encoding: .utf8)
        let found = try Transcript(written).played()
        for sign in ["Fatal", "Stack dump", "crashed", "Illegal instruction", "Swift/"] {
            #expect(!found.contains(sign), "\(name) shows a crash")
        }
        if TestRun.isUpdatingGoldens {
            try found.write(to: file, atomically: true, encoding: .utf8)
        } else if found != written {
            Issue.record("\(name) differs:\n\(Transcript.difference(written, found))")
        }
    }

    @Test func thereAreSessions() { #expect(Self.names.count >= 5) }
}

/// One file of ``TranscriptTests``.
struct Transcript {
    private enum Entry {
        case text(String)
        case command([String])
    }

    private var entries: [Entry] = []
    private var project: String?

    init(_ text: String) {
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("$ ") {
                entries.append(.command([String(line.dropFirst(2))]))
            } else if line.hasPrefix("> "), case .command(let lines) = entries.last {
                entries[entries.count - 1] = .command(lines + [String(line.dropFirst(2))])
            } else if line.hasPrefix("# ") {
                entries.append(.text(line))
                if line.hasPrefix("# project: ") { project = String(line.dropFirst(11)) }
            }
        }
    }

    /// The same commands with what they say now.
    func played() throws -> String {
        let home = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
            .appendingPathComponent("pipec-session-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        defer {
            _ = try? PipecBinary.execute("/bin/chmod", ["-R", "u+rwx", home], in: "/")
            try? FileManager.default.removeItem(atPath: home)
        }
        if let project { try copy(project, to: home) }
        var folder = home
        var result = ""
        var (isFirst, wasText) = (true, false)
        for entry in entries {
            switch entry {
            case .text(let line):
                // A remark stands with the command after it.
                if !isFirst, !wasText { result += "\n" }
                result += line + "\n"
                wasText = true
            case .command(let lines):
                if !isFirst, !wasText { result += "\n" }
                wasText = false
                result += "$ " + lines.joined(separator: "\n> ") + "\n"
                result += Self.normalized(try run(lines, &folder), home)
            }
            isFirst = false
        }
        return result
    }

    private func copy(_ project: String, to home: String) throws {
        let source = TestRun.root.appendingPathComponent(project).path
        // Not what a run there has left.
        for name in try FileManager.default.contentsOfDirectory(atPath: source)
        where name != ".pipec" {
            try FileManager.default.copyItem(atPath: source + "/" + name, toPath: home + "/" + name)
        }
    }

    private func run(_ lines: [String], _ folder: inout String) throws -> String {
        if lines.count == 1, lines[0].hasPrefix("cd ") {
            folder =
                URL(fileURLWithPath: folder)
                .appendingPathComponent(String(lines[0].dropFirst(3))).standardizedFileURL.path
            return ""
        }
        let pipec = try #require(PipecBinary.path, "pipec is not built")
        let tools = (pipec as NSString).deletingLastPathComponent
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let script = "exec 2>&1\n" + lines.joined(separator: "\n")
        let result = try PipecBinary.execute(
            "/bin/sh", ["-c", script], in: folder,
            environment: [
                "PATH": "\(tools):\(path)", "NO_COLOR": "", "LC_ALL": "C.UTF-8", "TZ": "UTC",
                // git does as it does for everybody.
                "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null",
                "GIT_CEILING_DIRECTORIES": (folder as NSString).deletingLastPathComponent,
                "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org",
                "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org",
            ])
        var text = result.output
        if !text.isEmpty, !text.hasSuffix("\n") { text += "\n" }
        return text + (result.status == 0 ? "" : "[\(result.status)]\n")
    }

    /// Without what differs from run to run and from machine to machine.
    private static func normalized(_ text: String, _ home: String) -> String {
        var text = text.replacingOccurrences(of: home, with: "HOME")
        let patterns = [
            // The names and times of runs.
            (#"\b20\d{6}T\d{6}Z-[0-9a-f]{8}\b"#, "RUN"),
            (#"\bRUN-r[0-9a-f]{6}\b"#, "RUN-REDRIVE"),
            (#""(time|started_at)"( ?: ?)"[^"]*""#, #""$1"$2"TIME""#),
            (#""(seconds|busy_seconds)"( ?: ?)[0-9.e-]+"#, #""$1"$2 0"#),
            (#""memory_peak_bytes"( ?: ?)\d+"#, #""memory_peak_bytes"$1 0"#),
            (#"(?<=committed in )[0-9.]+ (ms|s)"#, "TIME"),
            (#"memory [0-9.]+ (B|kB|MB|GB) at most"#, "memory SIZE at most"),
            // How long a test took.
            (#"\((\d+(\.\d+)?) (ms|s)\)"#, "(TIME)"),
            // How long a node was busy, in the table of `--verbose`.
            (#"(?m)^node +busy(?=  )"#, "node  busy"),
            (#"(?m) +\d+ ms(?=  )"#, "  0 ms"),
        ]
        for (pattern, replacement) in patterns {
            text = text.replacingOccurrences(
                of: pattern, with: replacement, options: .regularExpression)
        }
        return text
    }

    /// The first lines that differ, with those before them.
    static func difference(_ written: String, _ found: String) -> String {
        let a = written.split(separator: "\n", omittingEmptySubsequences: false)
        let b = found.split(separator: "\n", omittingEmptySubsequences: false)
        let same = zip(a, b).prefix { $0 == $1 }.count
        let context = a[max(0, same - 6)..<same].map { "  " + $0 }
        let lost = a[same...].prefix(12).map { "- " + $0 }
        let new = b[same...].prefix(12).map { "+ " + $0 }
        return (context + lost + new).joined(separator: "\n")
    }
}

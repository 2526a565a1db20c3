import Foundation
import PipelineDSL

/// SELECT statements of DuckDB's sqllogictest files, read from the archive beside the repository.
enum SQLCorpus {
    /// `nil` where the archive is absent.
    static let statements: [String]? = {
        guard let archive, let text = contents(of: archive) else { return nil }
        return extract(text)
    }()

    static var isMissing: Bool {
        archive == nil && ProcessInfo.processInfo.environment["CI"] != "true"
    }

    private static let archive: String? = {
        let relative = "conformance/sqllogictest/duckdb-slt-selection.tar.gz"
        var candidates = ProcessInfo.processInfo.environment["PIPEC_SHARED"].map { [$0] } ?? []
        var url = URL(fileURLWithPath: #filePath)
        while url.path != "/" {
            url.deleteLastPathComponent()
            candidates.append(url.appendingPathComponent("shared").path)
        }
        return candidates.map { "\($0)/\(relative)" }
            .first { FileManager.default.fileExists(atPath: $0) }
    }()

    private static func contents(of archive: String) -> String? {
        let tar = Process()
        tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        tar.arguments = ["tar", "-xzOf", archive]
        let pipe = Pipe()
        tar.standardOutput = pipe
        guard (try? tar.run()) != nil else { return nil }
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        tar.waitUntilExit()
        return tar.terminationStatus == 0 ? String(decoding: data, as: UTF8.self) : nil
    }

    /// A statement stands behind a line `query …` or `statement ok` and ends with an empty line or
    /// one of dashes.
    private static func extract(_ text: String) -> [String] {
        var result: [String] = []
        var current: [Substring]?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("query ") || line.hasPrefix("statement ok") {
                current = []
            } else if let lines = current, line.allSatisfy(\.isWhitespace) || line.hasPrefix("----")
            {
                result.append(lines.joined(separator: "\n"))
                current = nil
            } else {
                current?.append(line)
            }
        }
        return result.filter(isQuery)
    }

    private static func isQuery(_ statement: String) -> Bool {
        let start = statement.drop { $0.isWhitespace || $0 == "(" }.prefix(6).lowercased()
        let isQuery =
            start == "select" || start.hasPrefix("with") || start == "values"
        // Loop variables of the test files, which their runner fills in.
        return isQuery && !statement.contains("${")
    }

    // MARK: What the language leaves out

    /// Why a statement is outside the language, as its reference describes it; `nil` for one that
    /// must parse.
    static func foreignFeature(of statement: String) -> String? {
        let text = withoutText(statement)
        return foreign.first {
            text.range(of: $0.pattern, options: [.regularExpression, .caseInsensitive]) != nil
        }?.name
    }

    /// Text literals and comments emptied, so that what they say is not taken for SQL.
    private static func withoutText(_ statement: String) -> String {
        statement.replacingOccurrences(
            of: "'(?:[^']|'')*'|--[^\n]*", with: "''", options: .regularExpression)
    }

    private static let foreign: [(name: String, pattern: String)] = [
        ("struct, map or test-runner braces", #"[{}]"#),
        ("operators of DuckDB alone", #"==|//|@|#|:=|=>|<->|\^\^|!__|~~|\?|&&|<@|@>|! |\*\*"#),
        ("factorial", #"[0-9)a-z]\s*!(?!=|~)"#),
        ("slices and prefix aliases", #"(?<!:):(?!:|=)"#),
        ("list comprehensions", #"\bfor\s+\w+\s+in\b|\bfor\s+\w+\s*,\s*\w+\s+in\b"#),
        ("quantified comparisons", #"\b(any|all|some)\s*\((?!\s*order)"#),
        ("ORDER BY ALL or *", #"order\s+by\s+(all|\*)"#),
        ("GROUP BY *", #"group\s+by\s+\*"#),
        ("COLUMNS(…) and unpacking", #"\bcolumns\s*\(|\*\s*columns|\*\s*\("#),
        ("star modifiers", #"\*\s*(replace|rename|like|ilike|not|similar|glob)\b"#),
        ("qualified or quoted EXCLUDE", #"exclude\s*\(?\s*[\w"]*\.|exclude\s*\(?\s*''"#),
        ("FROM first", #"(^|\()\s*from\b|\bfrom\s+\w+\s+select\b"#),
        ("joins by position or order", #"\b(asof|positional)\b"#),
        ("samples", #"\b(using\s+sample|tablesample)\b"#),
        ("USING KEY", #"using\s+key"#), ("collations", #"\bcollate\b"#),
        ("SIMILAR TO", #"\bsimilar\s+to\b"#), ("GLOB", #"\bglob\s+''"#),
        ("frame exclusion", #"exclude\s+(no|current|group|ties)\b"#),
        ("aggregate state", #"\bexport_state\b"#),
        ("describe, summarize, pivot", #"\b(describe|summarize|pivot|unpivot|show)\b"#),
        ("set operations by name", #"\bby\s+name\b"#),
        ("data-modifying statements", #"\b(insert\s+into|delete\s+from|update\s+\w+\s+set)\b"#),
        (
            "types of DuckDB alone",
            #"\b(u(tiny|small|big|huge)?int(eger)?(8|16|32|64|128)?|hugeint|bignum|varint|int128"#
                + #"|geometry|bit|bitstring|variant|union|tuple|timetz|time_ns|enum|nvarchar|oid"#
                + #"|timestamp(tz)?_(s|ms|us|ns))\b\s*[\[,()]|::\s*(bit|union|regclass|\"|'')"#
        ),
        (
            "types of DuckDB alone",
            #"(::|\bas|<|\()\s*(u(tiny|small|big|huge)?int(eger)?(8|16|32|64|128)?|hugeint|bignum"#
                + #"|varint|int128|geometry|bit|bitstring|variant|tuple|timetz|time_ns"#
                + #"|timestamp(tz)?_(s|ms|us|ns)|union)\b"#
        ),
        (
            "literals of those types",
            #"\b(timestamp(tz)?_(s|ms|us|ns)|timetz|time_ns|bit|hugeint|variant|point)\s*''"#
        ),
        ("percentages and other limits", #"\blimit\s+[^\n]*(%|percent)"#),
        ("qualified functions", #"\w\.\w+\s*\("#), ("empty type parameters", #"decimal\s*\(\s*\)"#),
        ("lambda of Python", #"\blambda\b"#),
        ("named windows in calls", #"\bover\s+\(\s*rows\s+x"#),
        ("filter without WHERE", #"filter\s*\((?!\s*where)"#),
        ("TABLE statement", #"(^|\(|union|all)\s*table\s"#),
        ("text as a name", #"\b(as|from|join)\s+''\s*\("#), ("AT (VERSION …)", #"\bat\s*\("#),
        ("trailing comma", #",\s*(from|\)|$)"#),
    ]
}

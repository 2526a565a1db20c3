import PipelineDSL
import Testing

/// Where the words of a decoded scalar stand in the file, for each of the five styles.
@Suite struct YAMLScalarTests {
    struct Example: Sendable, CustomTestStringConvertible {
        var title: String
        var yaml: String
        var text: String
        /// A part of the text and what it must underline, as `line:column-line:column`.
        var parts: [(String, String)]
        var testDescription: String { title }
    }

    static let examples = [
        Example(
            title: "plain", yaml: "key: one two\n", text: "one two",
            parts: [("one", "1:6-1:9"), ("two", "1:10-1:13"), ("one two", "1:6-1:13")]),
        Example(
            title: "plain over lines", yaml: "key: one\n  two\n\n  three # c\n",
            text: "one two\nthree",
            parts: [
                ("two", "2:3-2:6"), ("three", "4:3-4:8"), ("one two", "1:6-2:6"),
                ("two\nthree", "2:3-4:8"),
            ]),
        Example(
            title: "plain with CRLF and trailing blanks", yaml: "key: one \t\r\n  two\r\n",
            text: "one two", parts: [("one", "1:6-1:9"), ("two", "2:3-2:6")]),
        Example(
            title: "single quotes", yaml: "key: 'it''s  all\n\n  here'\n", text: "it's  all\nhere",
            parts: [("it", "1:7-1:9"), ("'", "1:9-1:11"), ("s", "1:11-1:12"), ("here", "3:3-3:7")]),
        Example(
            title: "double quotes", yaml: #"key: "a\tb \u00e9 \x41 \"c\"""# + "\n",
            text: "a\tb é A \"c\"",
            parts: [
                ("a", "1:7-1:8"), ("\t", "1:8-1:10"), ("b", "1:10-1:11"), ("é", "1:12-1:18"),
                ("A", "1:19-1:23"), ("c", "1:26-1:27"), ("\"c\"", "1:24-1:29"),
            ]),
        Example(
            title: "double quotes over lines", yaml: "key: \"one \\\n  two\n  three\"\n",
            text: "one two three",
            parts: [("one ", "1:7-1:11"), ("two", "2:3-2:6"), ("three", "3:3-3:8")]),
        Example(
            title: "literal", yaml: "key: |\n  SELECT a\n    FROM b\n\n  WHERE c\nnext: 1\n",
            text: "SELECT a\n  FROM b\n\nWHERE c\n",
            parts: [
                ("SELECT", "2:3-2:9"), ("FROM b", "3:5-3:11"), ("c", "5:9-5:10"),
                ("a\n  FROM", "2:10-3:9"),
            ]),
        Example(
            title: "literal with an indentation indicator", yaml: "key: |2-\n    one\n  two\n\n",
            text: "  one\ntwo", parts: [("one", "2:5-2:8"), ("two", "3:3-3:6")]),
        Example(
            title: "literal that keeps its line ends", yaml: "- |+\n  one\n\n\n- b\n",
            text: "one\n\n\n", parts: [("one", "2:3-2:6")]),
        Example(
            title: "literal in a list with a comment", yaml: "-   - | # c\n     one\n     two\n",
            text: "one\ntwo\n", parts: [("one", "2:6-2:9"), ("two", "3:6-3:9")]),
        Example(
            title: "folded", yaml: "key: >-\n  one\n  two\n\n  three\n    four\n  five\n",
            text: "one two\nthree\n  four\nfive",
            parts: [
                ("one two", "2:3-3:6"), ("three", "5:3-5:8"), ("four", "6:5-6:9"),
                ("five", "7:3-7:7"),
            ]),
        Example(
            title: "text of several bytes a character", yaml: "ключ: 'é 日本 x'\n", text: "é 日本 x",
            parts: [("日本", "1:10-1:12"), ("x", "1:13-1:14")]),
        Example(
            title: "a byte order mark", yaml: "\u{FEFF}key: one\n", text: "one",
            parts: [("one", "1:6-1:9")]),
        Example(
            title: "an anchor and a tag before it", yaml: "key: &a !!str\n  'one'\n", text: "one",
            parts: [("one", "2:4-2:7")]),
        Example(
            title: "line separators of Unicode", yaml: "key: 'one\u{2028}  two\u{85}  three'\n",
            text: "one\u{2028}two three",
            parts: [("one", "1:7-1:10"), ("two", "1:13-1:16"), ("three", "1:19-1:24")]),
    ]

    @Test(arguments: examples) func everyWordIsUnderlinedWhereItStands(_ example: Example) throws {
        let bytes = Array(example.yaml.utf8)
        let (documents, diagnostics) = YAMLReader.documents(bytes, file: "f")
        #expect(diagnostics.isEmpty)
        var node = try #require(documents.first)
        while let next = node.entries?.first?.value ?? node.items?.first { node = next }
        let source = try #require(node.scalar?.source)
        #expect(source.text == example.text)
        for (part, place) in example.parts {
            let offset = try #require(start(of: part, in: source.text), "\(part)")
            let span = source.span(offset..<(offset + part.utf8.count))
            let found =
                "\(span.start.line):\(span.start.column)-\(span.end.line):\(span.end.column)"
            #expect(found == place, "\(part)")
            SpanChecks.isInside(span, bytes, "\(part)")
        }
        SpanChecks.check(node, bytes, exact: true, "\(example.title)")
    }

    private func start(of part: String, in text: String) -> Int? {
        let (text, part) = (Array(text.utf8), Array(part.utf8))
        return (0...max(0, text.count - part.count)).first {
            text[$0...].starts(with: part)
        }
    }

    @Test func collectionsEndWithTheirLastEntry() throws {
        let yaml = "a:\n  b: [1,\n    2] # c\n\n  d:\n    - e\n    - |\n      f\n\n# g\nh: {i: j}\n"
        let root = try #require(YAMLReader.read(Array(yaml.utf8), file: "f").root)
        func place(_ node: YAMLNode?) -> String {
            guard let span = node?.span else { return "none" }
            return "\(span.start.line):\(span.start.column)-\(span.end.line):\(span.end.column)"
        }
        #expect(place(root) == "1:1-11:10")
        #expect(place(root["a"]) == "2:3-8:8")
        #expect(place(root["a"]?["b"]) == "2:6-3:7")
        #expect(place(root["a"]?["d"]) == "6:5-8:8")
        #expect(place(root["h"]) == "11:4-11:10")
    }

    @Test func absentValuesStandBehindTheirColon() throws {
        let yaml = "a:\n\nb: # c\nd: {e: , f}\ng: [h: ]\ni: &j\nk: !!str\n"
        let root = try #require(YAMLReader.read(Array(yaml.utf8), file: "f").root)
        func place(_ node: YAMLNode?) -> String {
            guard let span = node?.span, span.start == span.end else { return "not empty" }
            return "\(span.start.line):\(span.start.column)"
        }
        #expect(place(root["a"]) == "1:3")
        #expect(place(root["b"]) == "3:3")
        #expect(place(root["d"]?["e"]) == "4:7")
        #expect(place(root["d"]?["f"]) == "4:11")
        #expect(place(root["g"]?.items?.first?["h"]) == "5:7")
        #expect(place(root["i"]) == "6:6")
        #expect(place(root["k"]) == "7:9")
    }
}

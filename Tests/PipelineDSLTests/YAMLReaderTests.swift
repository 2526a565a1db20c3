import PipelineDSL
import Testing

@Suite struct YAMLReaderTests {
    private func read(_ text: String) -> (root: YAMLNode?, codes: [Int]) {
        let (root, diagnostics) = YAMLReader.read(Array(text.utf8), file: "f")
        return (root, diagnostics.map(\.code.number))
    }

    @Test func aliasesRepeatTheirAnchor() throws {
        let (root, codes) = read("a: &x {b: 1}\nc: *x\n&k d: 2\ne: [*k]\n")
        #expect(codes == [])
        #expect(root?["c"]?["b"]?.scalar?.text == "1")
        #expect(root?["e"]?.items?.first?.scalar?.text == "d")
    }

    @Test func ownKeysWinOverMergedOnesAndEarlierMappingsOverLater() {
        let (root, codes) = read(
            """
            one: &one {a: 1, b: 1, c: 1}
            two: &two {b: 2, c: 2, d: 2}
            all:
              c: own
              <<: [*one, *two]
              e: own
            """)
        #expect(codes == [])
        let entries = root?["all"]?.entries ?? []
        let text = entries.map { "\($0.key.scalar?.text ?? "")=\($0.value.scalar?.text ?? "")" }
        #expect(text == ["c=own", "e=own", "a=1", "b=1", "d=2"])
    }

    @Test func aQuotedMergeKeyIsAKey() {
        let (root, codes) = read("a: {'<<': 1}\n")
        #expect(codes == [])
        #expect(root?["a"]?["<<"]?.scalar?.text == "1")
    }

    @Test func anInnerAnchorOfTheSameNameIsNotRecursion() {
        let (root, codes) = read("a: &x\n  b: &x 1\n  c: *x\n")
        #expect(codes == [])
        #expect(root?["a"]?["c"]?.scalar?.text == "1")
    }

    @Test func billionsOfLaughsAreBounded() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1..<12 {
            let alias = "*a\(level - 1)"
            let list = Array(repeating: alias, count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(list)]\n"
        }
        let clock = ContinuousClock()
        let time = clock.measure { #expect(read(text).codes == [17]) }
        #expect(time < .seconds(10))
    }

    @Test func depthIsBounded() {
        let flow = String(repeating: "[", count: 100_000)
        #expect(read("a: " + flow).codes == [16])
        let block = String(repeating: "- ", count: 100_000)
        #expect(read(block).codes == [16])
        #expect(
            read("a: " + String(repeating: "[", count: 99) + String(repeating: "]", count: 99))
                .codes == [])
        // Depth that only aliases bring counts as well.
        var text = "a0: &a0 [x]\n"
        for level in 1..<200 { text += "a\(level): &a\(level) [*a\(level - 1)]\n" }
        #expect(read(text).codes == [16])
    }

    @Test func sizeIsBounded() {
        var limits = YAMLReader.Limits()
        limits.bytes = 10
        let (root, diagnostics) = YAMLReader.read(
            Array("a: 123456789".utf8), file: "f", limits: limits)
        #expect(root == nil)
        #expect(diagnostics.map(\.code) == [.yamlTooLarge])
    }

    @Test func encodingsAreToldApart() {
        func code(_ bytes: [UInt8]) -> [DiagnosticCode] {
            YAMLReader.read(bytes, file: "f").diagnostics.map(\.code)
        }
        #expect(code([0xEF, 0xBB, 0xBF] + Array("a: b".utf8)) == [])
        #expect(code([0xFF, 0xFE, 0x61, 0x00]) == [.yamlNotUTF8])
        #expect(code([0xFE, 0xFF, 0x00, 0x61]) == [.yamlNotUTF8])
        #expect(code([0x61, 0x00, 0x3A, 0x00]) == [.yamlNotUTF8])
        #expect(code(Array("a: ".utf8) + [0xE4, 0x20]) == [.yamlNotUTF8])
        #expect(code(Array("a: ".utf8) + [0xED, 0xA0, 0x80]) == [.yamlNotUTF8])
        #expect(code(Array("a: b\u{7}".utf8)) == [.yamlControlCharacter])
        #expect(code([]) == [])
    }

    @Test func whatStandsBeforeASyntaxErrorIsRead() {
        let (root, codes) = read("a: 1\nb: {c: 2, d: 'x\n")
        #expect(codes == [3])
        #expect(root?["a"]?.scalar?.text == "1")
        #expect(root?["b"]?["c"]?.scalar?.text == "2")
    }

    @Test func plainScalarsMeanWhatTheCoreSchemaSays() {
        let examples: [(String, PlainValue)] = [
            ("", .null), ("~", .null), ("null", .null), ("true", .boolean(true)),
            ("FALSE", .boolean(false)), ("yes", .formerBoolean(true)),
            ("off", .formerBoolean(false)),
            ("1", .integer(1)), ("-7", .integer(-7)), ("+3", .integer(3)), ("0x1F", .integer(31)),
            ("0o17", .integer(15)), ("017", .integer(17)), ("1.5", .number(1.5)),
            ("-.5", .number(-0.5)), ("1e3", .number(1000)), (".inf", .number(.infinity)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("1_000", .text),
            ("1 2", .text), ("0x", .text), ("e5", .text), (".", .text), ("-", .text),
            ("nan", .text),
            ("inf", .text), ("2026-01-01", .text), ("1:30", .text),
        ]
        for (text, value) in examples { #expect(PlainValue(plain: text) == value, "\(text)") }
    }
}

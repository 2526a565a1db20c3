import PipelineDSL
import Testing

@Suite struct SettingsTests {
    // MARK: Quantities

    @Test func durationsAreMicroseconds() {
        let second: Int64 = 1_000_000
        let examples: [(String, Int64)] = [
            ("10 minutes", 600 * second), ("500 ms", second / 2), ("1 day", 86400 * second),
            ("7 days", 604800 * second), ("60s", 60 * second), ("1 hour 30 minutes", 5400 * second),
            ("1.5 hours", 5400 * second), ("5 us", 5), ("5 µs", 5), ("0 s", 0),
            ("2 Weeks", 14 * 86400 * second),
            ("0.0000004 s", 0), ("0.0000006 s", 1),
        ]
        for (text, value) in examples {
            #expect(Quantity.duration(text) == .success(value), "\(text)")
        }
        let wrong: [(String, Quantity.Problem)] = [
            ("10", .noUnit), ("ten days", .notANumber), ("-1 s", .negative), ("", .notANumber),
            ("3 months", .varyingUnit("months")), ("3 m", .unknownUnit("m", near: "minutes")),
            ("99999999999 weeks", .tooLarge), ("99999999999999999999 s", .tooLarge),
            ("1 s 2", .noUnit), ("1 s /", .notANumber), ("1.2.3 s", .noUnit),
        ]
        for (text, problem) in wrong {
            #expect(Quantity.duration(text) == .failure(problem), "\(text)")
        }
    }

    @Test func sizesAreBytes() {
        #expect(Quantity.size("512 MB") == .success(512_000_000))
        #expect(Quantity.size("100 MiB") == .success(104_857_600))
        #expect(Quantity.size("500 B") == .success(500))
        #expect(Quantity.size("1.5 kb") == .success(1500))
        #expect(Quantity.size("9999999 PB") == .failure(.tooLarge))
        #expect(Quantity.size("5 minutes") == .failure(.unknownUnit("minutes", near: nil)))
    }

    @Test func ratesArePerSecond() {
        #expect(Quantity.rate("2000 / second") == .success(2000))
        #expect(Quantity.rate("90 per minute") == .success(1.5))
        #expect(Quantity.rate("10/ms") == .success(10000))
        #expect(Quantity.rate("2000") == .failure(.noUnit))
        #expect(Quantity.rate("2 / secnd") == .failure(.unknownUnit("secnd", near: "second")))
    }

    @Test func fractionsAreBetweenZeroAndOne() {
        #expect(Quantity.fraction("1%") == .success(0.01))
        #expect(Quantity.fraction("0.25") == .success(0.25))
        #expect(Quantity.fraction("100 %") == .success(1))
        #expect(Quantity.fraction("5") == .failure(.tooLarge))
    }

    // MARK: Reader

    private func read(
        _ yaml: String, _ signatures: [SettingSignature], _ parameters: [String: String] = [:]
    ) throws -> (Settings, [Diagnostic]) {
        let root = try #require(YAMLReader.read(Array(yaml.utf8), file: "f").root)
        return SettingsReader.read(
            root, signatures, subject: "`it`", values: InterpolationValues(parameters: parameters))
    }

    @Test func everyKindIsRead() throws {
        let (settings, diagnostics) = try read(
            """
            text: some text
            flag: true
            count: 0x10
            ratio: 2
            wait: 5 s
            memory: 1 KiB
            load: 10 / second
            dirt: 1%
            mode: exact
            check: a > 1 AND b < 2
            query: SELECT 1
            column: id
            on: [a, b]
            one: a
            type: decimal(12,2) not null
            list: [1, 2]
            single: 1
            map: { a: 1 s, b: 2 s }
            object: { inner: x }
            variant: { lambda: { inner: y } }
            either: { inner: z }
            rest: { anything: [1] }
            """,
            [
                .init("text", .string, ""), .init("flag", .boolean, ""),
                .init("count", .integer(0...100), ""), .init("ratio", .number(0...10), ""),
                .init("wait", .duration, ""), .init("memory", .size, ""), .init("load", .rate, ""),
                .init("dirt", .fraction, ""), .init("mode", .choice(["exact", "bloom"]), ""),
                .init("check", .expression, ""), .init("query", .query, ""),
                .init("column", .name, ""), .init("on", .names, ""), .init("one", .names, ""),
                .init("type", .type, ""), .init("list", .list(.integer(0...9)), ""),
                .init("single", .oneOrMany(.integer(0...9)), ""),
                .init("map", .mapping(.duration), ""),
                .init("object", .object([.init("inner", .string, "")]), ""),
                .init("variant", .variant(["lambda": [.init("inner", .string, "")]]), ""),
                .init("either", .either([.name, .object([.init("inner", .name, "")])]), ""),
                .init("rest", .node, ""),
            ])
        #expect(diagnostics == [])
        #expect(settings.entries.count == 22)
        #expect(settings.string("text") == "some text")
        #expect(settings.boolean("flag") == true)
        #expect(settings.integer("count") == 16)
        #expect(settings.number("ratio") == 2)
        #expect(settings.duration("wait") == 5_000_000)
        #expect(settings.size("memory") == 1024)
        #expect(settings.number("load") == 10)
        #expect(settings.number("dirt") == 0.01)
        #expect(settings.string("mode") == "exact")
        #expect(settings.expression("check")?.text == "a > 1 AND b < 2")
        #expect(settings.expression("query")?.text == "SELECT 1")
        #expect(settings.names("on")?.map(\.value) == ["a", "b"])
        #expect(settings.names("one")?.map(\.value) == ["a"])
        #expect(settings["type"]?.kind == .type(.decimal(precision: 12, scale: 2), notNull: true))
        #expect(settings.list("list")?.map(\.kind) == [.integer(1), .integer(2)])
        #expect(settings.list("single")?.map(\.kind) == [.integer(1)])
        #expect(settings.mapping("map")?.map(\.key.value) == ["a", "b"])
        #expect(settings.object("object")?.string("inner") == "x")
        guard case .variant(let name, let inner)? = settings["variant"]?.kind else {
            Issue.record("no variant")
            return
        }
        #expect(name.value == "lambda" && inner.string("inner") == "y")
        #expect(settings.object("either")?.string("inner") == "z")
        #expect(settings.node("rest")?["anything"]?.items?.count == 1)
    }

    @Test func allMistakesAreReportedAtOnce() throws {
        let (settings, diagnostics) = try read(
            "wat: 1\nwait: 5\nflag: yes\ncount: 200\nlist: [1, x, 3]\n",
            [
                .init("wait", .duration, ""), .init("flag", .boolean, ""),
                .init("count", .integer(0...100), ""), .init("list", .list(.integer(0...9)), ""),
                .init("needed", .string, required: true, "It."),
            ])
        #expect(
            diagnostics.map(\.code) == [
                .unknownKey, .badQuantity, .notABoolean, .outOfRange, .wrongType, .missingSetting,
            ])
        #expect(settings.list("list")?.map(\.kind) == [.integer(1), .integer(3)])
        #expect(diagnostics[0].fix == nil)
        #expect(diagnostics[2].fix?.replacement == "true")
    }

    @Test func parametersAreFilledInWhereAValueIsNoText() throws {
        let (settings, diagnostics) = try read(
            "wait: ${delay}\ncount: \"${n}\"\ntext: ${delay} x\ncheck: a > ${n}\n",
            [
                .init("wait", .duration, ""), .init("count", .integer(0...100), ""),
                .init("text", .string, ""), .init("check", .expression, ""),
            ], ["delay": "5 s", "n": "7"])
        #expect(diagnostics == [])
        #expect(settings.duration("wait") == 5_000_000)
        #expect(settings.integer("count") == 7)
        #expect(settings.string("text") == "${delay} x")
        #expect(settings.expression("check")?.text == "a > ${n}")
    }

    // MARK: Interpolation

    private func source(_ text: String) -> SourceText { SourceText(text: text, file: "f") }

    @Test func textIsCutAtItsReferences() {
        let (parts, diagnostics) = Interpolation.parts(
            source("s3://${bucket}/${env:USER:-me}/$${x}/${secret:prod/key}"))
        #expect(diagnostics == [])
        #expect(
            parts.map(\.kind) == [
                .literal("s3://"), .reference(.parameter("bucket")), .literal("/"),
                .reference(.environment("USER", default: "me")), .literal("/${x}/"),
                .reference(.secret("prod/key")),
            ])
        #expect(parts[1].span.start.column == 6 && parts[1].span.end.column == 15)
        #expect(parts[4].range == 30..<37)
    }

    @Test func secretsNeverBecomeText() {
        let values = InterpolationValues(parameters: ["user": "me"], environment: { _ in nil })
        let url = source("postgres://${user}:${secret:PASSWORD}@host")
        let (text, problems) = Interpolation.resolve(url, values)
        #expect(problems == [])
        #expect(text.text == nil)
        #expect(text.description == "postgres://me:${secret:PASSWORD}@host")
        #expect(text.secrets.map(\.name) == ["PASSWORD"])
        let (filled, refusals) = Interpolation.fill(url, values)
        #expect(filled == "postgres://me:@host")
        #expect(refusals.map(\.code) == [.secretInText])
    }

    @Test func whatIsMissingIsReportedAndTheRestFilled() {
        let values = InterpolationValues(
            parameters: ["a": "1"], environment: { $0 == "B" ? "2" : nil })
        let (text, problems) = Interpolation.fill(
            source("${a} ${env:B} ${c} ${env:D} ${env:E:-5} ${"), values)
        #expect(text == "1 2   5 ${")
        #expect(
            problems.map(\.code) == [.malformedReference, .unknownParameter, .missingVariable])
    }
}

import Foundation
import PipelineDSL
import Testing

@Suite struct SpecSchemaTests {
    private let text = SpecSchema(
        sources: [
            .init("files", "Files.", .object([.init("path", .string, required: true, "Where.")])),
            .init("generate", "Rows.", .object([.init("dirt", .fraction, "How much.")])),
        ],
        sinks: [.init("sqs", "A queue.", .object([.init("max_receives", .integer(1...100), "")]))],
        formats: [.init("csv", "", .object([.init("header", .boolean, default: "true", "")]))],
        steps: [
            .init("where", "Keeps rows.", .expression),
            .init("derive", "", .mapping(.expression)),
        ]
    ).text()

    private func parsed() throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func itHasEveryKeyOfTheGrammarWithItsDocumentation() throws {
        let properties = try #require(try parsed()["properties"] as? [String: Any])
        #expect(Set(properties.keys) == Set(SpecGrammar.root.map(\.name)))
        for (name, schema) in properties {
            let schema = try #require(schema as? [String: Any])
            let description = schema["description"] as? String
            #expect(description?.isEmpty == false, "\(name)")
        }
    }

    @Test func everyReferenceLeadsSomewhere() throws {
        let root = try parsed()
        var references: [String] = []
        collect(root, &references)
        #expect(references.count > 30)
        for reference in Set(references) {
            var place: Any? = root
            for part in reference.split(separator: "/").dropFirst() {
                place = (place as? [String: Any])?[String(part)]
            }
            #expect(place != nil, "\(reference)")
        }
    }

    private func collect(_ value: Any, _ references: inout [String]) {
        if let object = value as? [String: Any] {
            if let reference = object["$ref"] as? String { references.append(reference) }
            for (key, member) in object where key != "examples" { collect(member, &references) }
        } else if let list = value as? [Any] {
            for item in list { collect(item, &references) }
        }
    }

    @Test func connectorsStandBesideTheKeysOfTheLanguage() throws {
        let root = try parsed()
        func keys(_ section: String) -> Set<String> {
            let sections = root["properties"] as? [String: Any]
            let schema = (sections?[section] as? [String: Any])?["additionalProperties"]
            let properties = (schema as? [String: Any])?["properties"] as? [String: Any]
            return Set((properties ?? [:]).keys)
        }
        #expect(keys("sources").isSuperset(of: ["files", "generate", "format", "event_time"]))
        #expect(!keys("sources").contains("sqs"))
        #expect(keys("sinks").isSuperset(of: ["sqs", "from", "where", "batch"]))
        #expect(keys("transforms").isSuperset(of: ["from", "steps", "sql", "write"]))
    }

    @Test func theSameCatalogueGivesTheSameBytes() {
        let connectors = ["b": [SettingSignature("x", .string, "")], "a": []]
        let first = SpecSchema.jsonSchema(connectors: connectors)
        #expect(first == SpecSchema.jsonSchema(connectors: connectors))
        #expect(first.hasSuffix("}\n"))
    }
}

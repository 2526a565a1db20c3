import Foundation
import PipelineDSL
import TestSupport
import Testing

/// `schema/pipec.schema.json` is what `pipec schema` prints: `make golden` writes it.
@Suite struct SpecSchemaFileTests {
    private static let file = TestRun.root.appendingPathComponent("schema/pipec.schema.json")

    private func printed() throws -> String {
        let result = try PipecBinary.run(["schema"], in: TestRun.root.path)
        #expect(result.status == 0)
        return result.output
    }

    private func schema() throws -> JSONSchema {
        let text = try printed()
        return try JSONSchema(try JSONSerialization.jsonObject(with: Data(text.utf8)))
    }

    @Test func fileIsUpToDate() throws {
        let text = try printed()
        if TestRun.isUpdatingGoldens {
            try FileManager.default.createDirectory(
                at: Self.file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: Self.file, atomically: true, encoding: .utf8)
        }
        let written = try String(contentsOf: Self.file, encoding: .utf8)
        #expect(written == text, "schema/pipec.schema.json is out of date: make golden")
    }

    @Test(arguments: ["examples/fleet-telemetry/pipec.yaml"])
    func examplesAreValid(_ path: String) throws {
        let bytes = try Data(contentsOf: TestRun.root.appendingPathComponent(path))
        #expect(try schema().problems(try value(of: [UInt8](bytes))) == [])
    }

    @Test func newProjectIsValid() throws {
        try Peers.withFolder { folder in
            #expect(try PipecBinary.run(["init", "shop"], in: folder).status == 0)
            let bytes = try Data(contentsOf: URL(fileURLWithPath: folder + "/shop/pipec.yaml"))
            #expect(try schema().problems(try value(of: [UInt8](bytes))) == [])
        }
    }

    @Test(arguments: [
        ("zones:", "zone:", "zone"),
        ("format: csv", "format: cvs", "format"),
        ("partition_key:", "partiton_key:", "dynamodb"),
        ("dedupe:", "dedup:", "steps"),
        ("version: 1", "version: one", "version"),
        ("within: 1 day", "within: [1, day]", "steps"),
    ])
    func mistakesAreFound(_ right: String, _ wrong: String, _ place: String) throws {
        let url = TestRun.root.appendingPathComponent("examples/fleet-telemetry/pipec.yaml")
        let text = try String(contentsOf: url, encoding: .utf8)
        let mistaken = text.replacingOccurrences(of: right, with: wrong)
        #expect(mistaken != text)
        let problems = try schema().problems(try value(of: Array(mistaken.utf8)))
        #expect(problems.contains { $0.contains(place) }, "\(problems)")
    }

    /// What an editor's YAML language server sees.
    private func value(of bytes: [UInt8]) throws -> Any {
        let (root, problems) = YAMLReader.read(bytes, file: "pipec.yaml")
        #expect(problems.isEmpty)
        return value(of: try #require(root))
    }

    private func value(of node: YAMLNode) -> Any {
        switch node.kind {
        case .sequence(let items): return items.map(value)
        case .mapping(let entries):
            return Dictionary(
                entries.map { (value(of: $0.key) as? String ?? "", value(of: $0.value)) },
                uniquingKeysWith: { $1 })
        case .scalar(let scalar):
            guard scalar.style == .plain else { return scalar.text }
            if ["", "~", "null"].contains(scalar.text) { return NSNull() }
            if let number = Int(scalar.text) { return number }
            if let number = Double(scalar.text) { return number }
            return Bool(scalar.text).map { $0 as Any } ?? scalar.text
        }
    }
}

/// As much of JSON Schema (draft 2020-12) as the schema uses; a keyword it does not know is an error,
/// so that none is silently ignored.
private struct JSONSchema {
    private struct Unknown: Error, CustomStringConvertible {
        var description: String
    }

    private static let known: Set = [
        "$schema", "$ref", "$defs", "title", "description", "default", "examples", "type",
        "properties", "additionalProperties", "required", "items", "enum", "anyOf", "oneOf",
        "minimum", "maximum", "pattern", "minProperties", "maxProperties",
    ]

    private let root: [String: Any]

    init(_ root: Any) throws { self.root = try #require(root as? [String: Any]) }

    func problems(_ value: Any) throws -> [String] { try problems(value, root, "") }

    private func problems(_ value: Any, _ schema: Any, _ place: String) throws -> [String] {
        if let allowed = schema as? Bool { return allowed ? [] : ["\(place): not allowed"] }
        let schema = try #require(schema as? [String: Any])
        let unknown = Set(schema.keys).subtracting(Self.known)
        guard unknown.isEmpty else { throw Unknown(description: "keywords \(unknown)") }
        var found: [String] = []
        if let reference = schema["$ref"] as? String {
            found += try problems(value, try target(reference), place)
        }
        if let type = schema["type"] {
            let types = type as? [String] ?? [type as? String ?? ""]
            if !types.contains(where: { Self.fits(value, $0) }) {
                found.append("\(place): not of type \(types)")
            }
        }
        if let choices = schema["enum"] as? [String],
            !choices.contains(value as? String ?? "")
        {
            found.append("\(place): none of \(choices)")
        }
        if let pattern = schema["pattern"] as? String, let text = value as? String,
            text.range(of: pattern, options: .regularExpression) == nil
        {
            found.append("\(place): does not match \(pattern)")
        }
        if let least = schema["minimum"] as? Double, let number = value as? Double, number < least {
            found.append("\(place): less than \(least)")
        }
        if let most = schema["maximum"] as? Double, let number = value as? Double, number > most {
            found.append("\(place): more than \(most)")
        }
        found += try alternatives(value, schema, place)
        if let object = value as? [String: Any] { found += try members(object, schema, place) }
        if let list = value as? [Any], let items = schema["items"] {
            for (index, item) in list.enumerated() {
                found += try problems(item, items, "\(place)/\(index)")
            }
        }
        return found
    }

    private func alternatives(
        _ value: Any, _ schema: [String: Any], _ place: String
    ) throws -> [String] {
        for (keyword, isExact) in [("anyOf", false), ("oneOf", true)] {
            guard let choices = schema[keyword] as? [Any] else { continue }
            let results = try choices.map { try problems(value, $0, place) }
            let valid = results.filter(\.isEmpty).count
            if valid == 0 || (isExact && valid > 1) {
                return ["\(place): fits \(valid) of \(keyword)"] + results.flatMap { $0 }
            }
        }
        return []
    }

    private func members(
        _ object: [String: Any], _ schema: [String: Any], _ place: String
    ) throws -> [String] {
        var found: [String] = []
        for name in schema["required"] as? [String] ?? [] where object[name] == nil {
            found.append("\(place): needs \(name)")
        }
        if let least = schema["minProperties"] as? Int, object.count < least {
            found.append("\(place): fewer than \(least) keys")
        }
        if let most = schema["maxProperties"] as? Int, object.count > most {
            found.append("\(place): more than \(most) keys")
        }
        let properties = schema["properties"] as? [String: Any] ?? [:]
        for (name, member) in object {
            if let property = properties[name] {
                found += try problems(member, property, "\(place)/\(name)")
            } else if let others = schema["additionalProperties"] {
                found += try problems(member, others, "\(place)/\(name)")
            }
        }
        return found
    }

    private func target(_ reference: String) throws -> Any {
        var place: Any? = root
        for part in reference.split(separator: "/").dropFirst() {
            place = (place as? [String: Any])?[String(part)]
        }
        return try #require(place, "\(reference) leads nowhere")
    }

    private static func fits(_ value: Any, _ type: String) -> Bool {
        switch type {
        case "object": value is [String: Any]
        case "array": value is [Any]
        case "string": value is String
        case "null": value is NSNull
        case "boolean": value is Bool
        case "integer": value is Int && !(value is Bool)
        case "number": (value is Int || value is Double) && !(value is Bool)
        default: false
        }
    }
}

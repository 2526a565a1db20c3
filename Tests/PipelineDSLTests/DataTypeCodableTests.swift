import Foundation
import PipelineDSL
import Testing

@Suite struct DataTypeCodableTests {
    private static let types: [DataType] = [
        .boolean, .integer, .bigint, .real, .double, .decimal(precision: 38, scale: 0),
        .decimal(precision: 12, scale: 2), .string, .bytes, .date, .time, .timestamp, .interval,
        .uuid, .json, .null, .array(.null), .array(.array(.array(.bigint))),
        .map(.string, .map(.date, .array(.double))), .structure([]), .array(.structure([])),
        .structure([
            Field("id", .bigint, nullable: false), Field("a b", .string), Field("ORDER", .date),
            Field("a\"b", .array(.structure([Field("naïve", .real, nullable: false)]))),
        ]),
    ]

    @Test(arguments: types) func typesSurvive(type: DataType) throws {
        #expect(DataType(type.description) == type)
        let data = try JSONEncoder().encode([type])
        #expect(try JSONDecoder().decode([DataType].self, from: data) == [type])
    }

    @Test(arguments: [
        "", "foo", "decimal(40)", "array<int", "int not null", "int, int", "map<int>",
    ])
    func otherTextIsNoType(text: String) {
        #expect(DataType(text) == nil)
        let json = Data("[\"\(text)\"]".utf8)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([DataType].self, from: json)
        }
    }

    @Test func schemasSurvive() throws {
        let schema = Schema([
            Field("vehicle_id", .string, nullable: false),
            Field("e-mail", .string, pii: "email"),
            Field("tags", .array(.string)),
        ])
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = String(decoding: try encoder.encode(schema), as: UTF8.self)
        #expect(
            text == #"["vehicle_id: string not null",{"field":"\"e-mail\": string","pii":"email"},"#
                + #""tags: array<string>"]"#)
        #expect(try JSONDecoder().decode(Schema.self, from: Data(text.utf8)) == schema)
    }

    @Test func fieldsAreReadWithAndWithoutColon() {
        #expect(Field("a: bigint not null") == Field("a", .bigint, nullable: false))
        #expect(Field("a bigint") == Field("a", .bigint))
        #expect(Field("a") == nil)
        #expect(Field("a: bigint, b: date") == nil)
    }
}

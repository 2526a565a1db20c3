import Foundation
import PipelineDSL
import Runtime
import TestSupport
import Testing

/// nst/JSONTestSuite: what a parser must accept (`y_`), must refuse (`n_`) and may do as it likes
/// with (`i_`), without ever crashing.
@Suite(.disabled(if: SharedFolder.isMissing, "the folder `shared` is missing"))
struct JSONTestSuiteTests {
    /// The members of the archive by name.
    static let files: [String: [UInt8]] = {
        guard let path = try? SharedFolder.path("conformance/JSONTestSuite.tar.gz"),
            let input = try? Compression.open(path)
        else { return [:] }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while let count = try? buffer.withUnsafeMutableBytes({ try input.read(into: $0) }),
            count > 0
        {
            bytes += buffer.prefix(count)
        }
        return tarMembers(bytes).filter { $0.key.contains("test_parsing/") }
    }()

    private static func tarMembers(_ tar: [UInt8]) -> [String: [UInt8]] {
        var members: [String: [UInt8]] = [:]
        var at = 0
        var longName: String?
        func text(_ range: Range<Int>) -> String {
            String(decoding: tar[range].prefix { $0 != 0 }, as: UTF8.self)
        }
        while at + 512 <= tar.count, tar[at] != 0 {
            let size =
                Int(text(at + 124..<at + 136).trimmingCharacters(in: .whitespaces), radix: 8) ?? 0
            let body = at + 512..<min(tar.count, at + 512 + size)
            switch tar[at + 156] {
            case UInt8(ascii: "L"): longName = text(body)
            case UInt8(ascii: "0"), 0:
                members[longName ?? text(at..<at + 100)] = Array(tar[body])
                longName = nil
            default: longName = nil
            }
            at += 512 + (size + 511) / 512 * 512
        }
        return members
    }

    private func files(_ kind: String) -> [(name: String, bytes: [UInt8])] {
        JSONTestSuiteTests.files.compactMap { path, bytes in
            let name = path.split(separator: "/").last.map(String.init) ?? path
            return name.hasPrefix(kind) && name.hasSuffix(".json") ? (name, bytes) : nil
        }.sorted { $0.name < $1.name }
    }

    private func accepts(_ bytes: [UInt8]) -> Bool { (try? JSONValue.parse(bytes)) != nil }

    @Test func theTreeAndTheCheckAgreeWithTheSuite() throws {
        #expect(files("y_").count == 95 && files("n_").count == 188 && files("i_").count == 35)
        for (name, bytes) in files("y_") {
            #expect(accepts(bytes) && JSONText.error(bytes) == nil, "\(name)")
        }
        for (name, bytes) in files("n_") {
            #expect(!accepts(bytes) && JSONText.error(bytes) != nil, "\(name)")
        }
        for (name, bytes) in files("i_") {
            #expect(accepts(bytes) == (JSONText.error(bytes) == nil), "\(name)")
        }
    }

    @Test func treesAreWrittenAsTheyWereRead() throws {
        for (name, bytes) in files("y_") {
            let value = try JSONValue.parse(bytes)
            #expect(try JSONValue.parse(value.text) == value, "\(name)")
        }
    }

    private let fields = [Field("a", .json), Field("b", .json)]

    private func document(_ bytes: [UInt8], _ blockBytes: Int) throws -> ReadResult {
        var options = JSONOptions()
        options.blockBytes = blockBytes
        return try read(
            JSONDocumentReader(
                input: MemoryInput(bytes), object: "o", source: "s", options: options,
                fields: fields))
    }

    @Test func documentsAreReadOrRefused() throws {
        for blockBytes in [1, 7, 1 << 20] {
            for (name, bytes) in files("y_") {
                #expect(throws: Never.self, "\(name)") {
                    let result = try document(bytes, blockBytes)
                    #expect(result.rejected.allSatisfy { $0.contains("not_an_object") }, "\(name)")
                }
            }
            for (name, bytes) in files("n_") {
                let rejected = (try? document(bytes, blockBytes))?.rejected.count ?? 1
                #expect(rejected > 0, "\(name)")
            }
            for (_, bytes) in files("i_") { _ = try? document(bytes, blockBytes) }
        }
    }

    @Test func linesAreReadOrRejected() throws {
        func lines(_ bytes: [UInt8]) throws -> ReadResult {
            try read(
                JSONLinesReader(
                    input: MemoryInput(bytes), object: "o", source: "s", options: JSONOptions(),
                    fields: fields))
        }
        for (name, bytes) in files("y_") where !bytes.contains(0x0A) {
            let result = try lines(bytes)
            #expect(result.rejected.allSatisfy { $0.contains("not_an_object") }, "\(name)")
        }
        // Nothing, or only white space, is no row at all.
        let blank = [
            "n_structure_no_data.json", "n_single_space.json", "n_structure_UTF8_BOM_no_data.json",
        ]
        for (name, bytes) in files("n_") where !blank.contains(name) {
            // What starts like another kind of file is refused as a whole.
            let rejected = (try? lines(bytes))?.rejected.count ?? 1
            #expect(rejected > 0, "\(name)")
        }
        for (_, bytes) in files("i_") { _ = try? lines(bytes) }
    }
}

import Foundation
import PipelineDSL
import TestSupport
import Testing

@Suite(.enabled(if: !SharedFolder.isMissing, "the folder `shared` is not there"))
struct YAMLSuiteTests {
    private let files: Int
    private let cases: [YAMLSuiteCase]

    init() throws { (files, cases) = try YAMLSuite.load() }

    @Test func allFilesAreRead() {
        #expect(files == 351)
        #expect(cases.count == 402)
        #expect(YAMLDeviations.all.flatMap(\.cases).count == 72)
    }

    @Test func eventsAreThoseOfTheSuiteExceptWhereLibyamlDeviates() {
        for test in cases {
            let (outcome, found) = deviation(test)
            let listed = YAMLDeviations.outcome(of: test.id)
            #expect(outcome == listed, "\(test.id) \(test.name): \(found)")
        }
    }

    private func deviation(_ test: YAMLSuiteCase) -> (YAMLDeviations.Outcome?, String) {
        let (events, failure) = YAMLEvents.all(Array(test.yaml.utf8))
        if let failure { return (test.mustFail ? nil : .rejected, failure.problem) }
        let tree = events.map(\.suiteText).joined(separator: "\n")
        if test.mustFail { return (.accepted, tree) }
        return (tree == test.tree ? nil : .otherEvents, tree)
    }

    /// The tree of every case that libyaml reads as the suite says, against the suite's JSON.
    @Test func treesHaveTheValuesOfTheSuite() throws {
        var compared = 0
        for test in cases where YAMLDeviations.outcome(of: test.id) == nil {
            guard let json = test.json, !test.mustFail, !test.yaml.utf8.isEmpty else { continue }
            let (documents, diagnostics) = YAMLReader.documents(Array(test.yaml.utf8), file: "t")
            #expect(diagnostics.isEmpty, "\(test.id) \(diagnostics)")
            let expected = try JSONTexts.values(json)
            #expect(documents.count == expected.count, "\(test.id)")
            for (document, value) in zip(documents, expected) {
                #expect(JSONTexts.isSame(document, value), "\(test.id) \(document) \(value)")
            }
            compared += 1
        }
        #expect(compared > 200)
    }

    /// Every scalar of the suite is decoded a second time exactly, so the map is never a fallback.
    @Test func everyByteOfEveryScalarIsMapped() {
        for test in cases {
            let bytes = Array(test.yaml.utf8)
            for document in YAMLReader.documents(bytes, file: "t").documents {
                SpanChecks.check(document, bytes, exact: true, "\(test.id)")
            }
        }
    }
}

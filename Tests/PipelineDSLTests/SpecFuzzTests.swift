import Foundation
import PipelineDSL
import TestSupport
import Testing

/// Mutations of a real spec and bytes at random: whatever comes, the reader answers, its spans are
/// inside the file, and every renderer can show what it found. The seed is fixed, so a failure
/// comes again.
@Suite struct SpecFuzzTests {
    @Test func mutationsOfASpec() {
        var random = SplitMix(seed: 2026)
        let model = Array(SpecReaderTests.model.utf8)
        TestRun.fuzz(rounds: 500) { round in
            var bytes = model
            for _ in 0...random.below(6) { mutate(&bytes, &random) }
            check(bytes, "mutation \(round)")
        }
    }

    @Test func bytesAtRandom() {
        var random = SplitMix(seed: 7)
        let signs = Array("ab:-[]{},'\"|>&*!#% \t\n\r?<$${}\\0é日".utf8)
        TestRun.fuzz(rounds: 500) { round in
            let isText = random.below(3) > 0
            let bytes = (0..<random.below(200)).map { _ in
                isText ? signs[random.below(signs.count)] : UInt8(random.below(256))
            }
            check(bytes, "bytes \(round)")
        }
    }

    private func check(_ bytes: [UInt8], _ comment: Comment) {
        let (root, _) = YAMLReader.read(bytes, file: "f")
        if let root, bytes.count < 400 { SpanChecks.check(root, bytes, comment) }
        let (_, diagnostics) = SpecReader.read(file: "f", bytes: bytes)
        let lines = SourceLines(file: "f", bytes: bytes)
        for diagnostic in diagnostics {
            let spans =
                [diagnostic.primary?.span, diagnostic.fix?.span].compactMap { $0 }
                + diagnostic.secondary.map(\.span)
            for span in spans {
                let isInside =
                    span.start.offset >= 0 && span.start.offset <= span.end.offset
                    && span.end.offset <= bytes.count
                #expect(isInside, "\(comment) \(diagnostic)")
                // The place of a whole file stands before its byte order mark.
                let isStart = span.start.offset == 0
                #expect(isStart || lines.position(span.start.offset) == span.start, comment)
            }
        }
        let text = String(decoding: bytes, as: UTF8.self)
        let shown = TerminalRenderer(isColored: true) { _ in text }.render(diagnostics)
        #expect(shown.isEmpty == diagnostics.isEmpty)
        #expect(!JSONRenderer.render(diagnostics).isEmpty)
        #expect(GitHubRenderer.render(diagnostics).isEmpty == diagnostics.isEmpty)
    }

    private func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix) {
        guard bytes.count > 2 else { return }
        let at = random.below(bytes.count)
        let end = min(bytes.count, at + 1 + random.below(20))
        switch random.below(7) {
        case 0: bytes[at] = UInt8(random.below(256))
        case 1: bytes.removeSubrange(at..<end)
        case 2: bytes.insert(contentsOf: bytes[at..<end], at: random.below(bytes.count))
        case 3: bytes.insert(Array("[]{}:'\"|>&*\t- #,\n".utf8)[random.below(17)], at: at)
        case 4: bytes.removeSubrange(at...)
        case 5: bytes.insert(contentsOf: Array("<<: *x\n".utf8), at: at)
        default: bytes.swapAt(at, random.below(bytes.count))
        }
    }
}

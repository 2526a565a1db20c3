import Testing

import Runtime

@Suite struct StringViewTests {
    @Test func bytesSurviveAtEveryLength() {
        for n in 0..<40 {
            let text = String("abcdefghijklmnopqrstuvwxyz0123456789ABCD".prefix(n))
            let strings = Strings([text, text + "x", text])
            #expect(strings.string(0) == text)
            #expect(
                StringView.equal(strings.views[0], strings.blocks, strings.views[2], strings.blocks)
            )
            #expect(
                !StringView.equal(
                    strings.views[0], strings.blocks, strings.views[1], strings.blocks))
            #expect(
                StringView.compare(
                    strings.views[0], strings.blocks, strings.views[1], strings.blocks) < 0)
        }
    }
}

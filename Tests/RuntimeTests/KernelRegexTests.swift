import Foundation
import TestSupport
import Testing

import Runtime

@Suite struct KernelRegexTests {
    /// Random patterns and texts of a small alphabet, compared with the platform's own engine.
    @Test func agreesWithABacktrackingMatcher() throws {
        var random = SplitMix(seed: 17)
        var compared = 0
        for _ in 0..<3000 {
            let pattern = Self.pattern(&random, depth: 3)
            guard let reference = try? NSRegularExpression(pattern: pattern),
                let expression = try? RegularExpression(pattern, options: "")
            else { continue }
            let matcher = RegexMatcher(expression)
            for _ in 0..<4 {
                let text = (0..<Int.random(in: 0..<9, using: &random)).map { _ in
                    ["a", "b", "c", " ", "é"].randomElement(using: &random) ?? "a"
                }.joined()
                compared += 1
                #expect(
                    matches(matcher, text) == referenceMatches(reference, text),
                    "pattern \(pattern), text '\(text)'")
            }
        }
        #expect(compared > 5000)
    }

    private func matches(_ matcher: RegexMatcher, _ text: String) -> [[String]] {
        var found: [[String]] = []
        var text = text
        text.withUTF8 { bytes in
            guard let p = bytes.baseAddress else { return }
            let any = matcher.matches(p, bytes.count)
            matcher.forEachMatch(p, bytes.count) { slots in
                found.append(
                    stride(from: 0, to: slots.count, by: 2).map { i in
                        slots[i] < 0
                            ? "-" : String(decoding: bytes[slots[i]..<slots[i + 1]], as: UTF8.self)
                    })
                return true
            }
            #expect(any == !found.isEmpty)
        }
        return found
    }

    private func referenceMatches(_ reference: NSRegularExpression, _ text: String) -> [[String]] {
        let whole = NSRange(text.startIndex..., in: text)
        return reference.matches(in: text, range: whole).map { match in
            (0..<match.numberOfRanges).map { group in
                Range(match.range(at: group), in: text).map { String(text[$0]) } ?? "-"
            }
        }
    }

    /// Without nested repetitions of what may be empty, where engines differ in what a group keeps.
    private static func pattern(_ random: inout SplitMix, depth: Int) -> String {
        let atoms = ["a", "b", "c", ".", "[ab]", "[^a]", "\\w", "\\s", "é", "\\b", "^", "$"]
        func atom() -> String { atoms[Int.random(in: 0..<atoms.count, using: &random)] }
        func repeated(_ text: String) -> String {
            let suffixes = ["", "", "*", "+", "?", "*?", "+?", "{1,2}", "{2}"]
            return text + suffixes[Int.random(in: 0..<suffixes.count, using: &random)]
        }
        let parts = (0..<Int.random(in: 1...3, using: &random)).map { _ -> String in
            switch Int.random(in: 0..<6, using: &random) {
            case 0 where depth > 0: return "(" + pattern(&random, depth: depth - 1) + ")"
            case 1 where depth > 0:
                return "(?:" + pattern(&random, depth: depth - 1) + "|"
                    + pattern(&random, depth: depth - 1) + ")"
            default:
                let one = atom()
                return ["\\b", "^", "$"].contains(one) ? one : repeated(one)
            }
        }
        return parts.joined()
    }

    @Test(arguments: [
        "^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "(.*a){12}$", "(a?){30}a{30}$", "([a-z]+)*x",
        "(x+x+)+y",
    ])
    func timeIsLinear(_ pattern: String) throws {
        let expression = try RegularExpression(pattern)
        let text = String(repeating: "a", count: 20_000) + "!"
        let matcher = RegexMatcher(expression)
        let started = ContinuousClock.now
        _ = matches(matcher, String(text.prefix(2000)))
        var copy = text
        copy.withUTF8 { bytes in
            if let p = bytes.baseAddress { #expect(!matcher.matches(p, bytes.count)) }
        }
        #expect(ContinuousClock.now - started < .seconds(60))
    }

    @Test func theStateCacheIsBounded() throws {
        // Each of many characters is a class of its own, each prefix a state.
        let expression = try RegularExpression("(a|b)*a(a|b){14}$")
        let matcher = RegexMatcher(expression)
        var random = SplitMix(seed: 1)
        let text = (0..<30_000).map { _ in Bool.random(using: &random) ? "a" : "b" }.joined() + "c"
        #expect(matches(matcher, text).isEmpty)
    }

    @Test func malformedPatternsSayWhy() {
        let problems = [
            "(": "never closed", ")": "no opening", "[a": "never closed", "a**": "repeated",
            "+": "nothing to repeat", "a{3,2}": "wrong way", "(?<=a)b": "look-behind",
            "(?!a)": "look-ahead", "\\1": "back-references", "\\": "lone backslash",
            "\\q": "not an escape",
            "[[:foo:]]": "not a class", "\\p{Foo}": "general category", "\\x{110000}": "malformed",
            "a++": "possessive",
            String(repeating: "(", count: 150) + String(repeating: ")", count: 150): "nests",
            "((a{500}){500}){500}": "too large",
        ]
        for (pattern, words) in problems {
            let problem = RegularExpression.problem(in: pattern) ?? "none"
            #expect(problem.contains(words), "\(pattern): \(problem)")
        }
        #expect(RegularExpression.problem(in: "^[a-z]+(\\d{2,3}|x)?$") == nil)
    }

    @Test func noPatternTraps() {
        var random = SplitMix(seed: 23)
        let pieces = Array("ab()[]{}*+?|^$\\.-,:=!<>1239PpdDwWsSbBxu é\u{0}").map(String.init)
        for _ in 0..<20_000 {
            let pattern = (0..<Int.random(in: 0..<12, using: &random)).map { _ in
                pieces[Int.random(in: 0..<pieces.count, using: &random)]
            }.joined()
            guard let expression = try? RegularExpression(pattern) else { continue }
            _ = matches(RegexMatcher(expression), "ab 12-é")
        }
    }
}

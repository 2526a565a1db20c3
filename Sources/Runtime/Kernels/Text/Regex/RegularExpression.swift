/// A compiled pattern: immutable, shared by all workers. Matching takes time linear in the text,
/// whatever the pattern: there is no backtracking.
package struct RegularExpression: Sendable {
    private let program: RegexProgram
    let options: RegexOptions
    /// Groups of the pattern, without the whole match.
    let groupCount: Int

    /// - Parameter options: letters, as in the last argument of `regexp_replace`.
    package init(_ pattern: String, options letters: String = "") throws(RegexProblem) {
        options = try RegexOptions(letters)
        var parser = RegexParser(pattern, options: options)
        let node = try parser.parse()
        groupCount = parser.captureCount
        program = try RegexProgram(node, captureCount: parser.captureCount)
    }

    /// What is wrong with a pattern, or `nil`: for the checker, which refuses a bad constant one.
    package static func problem(in pattern: String) -> String? {
        do throws(RegexProblem) {
            _ = try RegularExpression(pattern)
            return nil
        } catch {
            return error.reason
        }
    }

    func automaton() -> RegexAutomaton { RegexAutomaton(program) }
    func machine() -> RegexMachine { RegexMachine(program) }
}

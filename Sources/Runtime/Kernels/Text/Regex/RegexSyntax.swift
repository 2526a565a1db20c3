/// A parsed regular expression.
indirect enum RegexNode: Sendable {
    case empty
    case set(CharacterSet)
    case assertion(RegexAssertion)
    case sequence([RegexNode])
    /// The first that leads to a match wins.
    case alternatives([RegexNode])
    /// `maximum` is `nil` for no bound.
    case repetition(RegexNode, minimum: Int, maximum: Int?, isLazy: Bool)
    /// Group `number` from 1.
    case capture(RegexNode, number: Int)
}

enum RegexAssertion: UInt8, Sendable {
    case textStart, textEnd, lineStart, lineEnd, wordBoundary, notWordBoundary, wordStart, wordEnd
}

/// Why a pattern cannot be used.
package struct RegexProblem: Error, Hashable, Sendable {
    /// Half a sentence: "it has an opening parenthesis that is never closed".
    package let reason: String
    /// In Unicode scalars from the start of the pattern.
    package let offset: Int
}

/// Options that may stand in front of a pattern (`(?i)`) or in an argument.
struct RegexOptions: Sendable, Hashable {
    var ignoresCase = false
    /// `.` matches a line end, too. On by default, as in PostgreSQL.
    var dotMatchesNewline = true
    /// `^` and `$` match at lines.
    var isMultiline = false
    /// All matches, not the first only; for the function, not for the pattern.
    var isGlobal = false

    init() {}

    init(_ letters: String) throws(RegexProblem) {
        for (offset, letter) in letters.unicodeScalars.enumerated() {
            guard set(letter, to: true) else {
                throw RegexProblem(
                    reason: "`\(letter)` is not an option; `i`, `s`, `m`, `n`, `c` and `g` are",
                    offset: offset)
            }
        }
    }

    /// `false` where there is no such option.
    mutating func set(_ letter: Unicode.Scalar, to value: Bool) -> Bool {
        switch letter {
        case "i": ignoresCase = value
        case "c": ignoresCase = !value
        case "s": dotMatchesNewline = value
        case "m", "n":
            isMultiline = value
            if value { dotMatchesNewline = false }
        case "g": isGlobal = value
        default: return false
        }
        return true
    }
}

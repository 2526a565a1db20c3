/// A lexical token: a kind and a range of UTF-8 offsets of the decoded text.
package struct Token: Hashable, Sendable {
    package enum Kind: UInt8, Hashable, Sendable {
        // Names and literals
        case word, quotedName
        case string, escapeString, dollarString, bytes
        case integer, hexInteger, decimal, double
        case parameter
        // Punctuation
        case leftParenthesis, rightParenthesis, leftBracket, rightBracket, leftBrace, rightBrace
        case comma, dot, semicolon, colon, doubleColon, assign, fatArrow
        // Operators
        case plus, minus, star, slash, percent, caret, concatenate
        case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
        case bitAnd, bitOr, shiftLeft, shiftRight, arrow, doubleArrow
        case tilde, tildeStar, bangTilde, bangTildeStar
        // Operators of other languages, which get a message of their own
        case doubleEqual, doubleAmpersand, doubleSlash, doubleStar, spaceship, bang
        /// Already reported by the lexer.
        case invalid
        case endOfText
    }

    package var kind: Kind
    /// Only on a `.word`.
    package var keyword: Keyword?
    package var start: Int32
    package var end: Int32

    package init(_ kind: Kind, keyword: Keyword? = nil, start: Int, end: Int) {
        self.kind = kind
        self.keyword = keyword
        self.start = Int32(clamping: start)
        self.end = Int32(clamping: end)
    }

    package var range: Range<Int> { Int(start)..<Int(max(start, end)) }
}

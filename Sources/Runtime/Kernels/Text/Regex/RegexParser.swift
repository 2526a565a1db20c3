/// Parses the common part of POSIX extended and Perl syntax. Recursion is as deep as groups nest,
/// which is bounded.
struct RegexParser {
    private let scalars: [Unicode.Scalar]
    private var i = 0
    private var depth = 0
    private(set) var captureCount = 0
    private var options: RegexOptions

    private static let maxDepth = 100
    private static let maxLength = 10_000
    static let maxRepeat = 1000

    init(_ pattern: String, options: RegexOptions) {
        scalars = Array(pattern.unicodeScalars)
        self.options = options
    }

    mutating func parse() throws(RegexProblem) -> RegexNode {
        guard scalars.count <= RegexParser.maxLength else {
            throw problem("it is longer than \(RegexParser.maxLength) characters", at: 0)
        }
        let node = try alternatives()
        if i < scalars.count { throw problem("`)` has no opening parenthesis") }
        return node
    }

    private func problem(_ reason: String, at offset: Int? = nil) -> RegexProblem {
        RegexProblem(reason: reason, offset: offset ?? i)
    }

    private var next: Unicode.Scalar? { i < scalars.count ? scalars[i] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        i += 1
        return true
    }

    private mutating func alternatives() throws(RegexProblem) -> RegexNode {
        // Options set inside a group end with it.
        let outer = options
        defer { options = outer }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence() throws(RegexProblem) -> RegexNode {
        var parts: [RegexNode] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            let start = i
            guard let part = try atom() else { continue }
            parts.append(try quantified(part, from: start))
        }
        return parts.count == 1 ? parts[0] : parts.isEmpty ? .empty : .sequence(parts)
    }

    /// `nil` for what matches nothing by itself: `(?i)`.
    private mutating func atom() throws(RegexProblem) -> RegexNode? {
        let start = i
        let scalar = scalars[i]
        i += 1
        switch scalar {
        case "(": return try group(from: start)
        case "[": return .set(try bracket(from: start))
        case ".": return .set(.any(newline: options.dotMatchesNewline))
        case "^": return .assertion(options.isMultiline ? .lineStart : .textStart)
        case "$": return .assertion(options.isMultiline ? .lineEnd : .textEnd)
        case "\\": return try escape(from: start)
        case "*", "+", "?": throw problem("`\(scalar)` has nothing to repeat", at: start)
        case "{" where count() != nil:
            throw problem("`{` has nothing to repeat", at: start)
        default: return .set(CharacterSet(scalar, ignoresCase: options.ignoresCase))
        }
    }

    private mutating func quantified(
        _ node: RegexNode, from start: Int
    ) throws(RegexProblem) -> RegexNode {
        var node = node
        var isQuantified = false
        while let (minimum, maximum) = try quantifier() {
            if isQuantified { throw problem("a repetition is repeated; put it into a group") }
            isQuantified = true
            if let maximum, maximum < minimum {
                throw problem("a repetition has its bounds the wrong way round", at: start)
            }
            if max(minimum, maximum ?? 0) > RegexParser.maxRepeat {
                throw problem("it repeats more than \(RegexParser.maxRepeat) times", at: start)
            }
            let isLazy = take("?")
            if next == "+" { throw problem("possessive repetition (`++`) is not supported") }
            node = .repetition(node, minimum: minimum, maximum: maximum, isLazy: isLazy)
        }
        return node
    }

    private mutating func quantifier() throws(RegexProblem) -> (Int, Int?)? {
        switch next {
        case "*":
            i += 1
            return (0, nil)
        case "+":
            i += 1
            return (1, nil)
        case "?":
            i += 1
            return (0, 1)
        case "{":
            i += 1
            if let bounds = count() { return bounds }
            // A brace that starts no count is itself.
            i -= 1
            return nil
        default: return nil
        }
    }

    /// `m}`, `m,}`, `m,n}` or `,n}` after the brace; takes nothing where it is none.
    private mutating func count() -> (Int, Int?)? {
        let start = i
        let minimum = number()
        var maximum = minimum
        if take(",") {
            maximum = number()
        } else if minimum == nil {
            i = start
            return nil
        }
        guard take("}"), minimum != nil || maximum != nil else {
            i = start
            return nil
        }
        return (minimum ?? 0, maximum)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let scalar = next, scalar.value &- 0x30 < 10 {
            value = min((value ?? 0) * 10 + Int(scalar.value - 0x30), 1_000_000)
            i += 1
        }
        return value
    }

    // MARK: Groups

    private mutating func group(from start: Int) throws(RegexProblem) -> RegexNode? {
        depth += 1
        defer { depth -= 1 }
        guard depth <= RegexParser.maxDepth else {
            throw problem("it nests more than \(RegexParser.maxDepth) groups", at: start)
        }
        guard take("?") else {
            captureCount += 1
            let number = captureCount
            let node = try alternatives()
            try close(start)
            return .capture(node, number: number)
        }
        switch next {
        case ":":
            i += 1
            let node = try alternatives()
            try close(start)
            return node
        case "=", "!": throw problem("look-ahead is not supported", at: start)
        case ">": throw problem("atomic groups are not supported", at: start)
        case "<", "P":
            return try namedGroup(from: start)
        default: return try optionGroup(from: start)
        }
    }

    private mutating func close(_ start: Int) throws(RegexProblem) {
        guard take(")") else {
            throw problem("it has an opening parenthesis that is never closed", at: start)
        }
    }

    /// `(?<name>…)`, `(?P<name>…)`: a group like any other; names are not used.
    private mutating func namedGroup(from start: Int) throws(RegexProblem) -> RegexNode {
        _ = take("P")
        guard take("<"), next != "=", next != "!" else {
            throw problem("look-behind is not supported", at: start)
        }
        while let scalar = next, CharacterSet.isWord(scalar.value) { i += 1 }
        guard take(">") else { throw problem("a group's name is not closed", at: start) }
        captureCount += 1
        let number = captureCount
        let node = try alternatives()
        try close(start)
        return .capture(node, number: number)
    }

    /// `(?i)`, `(?s-i)`, `(?i:…)`
    private mutating func optionGroup(from start: Int) throws(RegexProblem) -> RegexNode? {
        var changed = options
        var value = true
        while let scalar = next, scalar != ")", scalar != ":" {
            i += 1
            if scalar == "-" {
                value = false
            } else if scalar == "g" || !changed.set(scalar, to: value) {
                throw problem("`(?\(scalar)` is not supported", at: start)
            }
        }
        if take(":") {
            let outer = options
            options = changed
            let node = try alternatives()
            options = outer
            try close(start)
            return node
        }
        try close(start)
        options = changed
        return nil
    }

    // MARK: Escapes

    private mutating func escape(from start: Int) throws(RegexProblem) -> RegexNode {
        guard let scalar = next else { throw problem("it ends with a lone backslash", at: start) }
        i += 1
        switch scalar {
        case "b", "y": return .assertion(.wordBoundary)
        case "B", "Y": return .assertion(.notWordBoundary)
        case "m", "<": return .assertion(.wordStart)
        case "M", ">": return .assertion(.wordEnd)
        case "A": return .assertion(.textStart)
        case "z", "Z": return .assertion(.textEnd)
        case "1"..."9": throw problem("back-references are not supported", at: start)
        default: break
        }
        var set = CharacterSet()
        if try insertClass(scalar, into: &set, from: start) { return .set(set.sealed()) }
        return .set(
            CharacterSet(try character(scalar, from: start), ignoresCase: options.ignoresCase))
    }

    /// `\d`, `\W`, `\p{Lu}` and the like; `false` where the letter is none of them.
    private mutating func insertClass(
        _ letter: Unicode.Scalar, into set: inout CharacterSet, from start: Int
    ) throws(RegexProblem) -> Bool {
        switch letter {
        case "d": set.insert(0x30...0x39)
        case "D":
            set.insert(0...0x2F)
            set.insert(0x3A...0x10FFFF)
        case "w": set.insert(.word)
        case "W": set.insert(.word, negated: true)
        case "s": set.insert(.space)
        case "S": set.insert(.space, negated: true)
        case "p", "P": try insertProperty(into: &set, negated: letter == "P", from: start)
        default: return false
        }
        return true
    }

    private mutating func insertProperty(
        into set: inout CharacterSet, negated: Bool, from start: Int
    ) throws(RegexProblem) {
        var name = ""
        if take("{") {
            while let scalar = next, scalar != "}" {
                name.unicodeScalars.append(scalar)
                i += 1
            }
            guard take("}") else { throw problem("`\\p{` is not closed", at: start) }
        } else if let scalar = next {
            name = String(scalar)
            i += 1
        }
        let majors: [String: CharacterSet.Property] = [
            "L": .letter, "N": .number, "P": .punctuation, "S": .symbol,
        ]
        if let property = majors[name] {
            set.insert(property, negated: negated)
        } else if CharacterSet.isCategory(name) {
            set.insert(.category(name), negated: negated)
        } else {
            throw problem("`\(name)` is not a general category of Unicode", at: start)
        }
    }

    /// The character that an escape stands for.
    private mutating func character(
        _ letter: Unicode.Scalar, from start: Int
    ) throws(RegexProblem) -> Unicode.Scalar {
        switch letter {
        case "n": return "\n"
        case "t": return "\t"
        case "r": return "\r"
        case "f": return "\u{0C}"
        case "v": return "\u{0B}"
        case "a": return "\u{07}"
        case "e": return "\u{1B}"
        case "0": return "\0"
        case "x":
            if take("{") {
                let scalar = try hexadecimal(1...6, from: start)
                guard take("}") else { throw problem("`\\x{` is not closed", at: start) }
                return scalar
            }
            return try hexadecimal(2...2, from: start)
        case "u": return try hexadecimal(4...4, from: start)
        case "U": return try hexadecimal(8...8, from: start)
        default:
            let isLetter = (letter.value | 0x20) &- 0x61 < 26 || letter.value &- 0x30 < 10
            if isLetter { throw problem("`\\\(letter)` is not an escape", at: start) }
            return letter
        }
    }

    private mutating func hexadecimal(
        _ digits: ClosedRange<Int>, from start: Int
    ) throws(RegexProblem) -> Unicode.Scalar {
        var text = ""
        while text.count < digits.upperBound, let scalar = next, scalar.properties.isASCIIHexDigit {
            text.unicodeScalars.append(scalar)
            i += 1
        }
        guard digits.contains(text.count), let value = UInt32(text, radix: 16),
            let scalar = Unicode.Scalar(value)
        else { throw problem("a character's hexadecimal number is malformed", at: start) }
        return scalar
    }

    // MARK: Brackets

    private mutating func bracket(from start: Int) throws(RegexProblem) -> CharacterSet {
        var set = CharacterSet()
        let isNegated = take("^")
        var isFirst = true
        while true {
            guard let scalar = next else {
                throw problem("it has an opening bracket that is never closed", at: start)
            }
            i += 1
            if scalar == "]", !isFirst { break }
            isFirst = false
            if scalar == "[", next == ":" {
                try posixClass(into: &set, from: i - 1)
                continue
            }
            if scalar == "\\" {
                let at = i - 1
                guard let letter = next else {
                    throw problem("it ends with a lone backslash", at: at)
                }
                i += 1
                if try insertClass(letter, into: &set, from: at) { continue }
                // Inside brackets it is the backspace, outside a word's bound.
                let low = try letter == "b" ? "\u{08}" : character(letter, from: at)
                try insertRange(from: low, into: &set)
                continue
            }
            try insertRange(from: scalar, into: &set)
        }
        if options.ignoresCase { set.ignoreCase() }
        if isNegated { set.negate() }
        return set.sealed()
    }

    /// `low`, or `low-high` where a hyphen and a character follow.
    private mutating func insertRange(
        from low: Unicode.Scalar, into set: inout CharacterSet
    ) throws(RegexProblem) {
        guard next == "-", i + 1 < scalars.count, scalars[i + 1] != "]" else {
            return set.insert(low.value...low.value)
        }
        let start = i - 1
        i += 1
        var high = scalars[i]
        i += 1
        if high == "\\" {
            guard let letter = next else { throw problem("it ends with a lone backslash") }
            i += 1
            high = try character(letter, from: start)
        }
        guard low.value <= high.value else {
            throw problem("the range `\(low)-\(high)` is the wrong way round", at: start)
        }
        set.insert(low.value...high.value)
    }

    /// `[:alpha:]`, inside brackets.
    private mutating func posixClass(
        into set: inout CharacterSet, from start: Int
    ) throws(RegexProblem) {
        i += 1
        let isNegated = take("^")
        var name = ""
        while let scalar = next, scalar != ":" {
            name.unicodeScalars.append(scalar)
            i += 1
        }
        guard take(":"), take("]") else { throw problem("`[:` is not closed", at: start) }
        var ranges: [ClosedRange<UInt32>] = []
        var properties: [CharacterSet.Property] = []
        switch name {
        case "alpha": properties = [.letter]
        case "digit": ranges = [0x30...0x39]
        case "alnum":
            properties = [.letter]
            ranges = [0x30...0x39]
        case "upper": properties = [.upper]
        case "lower": properties = [.lower]
        case "space": properties = [.space]
        case "blank": ranges = [0x20...0x20, 0x09...0x09]
        case "punct": properties = [.punctuation, .symbol]
        case "cntrl": properties = [.control]
        case "xdigit": ranges = [0x30...0x39, 0x41...0x46, 0x61...0x66]
        case "word": properties = [.word]
        case "graph": ranges = [0x21...0x7E, 0xA1...0x10FFFF]
        case "print": ranges = [0x20...0x7E, 0xA0...0x10FFFF]
        case "ascii": ranges = [0...0x7F]
        default: throw problem("`[:\(name):]` is not a class", at: start)
        }
        guard !isNegated else {
            throw problem("`[:^\(name):]` is not supported; write `[^[:\(name):]]`", at: start)
        }
        for range in ranges { set.insert(range) }
        for property in properties { set.insert(property) }
    }
}

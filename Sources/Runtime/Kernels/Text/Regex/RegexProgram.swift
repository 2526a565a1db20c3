/// A pattern as instructions of a non-deterministic machine (Thompson's construction; see Russ Cox,
/// "Regular Expression Matching: the Virtual Machine Approach").
struct RegexProgram: Sendable {
    enum Instruction: Sendable {
        /// One character of set number `set`, then the next instruction.
        case set(Int)
        /// Both ways; the first is preferred.
        case split(Int, Int)
        case jump(Int)
        /// Stores the position in a slot: 2n and 2n + 1 are the bounds of group n.
        case save(Int)
        case assertion(RegexAssertion)
        case match
    }

    private(set) var instructions: [Instruction] = []
    private(set) var sets: [CharacterSet] = []
    private var setNumbers: [CharacterSet: Int] = [:]
    /// The whole match and the groups.
    let slotCount: Int
    private(set) var hasAssertions = false
    /// A match can only start at the start of the text.
    private(set) var isAnchored = false

    private static let maxInstructions = 20_000

    init(_ node: RegexNode, captureCount: Int) throws(RegexProblem) {
        slotCount = 2 * (captureCount + 1)
        try emit(.save(0))
        try add(node)
        try emit(.save(1))
        try emit(.match)
        if case .assertion(.textStart)? = instructions.dropFirst().first { isAnchored = true }
        setNumbers = [:]
    }

    private mutating func emit(_ instruction: Instruction) throws(RegexProblem) {
        guard instructions.count < RegexProgram.maxInstructions else {
            throw RegexProblem(
                reason: "its repetitions make it too large; use smaller counts", offset: 0)
        }
        instructions.append(instruction)
    }

    private mutating func add(_ node: RegexNode) throws(RegexProblem) {
        switch node {
        case .empty: break
        case .set(let set): try emit(.set(number(of: set)))
        case .assertion(let assertion):
            hasAssertions = true
            try emit(.assertion(assertion))
        case .sequence(let parts): for part in parts { try add(part) }
        case .capture(let inner, let number):
            try emit(.save(2 * number))
            try add(inner)
            try emit(.save(2 * number + 1))
        case .alternatives(let branches): try addAlternatives(branches)
        case .repetition(let inner, let minimum, let maximum, let isLazy):
            for _ in 0..<minimum { try add(inner) }
            if let maximum {
                try addOptional(inner, count: maximum - minimum, isLazy)
            } else {
                try addLoop(inner, isLazy)
            }
        }
    }

    private mutating func number(of set: CharacterSet) -> Int {
        if let known = setNumbers[set] { return known }
        setNumbers[set] = sets.count
        sets.append(set)
        return sets.count - 1
    }

    private mutating func addAlternatives(_ branches: [RegexNode]) throws(RegexProblem) {
        var ends: [Int] = []
        for (index, branch) in branches.enumerated() {
            if index == branches.count - 1 {
                try add(branch)
                break
            }
            let split = instructions.count
            try emit(.jump(0))
            try add(branch)
            ends.append(instructions.count)
            try emit(.jump(0))
            instructions[split] = .split(split + 1, instructions.count)
        }
        for end in ends { instructions[end] = .jump(instructions.count) }
    }

    private mutating func addOptional(
        _ node: RegexNode, count: Int, _ isLazy: Bool
    ) throws(RegexProblem) {
        var splits: [Int] = []
        for _ in 0..<count {
            splits.append(instructions.count)
            try emit(.jump(0))
            try add(node)
        }
        let end = instructions.count
        for split in splits { instructions[split] = way(split + 1, end, isLazy) }
    }

    private mutating func addLoop(_ node: RegexNode, _ isLazy: Bool) throws(RegexProblem) {
        let split = instructions.count
        try emit(.jump(0))
        try add(node)
        try emit(.jump(split))
        instructions[split] = way(split + 1, instructions.count, isLazy)
    }

    private func way(_ on: Int, _ out: Int, _ isLazy: Bool) -> Instruction {
        isLazy ? .split(out, on) : .split(on, out)
    }
}

/// What stands around a position, for assertions.
struct RegexContext {
    var isTextStart: Bool
    var isTextEnd: Bool
    var isAfterNewline: Bool
    var isBeforeNewline: Bool
    var isAfterWord: Bool
    var isBeforeWord: Bool

    @inline(__always)
    func holds(_ assertion: RegexAssertion) -> Bool {
        switch assertion {
        case .textStart: isTextStart
        case .textEnd: isTextEnd
        case .lineStart: isTextStart || isAfterNewline
        case .lineEnd: isTextEnd || isBeforeNewline
        case .wordBoundary: isAfterWord != isBeforeWord
        case .notWordBoundary: isAfterWord == isBeforeWord
        case .wordStart: !isAfterWord && isBeforeWord
        case .wordEnd: isAfterWord && !isBeforeWord
        }
    }
}

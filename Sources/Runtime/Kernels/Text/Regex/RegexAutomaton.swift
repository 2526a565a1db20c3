/// Answers only whether there is a match: a deterministic automaton whose states are made when they
/// are first needed, one table look-up a character.
///
/// Characters that no set of the pattern tells apart are one class. Assertions are resolved when the
/// next character is known, so a state also knows what came before it. The cache is bounded: when
/// it is full it starts anew, and time stays linear.
struct RegexAutomaton {
    private let program: RegexProgram

    private struct State: Hashable {
        var instructions: [Int32]
        var isTextStart: Bool
        var isAfterNewline: Bool
        var isAfterWord: Bool
    }

    /// What ``sets`` say of a character, and what assertions ask of it.
    private struct Signature: Hashable {
        var bits: [UInt64]
        var isNewline: Bool
        var isWord: Bool
    }

    private var states: [State] = []
    private var numbers: [State: Int32] = [:]
    /// State × class → state; `unknown` where not made yet.
    private var transitions: [Int32] = []
    private var asciiClasses: [Int32] = []
    private var otherClasses: [UInt32: Int32] = [:]
    private var signatures: [Signature] = []
    private var classNumbers: [Signature: Int32] = [:]
    private var seen: [Int]
    private var round = 0

    private static let unknown: Int32 = -1
    private static let dead: Int32 = -2
    private static let matched: Int32 = -3
    private static let maxStates = 1000
    /// Classes whose transitions are remembered.
    private static let maxClasses = 256
    private static let keptSignatures = 4096
    /// Class 0 is the end of the text.
    private static let endClass: Int32 = 0

    init(_ program: RegexProgram) {
        self.program = program
        seen = [Int](repeating: 0, count: program.instructions.count)
        let none = [UInt64](repeating: 0, count: (program.sets.count + 63) / 64)
        signatures = [Signature(bits: none, isNewline: false, isWord: false)]
        for value in UInt32(0)..<128 { asciiClasses.append(classNumber(value)) }
        reset()
    }

    private mutating func reset() {
        states.removeAll(keepingCapacity: true)
        numbers.removeAll(keepingCapacity: true)
        transitions.removeAll(keepingCapacity: true)
        _ = number(
            of: State(
                instructions: [0], isTextStart: true, isAfterNewline: false, isAfterWord: false))
    }

    private mutating func classNumber(_ value: UInt32) -> Int32 {
        var bits = [UInt64](repeating: 0, count: (program.sets.count + 63) / 64)
        for (index, set) in program.sets.enumerated() where set.contains(value) {
            bits[index / 64] |= 1 << UInt64(index & 63)
        }
        let signature = Signature(
            bits: bits, isNewline: program.hasAssertions && value == 0x0A,
            isWord: program.hasAssertions && CharacterSet.isWord(value))
        if let known = classNumbers[signature] { return known }
        let number = Int32(signatures.count)
        guard signatures.count < RegexAutomaton.keptSignatures else {
            // Out of the ordinary, and past what transitions are kept for: one place for them all.
            if signatures.count == RegexAutomaton.keptSignatures { signatures.append(signature) }
            signatures[RegexAutomaton.keptSignatures] = signature
            return Int32(RegexAutomaton.keptSignatures)
        }
        signatures.append(signature)
        classNumbers[signature] = number
        return number
    }

    private mutating func otherClass(_ value: UInt32) -> Int32 {
        if let known = otherClasses[value] { return known }
        if signatures.count > RegexAutomaton.keptSignatures { return classNumber(value) }
        if otherClasses.count > 4096 { otherClasses.removeAll(keepingCapacity: true) }
        let number = classNumber(value)
        otherClasses[value] = number
        return number
    }

    private mutating func number(of state: State) -> Int32 {
        if let known = numbers[state] { return known }
        let number = Int32(states.count)
        states.append(state)
        numbers[state] = number
        transitions.append(
            contentsOf: repeatElement(RegexAutomaton.unknown, count: RegexAutomaton.maxClasses))
        return number
    }

    /// Whether there is a match anywhere.
    mutating func matches(_ p: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        var state: Int32 = 0
        var at = 0
        while at < count {
            let lead = p[at]
            let character: Int32
            let length: Int
            if lead < 0x80 {
                character = asciiClasses[Int(lead)]
                length = 1
            } else {
                let (scalar, bytes) = Scalars.decode(p + at, count - at)
                character = otherClass(scalar)
                length = bytes
            }
            state = step(state, character)
            if state == RegexAutomaton.matched { return true }
            if state == RegexAutomaton.dead { return false }
            at += length
        }
        return step(state, RegexAutomaton.endClass) == RegexAutomaton.matched
    }

    @inline(__always)
    private mutating func step(_ state: Int32, _ character: Int32) -> Int32 {
        if Int(character) < RegexAutomaton.maxClasses {
            let known = transitions[Int(state) &* RegexAutomaton.maxClasses &+ Int(character)]
            if known != RegexAutomaton.unknown { return known }
        }
        return make(state, character)
    }

    /// The state after `character`, whose class number stands for what is next at this position.
    @inline(never)
    private mutating func make(_ number: Int32, _ character: Int32) -> Int32 {
        let from = states[Int(number)]
        let isEnd = character == RegexAutomaton.endClass
        let signature = signatures[Int(character)]
        let context = RegexContext(
            isTextStart: from.isTextStart, isTextEnd: isEnd,
            isAfterNewline: from.isAfterNewline, isBeforeNewline: signature.isNewline,
            isAfterWord: from.isAfterWord, isBeforeWord: signature.isWord)
        guard var reached = after(from.instructions, context, signature, isEnd) else {
            return remember(number, character, RegexAutomaton.matched)
        }
        if isEnd { return remember(number, character, RegexAutomaton.dead) }
        if !program.isAnchored { reached.append(0) }
        if reached.isEmpty { return remember(number, character, RegexAutomaton.dead) }
        let state = State(
            instructions: Array(Set(reached)).sorted(), isTextStart: false,
            isAfterNewline: signature.isNewline, isAfterWord: signature.isWord)
        if states.count >= RegexAutomaton.maxStates {
            reset()
            return self.number(of: state)
        }
        return remember(number, character, self.number(of: state))
    }

    private mutating func remember(_ state: Int32, _ character: Int32, _ target: Int32) -> Int32 {
        if Int(character) < RegexAutomaton.maxClasses {
            transitions[Int(state) * RegexAutomaton.maxClasses + Int(character)] = target
        }
        return target
    }

    /// Instructions after the character; `nil` where a match ends before it.
    private mutating func after(
        _ start: [Int32], _ context: RegexContext, _ signature: Signature, _ isEnd: Bool
    ) -> [Int32]? {
        round += 1
        var stack = start.map { Int($0) }
        var reached: [Int32] = []
        while let instruction = stack.popLast() {
            if seen[instruction] == round { continue }
            seen[instruction] = round
            switch program.instructions[instruction] {
            case .match: return nil
            case .jump(let target): stack.append(target)
            case .split(let a, let b): stack += [a, b]
            case .save: stack.append(instruction + 1)
            case .assertion(let assertion):
                if context.holds(assertion) { stack.append(instruction + 1) }
            case .set(let set):
                if !isEnd, signature.bits[set / 64] >> UInt64(set & 63) & 1 == 1 {
                    reached.append(Int32(instruction + 1))
                }
            }
        }
        return reached
    }
}

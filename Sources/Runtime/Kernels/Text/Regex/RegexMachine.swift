/// Finds a match with its groups: Pike's machine, all alternatives side by side, in time
/// proportional to text × pattern whatever the pattern is. The leftmost match wins, and of those
/// the one a backtracking matcher would find first.
struct RegexMachine {
    private let program: RegexProgram
    private var current: ThreadList
    private var next: ThreadList
    private var stack: [StackEntry] = []
    private var slots: [Int]

    private enum StackEntry {
        case visit(Int)
        case restore(slot: Int, value: Int)
    }

    /// Instructions to go on at, in order of preference, each once, with their slots.
    private struct ThreadList {
        var order: [Int] = []
        /// Where an instruction stands in `order`; right only where that points back.
        var index: [Int]
        var slots: [Int]
        let slotCount: Int

        init(_ program: RegexProgram) {
            slotCount = program.slotCount
            index = [Int](repeating: 0, count: program.instructions.count)
            slots = [Int](repeating: -1, count: program.instructions.count * slotCount)
        }

        @inline(__always)
        mutating func insert(_ instruction: Int) -> Bool {
            let at = index[instruction]
            if at < order.count, order[at] == instruction { return false }
            index[instruction] = order.count
            order.append(instruction)
            return true
        }
    }

    init(_ program: RegexProgram) {
        self.program = program
        current = ThreadList(program)
        next = ThreadList(program)
        slots = [Int](repeating: -1, count: program.slotCount)
    }

    /// The slots of the first match that starts at or after `from`: byte offsets, -1 for a group
    /// that took no part.
    mutating func match(_ p: UnsafePointer<UInt8>, _ count: Int, from: Int) -> [Int]? {
        var found: [Int]?
        current.order.removeAll(keepingCapacity: true)
        var at = from
        var before: UInt32? = from > 0 ? previous(p, from) : nil
        while true {
            let (scalar, length) = at < count ? Scalars.decode(p + at, count - at) : (0, 0)
            let context = RegexContext(
                isTextStart: at == 0, isTextEnd: at >= count,
                isAfterNewline: before == 0x0A, isBeforeNewline: at < count && scalar == 0x0A,
                isAfterWord: program.hasAssertions && before.map(CharacterSet.isWord) ?? false,
                isBeforeWord: program.hasAssertions && at < count && CharacterSet.isWord(scalar))
            if found == nil, !program.isAnchored || at == 0 {
                for k in slots.indices { slots[k] = -1 }
                RegexMachine.follow(program, 0, &slots, at, context, &stack, into: &current)
            }
            if current.order.isEmpty, found != nil || program.isAnchored { break }
            step(scalar, isEnd: at >= count, at: at, length: length, &found, p, count)
            if at >= count { break }
            before = scalar
            at += length
        }
        return found
    }

    private func previous(_ p: UnsafePointer<UInt8>, _ at: Int) -> UInt32 {
        let start = Scalars.offsetFromEnd(1, p, at)
        return Scalars.decode(p + start, at - start).0
    }

    private mutating func step(
        _ scalar: UInt32, isEnd: Bool, at: Int, length: Int, _ found: inout [Int]?,
        _ p: UnsafePointer<UInt8>, _ count: Int
    ) {
        next.order.removeAll(keepingCapacity: true)
        let after = isEnd ? nil : contextAfter(scalar, at + length, p, count)
        threads: for instruction in current.order {
            switch program.instructions[instruction] {
            case .match:
                loadSlots(of: instruction)
                found = slots
                // The rest is less preferred.
                break threads
            case .set(let set):
                if let after, program.sets[set].contains(scalar) {
                    loadSlots(of: instruction)
                    RegexMachine.follow(
                        program, instruction + 1, &slots, at + length, after, &stack, into: &next)
                }
            default: break
            }
        }
        swap(&current, &next)
    }

    @inline(__always)
    private mutating func loadSlots(of instruction: Int) {
        let from = instruction &* program.slotCount
        for k in 0..<program.slotCount { slots[k] = current.slots[from &+ k] }
    }

    private func contextAfter(
        _ scalar: UInt32, _ at: Int, _ p: UnsafePointer<UInt8>, _ count: Int
    ) -> RegexContext {
        let following = at < count ? Scalars.decode(p + at, count - at).0 : nil
        return RegexContext(
            isTextStart: false, isTextEnd: at >= count, isAfterNewline: scalar == 0x0A,
            isBeforeNewline: following == 0x0A,
            isAfterWord: program.hasAssertions && CharacterSet.isWord(scalar),
            isBeforeWord: program.hasAssertions && following.map(CharacterSet.isWord) ?? false)
    }

    /// Adds what is reached without a character, depth first, preferred ways first.
    private static func follow(
        _ program: RegexProgram, _ start: Int, _ slots: inout [Int], _ at: Int,
        _ context: RegexContext, _ stack: inout [StackEntry], into list: inout ThreadList
    ) {
        stack.append(.visit(start))
        while let entry = stack.popLast() {
            guard case .visit(let instruction) = entry else {
                if case .restore(let slot, let value) = entry { slots[slot] = value }
                continue
            }
            guard list.insert(instruction) else { continue }
            switch program.instructions[instruction] {
            case .jump(let target): stack.append(.visit(target))
            case .split(let first, let second):
                stack.append(.visit(second))
                stack.append(.visit(first))
            case .save(let slot):
                stack.append(.restore(slot: slot, value: slots[slot]))
                slots[slot] = at
                stack.append(.visit(instruction + 1))
            case .assertion(let assertion):
                if context.holds(assertion) { stack.append(.visit(instruction + 1)) }
            case .set, .match:
                let from = instruction * list.slotCount
                for k in 0..<list.slotCount { list.slots[from + k] = slots[k] }
            }
        }
    }
}

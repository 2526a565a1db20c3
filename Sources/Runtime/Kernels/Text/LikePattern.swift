/// A `LIKE` pattern, compiled: `%` is any number of characters, `_` one, the escape character takes
/// the next one literally.
struct LikePattern: Sendable {
    private enum Step: Sendable, Equatable {
        case many
        case one
        case text([UInt8])
    }

    /// The shapes that need no stepping.
    private enum Shape: Sendable {
        case equal([UInt8])
        case prefix([UInt8])
        case suffix([UInt8])
        case contains([UInt8])
        case steps([Step])
    }

    private let shape: Shape
    let ignoresCase: Bool

    /// `nil` where the pattern ends in its escape character.
    init?(_ pattern: UnsafeRawBufferPointer, escape: UInt32?, ignoresCase: Bool) {
        var steps: [Step] = []
        var text: [UInt8] = []
        func flush() {
            if !text.isEmpty { steps.append(.text(text)) }
            text = []
        }
        var i = 0
        let p = pattern.baseAddress?.assumingMemoryBound(to: UInt8.self)
        while let p, i < pattern.count {
            let (scalar, length) = Scalars.decode(p + i, pattern.count - i)
            var taken = length
            if scalar == escape {
                guard i + length < pattern.count else { return nil }
                taken = Scalars.length(p + i + length, pattern.count - i - length)
                text += UnsafeBufferPointer(start: p + i + length, count: taken)
                taken += length
            } else if scalar == 0x25 {
                flush()
                if steps.last != .many { steps.append(.many) }
            } else if scalar == 0x5F {
                flush()
                steps.append(.one)
            } else {
                text += UnsafeBufferPointer(start: p + i, count: length)
            }
            i += taken
        }
        flush()
        if ignoresCase { steps = steps.map(LikePattern.folded) }
        self.ignoresCase = ignoresCase
        switch steps.count {
        case 0: shape = .equal([])
        case 1:
            if case .text(let part) = steps[0] {
                shape = .equal(part)
            } else {
                shape = .steps(steps)
            }
        case 2:
            switch (steps[0], steps[1]) {
            case (.text(let part), .many): shape = .prefix(part)
            case (.many, .text(let part)): shape = .suffix(part)
            default: shape = .steps(steps)
            }
        case 3:
            if case (.many, .text(let part), .many) = (steps[0], steps[1], steps[2]) {
                shape = .contains(part)
            } else {
                shape = .steps(steps)
            }
        default: shape = .steps(steps)
        }
    }

    private static func folded(_ step: Step) -> Step {
        guard case .text(let bytes) = step else { return step }
        var out: [UInt8] = []
        bytes.withUnsafeBytes { LetterCase.folded($0, into: &out) }
        return .text(out)
    }

    /// The text must be folded already where case is ignored.
    @inline(__always)
    func matches(_ p: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        switch shape {
        case .equal(let part):
            part.withUnsafeBytes { $0.count == count && TextSearch.hasPrefix($0, p, count) }
        case .prefix(let part): part.withUnsafeBytes { TextSearch.hasPrefix($0, p, count) }
        case .suffix(let part): part.withUnsafeBytes { TextSearch.hasSuffix($0, p, count) }
        case .contains(let part): part.withUnsafeBytes { TextSearch.find($0, in: p, count) != nil }
        case .steps(let steps): LikePattern.match(steps, p, count)
        }
    }

    /// Only the last `%` is ever tried anew: what an earlier one could give, a later one can, too.
    private static func match(_ steps: [Step], _ p: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        var (step, at) = (0, 0)
        var retry: (step: Int, at: Int)?
        while true {
            if step == steps.count {
                if at == count { return true }
            } else {
                switch steps[step] {
                case .many:
                    retry = (step + 1, at)
                    step += 1
                    continue
                case .one:
                    if at < count {
                        at += Scalars.length(p + at, count - at)
                        step += 1
                        continue
                    }
                case .text(let part):
                    if part.withUnsafeBytes({ TextSearch.hasPrefix($0, p + at, count - at) }) {
                        at += part.count
                        step += 1
                        continue
                    }
                }
            }
            guard let again = retry, again.at < count else { return false }
            let next = again.at + Scalars.length(p + again.at, count - again.at)
            retry = (again.step, next)
            (step, at) = (again.step, next)
        }
    }
}

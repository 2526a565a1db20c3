import PipelineDSL

/// Why a kernel has no value for a row. A byte, so that a loop can keep it in a register and look
/// only once at the end whether any was set.
struct Fault: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    let rawValue: UInt8
    init(rawValue: UInt8) { self.rawValue = rawValue }

    static let none = Fault(rawValue: 0)
    static let overflow = Fault(rawValue: 1)
    static let divisionByZero = Fault(rawValue: 2)
    static let badCast = Fault(rawValue: 3)
    static let domain = Fault(rawValue: 4)
    static let pattern = Fault(rawValue: 5)
    static let argument = Fault(rawValue: 6)
    static let time = Fault(rawValue: 7)
    static let tooLarge = Fault(rawValue: 8)
    static let timeZone = Fault(rawValue: 9)

    @inline(__always)
    static func when(_ condition: Bool, _ fault: Fault) -> Fault { condition ? fault : .none }

    var code: DiagnosticCode {
        switch self {
        case .divisionByZero: .divisionByZero
        case .badCast: .badCast
        case .domain: .outsideDomain
        case .pattern: .badPattern
        case .argument: .badArgument
        case .time: .timeOutOfRange
        case .tooLarge: .resultTooLarge
        case .timeZone: .unknownTimeZone
        default: .numberOutOfRange
        }
    }
}

/// The faulty rows of one kernel call, ascending.
struct Faults: Sendable {
    var rows: [UInt32] = []
    var kinds: [Fault] = []

    var isEmpty: Bool { rows.isEmpty }

    mutating func add(_ row: Int, _ fault: Fault) {
        rows.append(UInt32(truncatingIfNeeded: row))
        kinds.append(fault)
    }

    /// Only rows that are valid: a kernel computes null rows too, and what it says of them is void.
    func restricted(to validity: Bitmap?) -> Faults {
        guard let validity, !isEmpty else { return self }
        var kept = Faults()
        for (row, kind) in zip(rows, kinds) where validity[Int(row)] { kept.add(Int(row), kind) }
        return kept
    }
}

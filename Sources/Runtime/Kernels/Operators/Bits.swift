import PipelineDSL

extension KernelTable {
    static let bitOperators: [String: KernelResolver] = [
        "bit_and": integers({ $0 & $1 }, { $0 & $1 }),
        "bit_or": integers({ $0 | $1 }, { $0 | $1 }),
        "bit_xor": integers({ $0 ^ $1 }, { $0 ^ $1 }),
        // The count modulo the width, as PostgreSQL and the processors do.
        "shift_left": integers({ $0 &<< $1 }, { $0 &<< $1 }),
        "shift_right": integers({ $0 &>> $1 }, { $0 &>> $1 }),
        "bit_not": { request in
            switch request.arguments.first {
            case .integer?: .unary { (a: Int32) in ~a }
            case .bigint?: .unary { (a: Int64) in ~a }
            default: nil
            }
        },
    ]

    @inline(__always)
    private static func integers(
        _ narrow: @escaping @Sendable (Int32, Int32) -> Int32,
        _ wide: @escaping @Sendable (Int64, Int64) -> Int64
    ) -> KernelResolver {
        { request in
            switch request.pair {
            case (.integer, .integer)?: .binary(narrow)
            case (.bigint, .bigint)?: .binary(wide)
            default: nil
            }
        }
    }
}

import PipelineDSL

extension KernelTable {
    static let stringMeasures: [String: KernelResolver] = [
        "length": { request in
            switch request.arguments.first {
            case .string?: integer { Scalars.count($0, $1) }
            case .bytes?: integer { $1 }
            case .array?: ListKernels.length
            default: nil
            }
        },
        "octet_length": { request in
            switch request.arguments.first {
            case .string?, .bytes?: integer { $1 }
            default: nil
            }
        },
        "ascii": { _ in
            integer { p, count in count == 0 ? 0 : Int(Scalars.decode(p, count).0) }
        },
        "chr": { _ in
            BoundKernel { call in
                let codes = call.operand(0, Int64.self)
                return call.texts { row, out in
                    let code = codes[row]
                    guard code > 0, let value = UInt32(exactly: code),
                        let scalar = Unicode.Scalar(value)
                    else { return .fault(.argument) }
                    out.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
                    return .value
                }
            }
        },
        "starts_with": { _ in test { TextSearch.hasPrefix($2, $0, $1) } },
        "ends_with": { _ in test { TextSearch.hasSuffix($2, $0, $1) } },
        "contains": { _ in test { TextSearch.find($2, in: $0, $1) != nil } },
        "strpos": { _ in
            BoundKernel { call in
                call.withStrings(0, 1) { texts, parts in
                    call.values(of: Int32.self) { row, out in
                        let (p, count) = (texts.pointer(row), texts.view(row).count)
                        if let at = TextSearch.find(parts[row], in: p, count) {
                            out = Int32(truncatingIfNeeded: Scalars.count(p, at) &+ 1)
                        }
                        return .value
                    }
                }
            }
        },
    ]

    /// An integer of a text.
    @inline(__always)
    private static func integer(
        _ f: @escaping @Sendable (UnsafePointer<UInt8>, Int) -> Int
    ) -> BoundKernel {
        BoundKernel { call in
            call.withStrings(0) { texts in
                call.values(of: Int32.self) { row, out in
                    out = Int32(clamping: f(texts.pointer(row), texts.view(row).count))
                    return .value
                }
            }
        }
    }

    /// A question about a text and a part.
    @inline(__always)
    private static func test(
        _ f: @escaping @Sendable (UnsafePointer<UInt8>, Int, UnsafeRawBufferPointer) -> Bool
    ) -> BoundKernel {
        BoundKernel { call in
            call.withStrings(0, 1) { texts, parts in
                call.bits { row, out in
                    out = f(texts.pointer(row), texts.view(row).count, parts[row])
                    return .value
                }
            }
        }
    }
}

extension Operand {
    /// The value of a row.
    @inline(__always)
    subscript(row: Int) -> T {
        switch self {
        case .constant(let value): value
        case .column(let values): values[row]
        }
    }
}

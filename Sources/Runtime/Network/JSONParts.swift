/// A small JSON document that is put together in order.
indirect enum JSONPart: Sendable {
    case text(String)
    case number(Int)
    case real(Double)
    case boolean(Bool)
    case null
    case list([JSONPart])
    case object([(String, JSONPart)])
    /// JSON already.
    case raw([UInt8])

    func append(to out: inout [UInt8]) {
        switch self {
        case .text(let text): JSONWriter.append(string: text, to: &out)
        case .number(let number): out += Array(String(number).utf8)
        case .real(let number): out += Array((number.isFinite ? String(number) : "null").utf8)
        case .boolean(let value): out += Array((value ? "true" : "false").utf8)
        case .null: out += Array("null".utf8)
        case .raw(let bytes): out += bytes
        case .list(let items):
            out.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                item.append(to: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .object(let members):
            out.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                JSONWriter.append(string: member.0, to: &out)
                out.append(UInt8(ascii: ":"))
                member.1.append(to: &out)
            }
            out.append(UInt8(ascii: "}"))
        }
    }

    var bytes: [UInt8] {
        var out: [UInt8] = []
        append(to: &out)
        return out
    }
}

struct JSONObjectText {
    let bytes: [UInt8]
    init(_ members: [(String, JSONPart)]) { bytes = JSONPart.object(members).bytes }
}

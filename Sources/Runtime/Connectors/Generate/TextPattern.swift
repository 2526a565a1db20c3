import PipelineDSL

/// Text with places that are filled in: `VH-{000000}`.
///
/// | place | what stands there |
/// |---|---|
/// | `{0}` | the number |
/// | `{0000}` | the number with at least so many digits |
/// | `{aaaa}`, `{AAAA}`, `{xxxx}` | so many random letters, capitals, hexadecimal digits |
/// | `{{` | a brace |
struct TextPattern: Sendable {
    enum Part: Sendable {
        case literal([UInt8])
        case number(digits: Int)
        case letters(count: Int, alphabet: StaticString)
    }

    let parts: [Part]

    /// Why a text is no pattern, and where in its UTF-8 bytes.
    struct Problem: Error {
        var reason: String
        var range: Range<Int>
    }

    static let longestPlace = 64

    init(_ text: String) throws(Problem) {
        let bytes = Array(text.utf8)
        var parts: [Part] = []
        var literal: [UInt8] = []
        var at = 0
        while at < bytes.count {
            guard bytes[at] == UInt8(ascii: "{") else {
                literal.append(bytes[at])
                at += 1
                continue
            }
            if at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: "{") {
                literal.append(bytes[at])
                at += 2
                continue
            }
            guard let close = bytes[at...].firstIndex(of: UInt8(ascii: "}")) else {
                throw Problem(reason: "this place is never closed", range: at..<bytes.count)
            }
            if !literal.isEmpty { parts.append(.literal(literal)) }
            literal = []
            parts.append(try Self.place(bytes[(at + 1)..<close], at..<close + 1))
            at = close + 1
        }
        if !literal.isEmpty { parts.append(.literal(literal)) }
        self.parts = parts
    }

    private static func place(
        _ inside: ArraySlice<UInt8>, _ range: Range<Int>
    ) throws(Problem) -> Part {
        guard let first = inside.first, inside.allSatisfy({ $0 == first }) else {
            throw Problem(reason: "a place is one letter, repeated", range: range)
        }
        guard inside.count <= longestPlace else {
            throw Problem(reason: "a place has at most \(longestPlace) letters", range: range)
        }
        switch first {
        case UInt8(ascii: "0"): return .number(digits: inside.count)
        case UInt8(ascii: "a"):
            return .letters(count: inside.count, alphabet: "abcdefghijklmnopqrstuvwxyz")
        case UInt8(ascii: "A"):
            return .letters(count: inside.count, alphabet: "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        case UInt8(ascii: "x"):
            return .letters(count: inside.count, alphabet: "0123456789abcdef")
        default:
            throw Problem(reason: "nothing is known to fill this place with", range: range)
        }
    }

    /// The largest number whose digits fill every place for one; at least 1 where there is none.
    var numberBound: UInt64 {
        let digits = parts.reduce(0) { longest, part in
            if case .number(let digits) = part { max(longest, digits) } else { longest }
        }
        return (0..<min(digits, 18)).reduce(1) { power, _ in power * 10 }
    }

    /// One text for each number; the letters depend on the number, too, so that equal numbers make
    /// equal texts.
    func texts(_ numbers: [Int64], _ random: RandomStream) -> Strings {
        var builder = StringsBuilder(capacity: numbers.count)
        var text: [UInt8] = []
        for number in numbers {
            text.removeAll(keepingCapacity: true)
            append(number, random, to: &text)
            text.withUnsafeBytes { builder.append($0) }
        }
        return builder.finish()
    }

    private func append(_ number: Int64, _ random: RandomStream, to text: inout [UInt8]) {
        var letters: UInt64 = 2
        for part in parts {
            switch part {
            case .literal(let bytes): text.append(contentsOf: bytes)
            case .number(let digits): Self.append(number, digits, to: &text)
            case .letters(let count, let alphabet):
                let size = UInt64(alphabet.utf8CodeUnitCount)
                for _ in 0..<count {
                    let index = random.below(size, number, draw: letters)
                    text.append((alphabet.utf8Start + Int(index)).pointee)
                    letters += 1
                }
            }
        }
    }

    private static func append(_ number: Int64, _ digits: Int, to text: inout [UInt8]) {
        if number < 0 { text.append(UInt8(ascii: "-")) }
        let start = text.count
        var rest = number.magnitude
        repeat {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            text.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: digit))
            rest = quotient
        } while rest != 0
        while text.count - start < digits { text.append(UInt8(ascii: "0")) }
        text[start...].reverse()
    }
}

/// Random numbers that are the same in every run: splitmix64 (Steele, Lea, Flood 2014).
public struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Within `0..<bound`; 0 where that is empty.
    public mutating func below(_ bound: Int) -> Int {
        bound <= 1 ? 0 : Int(next() % UInt64(bound))
    }

    /// A few bytes changed, removed, repeated or inserted; `interesting` ones more often.
    public mutating func mutated(_ bytes: [UInt8], interesting: [UInt8] = []) -> [UInt8] {
        var bytes = bytes
        for _ in 0...Int.random(in: 0..<6, using: &self) {
            let at = Int.random(in: 0...bytes.count, using: &self)
            let length = min(Int.random(in: 1..<9, using: &self), bytes.count - at)
            let byte =
                interesting.randomElement(using: &self) ?? UInt8.random(in: 0...255, using: &self)
            switch Int.random(in: 0..<5, using: &self) {
            case 0 where at < bytes.count: bytes[at] = byte
            case 1: bytes.insert(byte, at: at)
            case 2: bytes.removeSubrange(at..<at + length)
            case 3: bytes.insert(contentsOf: bytes[at..<at + length], at: at)
            case 4: bytes.removeSubrange(at...)
            default: bytes.append(byte)
            }
        }
        return bytes
    }
}

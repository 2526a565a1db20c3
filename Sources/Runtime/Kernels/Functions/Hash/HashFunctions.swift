import PipelineDSL

extension KernelTable {
    static let hashKernels: [String: KernelResolver] = [
        "md5": { _ in digest(MD5.self) },
        "sha1": { _ in digest(SHA1.self) },
        "sha256": { _ in digest(SHA256.self) },
        "crc32": { _ in
            BoundKernel { call in
                call.withStrings(0) { texts in
                    call.values(of: Int64.self) { row, out in
                        out = Int64(CRC32.checksum(texts[row]))
                        return .value
                    }
                }
            }
        },
        "hash": { _ in
            BoundKernel(isStrict: false) { call in
                var bytes: [UInt8] = []
                return call.values(of: Int64.self) { row, out in
                    var hash: UInt64 = 0
                    for argument in call.arguments {
                        // Each value is hashed with the hash of those before as its seed; a text or
                        // byte string as its bytes, anything else as its text, a null as one zero.
                        bytes.removeAll(keepingCapacity: true)
                        let at = argument.isConstant ? 0 : row
                        if argument.column.isNull(at) {
                            bytes.append(0)
                        } else if case .strings(let strings) = argument.column.values {
                            strings.views[at].withBytes(strings.blocks) {
                                bytes.append(contentsOf: $0)
                            }
                        } else {
                            ValueText.append(argument.column, at, to: &bytes)
                        }
                        hash = bytes.withUnsafeBytes { XXH64.hash($0, seed: hash) }
                    }
                    out = Int64(bitPattern: hash)
                    return .value
                }
            }
        },
    ]

    private static func digest<D: MessageDigest>(_ type: D.Type) -> BoundKernel {
        BoundKernel { call in
            call.withStrings(0) { texts in
                call.texts { row, out in
                    ByteText.appendHex(D.digest(texts[row]), to: &out)
                    return .value
                }
            }
        }
    }
}

/// A hash over blocks of 64 bytes (Merkle–Damgård), as MD5, SHA-1 and SHA-256 are.
protocol MessageDigest {
    init()
    /// The 64 bytes at `p`.
    mutating func update(_ p: UnsafeRawPointer)
    /// Of the length in bits at the end.
    static var isBigEndian: Bool { get }
    var result: [UInt8] { get }
}

extension MessageDigest {
    static func digest(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var state = Self()
        let whole = bytes.count / 64
        if let base = bytes.baseAddress {
            for block in 0..<whole { state.update(base + block * 64) }
        }
        // The rest, a one bit, zeros, and the length in bits in the last eight bytes.
        var tail = Array(bytes[(whole * 64)...])
        tail.append(0x80)
        tail += [UInt8](repeating: 0, count: (120 - tail.count % 64) % 64)
        let length = UInt64(bytes.count) &* 8
        withUnsafeBytes(of: isBigEndian ? length.bigEndian : length.littleEndian) {
            tail.append(contentsOf: $0)
        }
        tail.withUnsafeBytes { tail in
            guard let base = tail.baseAddress else { return }
            for block in 0..<(tail.count / 64) { state.update(base + block * 64) }
        }
        return state.result
    }
}

/// RFC 1321.
struct MD5: MessageDigest {
    private var (a, b, c, d): (UInt32, UInt32, UInt32, UInt32) = (
        0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476
    )
    static let isBigEndian = false

    private static let shifts: [UInt32] = [
        7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21,
    ]
    /// floor(2³² × |sin(i + 1)|)
    private static let sines: [UInt32] = [
        0xD76A_A478, 0xE8C7_B756, 0x2420_70DB, 0xC1BD_CEEE, 0xF57C_0FAF, 0x4787_C62A, 0xA830_4613,
        0xFD46_9501, 0x6980_98D8, 0x8B44_F7AF, 0xFFFF_5BB1, 0x895C_D7BE, 0x6B90_1122, 0xFD98_7193,
        0xA679_438E, 0x49B4_0821, 0xF61E_2562, 0xC040_B340, 0x265E_5A51, 0xE9B6_C7AA, 0xD62F_105D,
        0x0244_1453, 0xD8A1_E681, 0xE7D3_FBC8, 0x21E1_CDE6, 0xC337_07D6, 0xF4D5_0D87, 0x455A_14ED,
        0xA9E3_E905, 0xFCEF_A3F8, 0x676F_02D9, 0x8D2A_4C8A, 0xFFFA_3942, 0x8771_F681, 0x6D9D_6122,
        0xFDE5_380C, 0xA4BE_EA44, 0x4BDE_CFA9, 0xF6BB_4B60, 0xBEBF_BC70, 0x289B_7EC6, 0xEAA1_27FA,
        0xD4EF_3085, 0x0488_1D05, 0xD9D4_D039, 0xE6DB_99E5, 0x1FA2_7CF8, 0xC4AC_5665, 0xF429_2244,
        0x432A_FF97, 0xAB94_23A7, 0xFC93_A039, 0x655B_59C3, 0x8F0C_CC92, 0xFFEF_F47D, 0x8584_5DD1,
        0x6FA8_7E4F, 0xFE2C_E6E0, 0xA301_4314, 0x4E08_11A1, 0xF753_7E82, 0xBD3A_F235, 0x2AD7_D2BB,
        0xEB86_D391,
    ]

    mutating func update(_ p: UnsafeRawPointer) {
        var (a, b, c, d) = (a, b, c, d)
        for i in 0..<64 {
            let (f, g): (UInt32, Int) =
                switch i >> 4 {
                case 0: ((b & c) | (~b & d), i)
                case 1: ((d & b) | (~d & c), (5 &* i &+ 1) & 15)
                case 2: (b ^ c ^ d, (3 &* i &+ 5) & 15)
                default: (c ^ (b | ~d), (7 &* i) & 15)
                }
            let word = UInt32(
                littleEndian: p.loadUnaligned(fromByteOffset: g &* 4, as: UInt32.self))
            let sum = f &+ a &+ MD5.sines[i] &+ word
            let shift = MD5.shifts[(i >> 4) &* 4 &+ (i & 3)]
            (a, d, c) = (d, c, b)
            b = b &+ (sum &<< shift | sum &>> (32 &- shift))
        }
        self.a = self.a &+ a
        self.b = self.b &+ b
        self.c = self.c &+ c
        self.d = self.d &+ d
    }

    var result: [UInt8] {
        [a, b, c, d].flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
    }

    /// The digest's first eight bytes as a number, the first one on top. Of short texts it is made
    /// without an allocation.
    static func leadingBits(of bytes: UnsafeRawBufferPointer) -> UInt64 {
        guard bytes.count < 56 else {
            return digest(bytes).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        }
        var state = MD5()
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 8) { block in
            guard let base = block.baseAddress else { return }
            base.initializeMemory(as: UInt8.self, repeating: 0, count: 64)
            block.copyMemory(from: bytes)
            block[bytes.count] = 0x80
            base.storeBytes(
                of: (UInt64(bytes.count) &* 8).littleEndian, toByteOffset: 56, as: UInt64.self)
            state.update(base)
        }
        return UInt64(state.a.byteSwapped) << 32 | UInt64(state.b.byteSwapped)
    }
}

/// FIPS 180-4, section 6.1.
struct SHA1: MessageDigest {
    private var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
    static let isBigEndian = true

    mutating func update(_ p: UnsafeRawPointer) {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 80) { w in
            for i in 0..<16 {
                w[i] = UInt32(bigEndian: p.loadUnaligned(fromByteOffset: i &* 4, as: UInt32.self))
            }
            for i in 16..<80 {
                let x = w[i &- 3] ^ w[i &- 8] ^ w[i &- 14] ^ w[i &- 16]
                w[i] = x &<< 1 | x &>> 31
            }
            var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
            for i in 0..<80 {
                let (f, k): (UInt32, UInt32) =
                    switch i {
                    case 0..<20: ((b & c) | (~b & d), 0x5A82_7999)
                    case 20..<40: (b ^ c ^ d, 0x6ED9_EBA1)
                    case 40..<60: ((b & c) | (b & d) | (c & d), 0x8F1B_BCDC)
                    default: (b ^ c ^ d, 0xCA62_C1D6)
                    }
                let next = (a &<< 5 | a &>> 27) &+ f &+ e &+ k &+ w[i]
                (e, d, c, b, a) = (d, c, b &<< 30 | b &>> 2, a, next)
            }
            for (i, word) in [a, b, c, d, e].enumerated() { state[i] = state[i] &+ word }
        }
    }

    var result: [UInt8] {
        state.flatMap { word in withUnsafeBytes(of: word.bigEndian) { Array($0) } }
    }
}

/// FIPS 180-4, section 6.2.
struct SHA256: MessageDigest {
    private var state: [UInt32] = [
        0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB,
        0x5BE0_CD19,
    ]
    static let isBigEndian = true

    private static let constants: [UInt32] = [
        0x428A_2F98, 0x7137_4491, 0xB5C0_FBCF, 0xE9B5_DBA5, 0x3956_C25B, 0x59F1_11F1, 0x923F_82A4,
        0xAB1C_5ED5, 0xD807_AA98, 0x1283_5B01, 0x2431_85BE, 0x550C_7DC3, 0x72BE_5D74, 0x80DE_B1FE,
        0x9BDC_06A7, 0xC19B_F174, 0xE49B_69C1, 0xEFBE_4786, 0x0FC1_9DC6, 0x240C_A1CC, 0x2DE9_2C6F,
        0x4A74_84AA, 0x5CB0_A9DC, 0x76F9_88DA, 0x983E_5152, 0xA831_C66D, 0xB003_27C8, 0xBF59_7FC7,
        0xC6E0_0BF3, 0xD5A7_9147, 0x06CA_6351, 0x1429_2967, 0x27B7_0A85, 0x2E1B_2138, 0x4D2C_6DFC,
        0x5338_0D13, 0x650A_7354, 0x766A_0ABB, 0x81C2_C92E, 0x9272_2C85, 0xA2BF_E8A1, 0xA81A_664B,
        0xC24B_8B70, 0xC76C_51A3, 0xD192_E819, 0xD699_0624, 0xF40E_3585, 0x106A_A070, 0x19A4_C116,
        0x1E37_6C08, 0x2748_774C, 0x34B0_BCB5, 0x391C_0CB3, 0x4ED8_AA4A, 0x5B9C_CA4F, 0x682E_6FF3,
        0x748F_82EE, 0x78A5_636F, 0x84C8_7814, 0x8CC7_0208, 0x90BE_FFFA, 0xA450_6CEB, 0xBEF9_A3F7,
        0xC671_78F2,
    ]

    @inline(__always)
    private static func rotated(_ x: UInt32, _ n: UInt32) -> UInt32 { x &>> n | x &<< (32 &- n) }

    mutating func update(_ p: UnsafeRawPointer) {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { w in
            for i in 0..<16 {
                w[i] = UInt32(bigEndian: p.loadUnaligned(fromByteOffset: i &* 4, as: UInt32.self))
            }
            for i in 16..<64 {
                let (x, y) = (w[i &- 15], w[i &- 2])
                let s0 = SHA256.rotated(x, 7) ^ SHA256.rotated(x, 18) ^ x &>> 3
                let s1 = SHA256.rotated(y, 17) ^ SHA256.rotated(y, 19) ^ y &>> 10
                w[i] = w[i &- 16] &+ s0 &+ w[i &- 7] &+ s1
            }
            var (a, b, c, d) = (state[0], state[1], state[2], state[3])
            var (e, f, g, h) = (state[4], state[5], state[6], state[7])
            SHA256.constants.withUnsafeBufferPointer { k in
                for i in 0..<64 {
                    let s1 = SHA256.rotated(e, 6) ^ SHA256.rotated(e, 11) ^ SHA256.rotated(e, 25)
                    let choice = (e & f) ^ (~e & g)
                    let t1 = h &+ s1 &+ choice &+ k[i] &+ w[i]
                    let s0 = SHA256.rotated(a, 2) ^ SHA256.rotated(a, 13) ^ SHA256.rotated(a, 22)
                    let majority = (a & b) ^ (a & c) ^ (b & c)
                    (h, g, f, e, d, c, b, a) = (g, f, e, d &+ t1, c, b, a, t1 &+ s0 &+ majority)
                }
            }
            for (i, word) in [a, b, c, d, e, f, g, h].enumerated() { state[i] = state[i] &+ word }
        }
    }

    var result: [UInt8] {
        state.flatMap { word in withUnsafeBytes(of: word.bigEndian) { Array($0) } }
    }
}

/// ISO 3309, reflected, as zlib.
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { crc, _ in crc & 1 == 1 ? 0xEDB8_8320 ^ crc >> 1 : crc >> 1 }
    }

    static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        ~bytes.reduce(~UInt32(0)) { crc, byte in
            table[Int(truncatingIfNeeded: crc ^ UInt32(byte)) & 0xFF] ^ crc >> 8
        }
    }
}

/// Yann Collet's xxHash, 64 bits (the XXH64 specification, version 0.1.1).
enum XXH64 {
    private static let p1: UInt64 = 0x9E37_79B1_85EB_CA87
    private static let p2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    private static let p3: UInt64 = 0x1656_67B1_9E37_79F9
    private static let p4: UInt64 = 0x85EB_CA77_C2B2_AE63
    private static let p5: UInt64 = 0x27D4_EB2F_1656_67C5

    @inline(__always)
    private static func rotated(_ x: UInt64, _ n: UInt64) -> UInt64 { x &<< n | x &>> (64 &- n) }

    @inline(__always)
    private static func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
        rotated(lane &+ input &* p2, 31) &* p1
    }

    static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
        let count = bytes.count
        @inline(__always) func word(_ i: Int) -> UInt64 {
            UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: i, as: UInt64.self))
        }
        var i = 0
        var hash: UInt64
        if count >= 32 {
            var lanes = (seed &+ p1 &+ p2, seed &+ p2, seed, seed &- p1)
            while i &+ 32 <= count {
                lanes.0 = round(lanes.0, word(i))
                lanes.1 = round(lanes.1, word(i &+ 8))
                lanes.2 = round(lanes.2, word(i &+ 16))
                lanes.3 = round(lanes.3, word(i &+ 24))
                i &+= 32
            }
            hash =
                rotated(lanes.0, 1) &+ rotated(lanes.1, 7) &+ rotated(lanes.2, 12)
                &+ rotated(lanes.3, 18)
            for lane in [lanes.0, lanes.1, lanes.2, lanes.3] {
                hash = (hash ^ round(0, lane)) &* p1 &+ p4
            }
        } else {
            hash = seed &+ p5
        }
        hash &+= UInt64(count)
        while i &+ 8 <= count {
            hash = rotated(hash ^ round(0, word(i)), 27) &* p1 &+ p4
            i &+= 8
        }
        if i &+ 4 <= count {
            let half = UInt32(
                littleEndian: bytes.loadUnaligned(fromByteOffset: i, as: UInt32.self))
            hash = rotated(hash ^ UInt64(half) &* p1, 23) &* p2 &+ p3
            i &+= 4
        }
        while i < count {
            hash = rotated(hash ^ UInt64(bytes[i]) &* p5, 11) &* p1
            i &+= 1
        }
        hash = (hash ^ hash &>> 33) &* p2
        hash = (hash ^ hash &>> 29) &* p3
        return hash ^ hash &>> 32
    }
}

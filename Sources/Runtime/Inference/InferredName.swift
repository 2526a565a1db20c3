import PipelineDSL

/// Names of the data as names of columns: `Vehicle ID` and `vehicleId` become `vehicle_id`.
enum InferredName {
    /// A name for each, all different; `nil` for one of which nothing could be kept.
    static func names(_ theirs: [String]) -> [String?] {
        var taken: Set<String> = []
        return theirs.map { name in
            guard let base = snake(name) else { return nil }
            var candidate = base
            var number = 2
            while !taken.insert(candidate).inserted {
                candidate = "\(base)_\(number)"
                number += 1
            }
            return candidate
        }
    }

    /// Lower-case letters, digits and `_`; `nil` where the name has no letter or digit in ASCII.
    static func snake(_ name: String) -> String? {
        var result: [UInt8] = []
        var previous: UInt8 = 0
        for byte in name.utf8.prefix(512) {
            let isUpper = (0x41...0x5A).contains(byte)
            let isPlain = isUpper || (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
            let wasLower = (0x61...0x7A).contains(previous) || (0x30...0x39).contains(previous)
            if !isPlain || (isUpper && wasLower), let last = result.last, last != 0x5F {
                result.append(0x5F)
            }
            if isPlain { result.append(isUpper ? byte | 0x20 : byte) }
            previous = byte
        }
        while result.last == 0x5F { result.removeLast() }
        guard let first = result.first else { return nil }
        if (0x30...0x39).contains(first) { result.insert(0x5F, at: 0) }
        return String(decoding: result.prefix(120), as: UTF8.self)
    }
}

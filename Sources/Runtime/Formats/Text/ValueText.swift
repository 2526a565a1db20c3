import PipelineDSL

/// Value to text: the form that ``ScalarText`` reads back to the same value.
package enum ValueText {
    package static func append(_ value: some FixedWidthInteger, to out: inout [UInt8]) {
        if value == 0 { return out.append(0x30) }
        if value < 0 { out.append(UInt8(ascii: "-")) }
        let start = out.count
        var rest = value.magnitude
        while rest > 0 {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            out.append(0x30 &+ UInt8(truncatingIfNeeded: digit))
            rest = quotient
        }
        out[start...].reverse()
    }

    /// Shortest digits that read back to the same value.
    package static func append(_ value: Double, to out: inout [UInt8]) {
        out.append(contentsOf: value.description.utf8)
    }

    package static func append(_ value: Float, to out: inout [UInt8]) {
        out.append(contentsOf: value.description.utf8)
    }

    package static func append(decimal unscaled: Int128, scale: Int, to out: inout [UInt8]) {
        guard scale > 0 else { return append(unscaled, to: &out) }
        if unscaled < 0 { out.append(UInt8(ascii: "-")) }
        let (whole, fraction) = unscaled.magnitude.quotientAndRemainder(
            dividingBy: UInt128(ScalarText.powerOf10(scale)))
        append(whole, to: &out)
        out.append(UInt8(ascii: "."))
        append(fraction, digits: scale, to: &out)
    }

    /// With zeros in front.
    private static func append(
        _ value: some FixedWidthInteger, digits: Int, to out: inout [UInt8]
    ) {
        let start = out.count
        var rest = value
        for _ in 0..<digits {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            out.append(0x30 &+ UInt8(truncatingIfNeeded: digit))
            rest = quotient
        }
        out[start...].reverse()
    }

    /// `2026-01-31`; years outside 0000…9999 with a sign, as ISO 8601 allows.
    package static func append(date days: Int, to out: inout [UInt8]) {
        let (year, month, day) = ScalarText.civil(days)
        if year < 0 { out.append(UInt8(ascii: "-")) }
        if year > 9999 { out.append(UInt8(ascii: "+")) }
        append(year.magnitude, digits: year.magnitude > 9999 ? 6 : 4, to: &out)
        out.append(UInt8(ascii: "-"))
        append(month, digits: 2, to: &out)
        out.append(UInt8(ascii: "-"))
        append(day, digits: 2, to: &out)
    }

    /// `08:15:00` with as much fraction as there is.
    package static func append(time micros: Int64, to out: inout [UInt8]) {
        let seconds = micros / 1_000_000
        append(seconds / 3600, digits: 2, to: &out)
        out.append(UInt8(ascii: ":"))
        append(seconds / 60 % 60, digits: 2, to: &out)
        out.append(UInt8(ascii: ":"))
        append(seconds % 60, digits: 2, to: &out)
        let fraction = micros % 1_000_000
        guard fraction > 0 else { return }
        out.append(UInt8(ascii: "."))
        append(fraction, digits: 6, to: &out)
        while out.last == UInt8(ascii: "0") { out.removeLast() }
    }

    /// `2026-01-31T08:15:00.5Z`
    package static func append(timestamp micros: Int64, to out: inout [UInt8]) {
        let (days, time) = ScalarText.split(micros)
        append(date: Int(days), to: &out)
        out.append(UInt8(ascii: "T"))
        append(time: time, to: &out)
        out.append(UInt8(ascii: "Z"))
    }

    package static func append(uuid: Int128, to out: inout [UInt8]) {
        let bits = UInt128(truncatingIfNeeded: uuid)
        for digit in 0..<32 {
            if [8, 12, 16, 20].contains(digit) { out.append(UInt8(ascii: "-")) }
            out.append(hexDigits[Int(truncatingIfNeeded: bits >> UInt128((31 - digit) * 4) & 0xF)])
        }
    }

    /// An ISO 8601 duration, `P1Y2M3DT4H5M6.5S`; each part has its own sign.
    package static func append(interval: Interval, to out: inout [UInt8]) {
        func part(_ value: Int64, _ unit: UInt8) {
            guard value != 0 else { return }
            append(value, to: &out)
            out.append(unit)
        }
        let start = out.count
        out.append(UInt8(ascii: "P"))
        part(Int64(interval.months / 12), UInt8(ascii: "Y"))
        part(Int64(interval.months % 12), UInt8(ascii: "M"))
        part(Int64(interval.days), UInt8(ascii: "D"))
        if interval.microseconds != 0 {
            out.append(UInt8(ascii: "T"))
            part(interval.microseconds / 3_600_000_000, UInt8(ascii: "H"))
            part(interval.microseconds / 60_000_000 % 60, UInt8(ascii: "M"))
            let seconds = Int128(interval.microseconds % 60_000_000)
            if seconds != 0 {
                append(decimal: seconds, scale: 6, to: &out)
                while out.last == UInt8(ascii: "0") { out.removeLast() }
                if out.last == UInt8(ascii: ".") { out.removeLast() }
                out.append(UInt8(ascii: "S"))
            }
        }
        if out.count == start + 1 { out.append(contentsOf: "T0S".utf8) }
    }

    /// `\x48656c6c6f`, PostgreSQL's form.
    package static func append(bytes: UnsafeRawBufferPointer, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "\\"))
        out.append(UInt8(ascii: "x"))
        for byte in bytes {
            out.append(hexDigits[Int(byte >> 4)])
            out.append(hexDigits[Int(byte & 0xF)])
        }
    }

    static let hexDigits: [UInt8] = Array("0123456789abcdef".utf8)
}

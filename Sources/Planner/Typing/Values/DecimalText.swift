import PipelineDSL

/// An exact decimal number: `digits × 10^-scale`.
struct DecimalText: Hashable {
    /// Unscaled, at most 38 digits.
    var unscaled: Int128
    var scale: Int

    init(unscaled: Int128, scale: Int) {
        self.unscaled = unscaled
        self.scale = scale
    }

    /// `-12.50`, `.5`, `1e3`; `nil` where it is no number or has more than 38 digits.
    init?(_ text: some StringProtocol) {
        guard text.utf8.count <= 400 else { return nil }
        var scanner = TextScanner(text)
        let isNegative = scanner.sign()
        let whole = scanner.digitRun() ?? ""
        let fraction = scanner.accept(".") ? scanner.digitRun() ?? "" : ""
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        var exponent = 0
        if scanner.accept("e") || scanner.accept("E") {
            let isNegative = scanner.sign()
            guard let digits = scanner.digitRun(), let value = Int(digits), value <= 400 else {
                return nil
            }
            exponent = isNegative ? -value : value
        }
        guard scanner.isAtEnd, let value = Self.digits(whole + fraction) else { return nil }
        unscaled = isNegative ? -value : value
        scale = fraction.utf8.count
        guard shift(exponent) else { return nil }
    }

    private static func digits(_ text: String) -> Int128? {
        let significant = text.drop { $0 == "0" }
        guard significant.utf8.count <= 38 else { return nil }
        return significant.isEmpty ? 0 : Int128(significant)
    }

    private mutating func shift(_ exponent: Int) -> Bool {
        scale -= exponent
        if unscaled == 0 { scale = min(max(scale, 0), 38) }
        if scale < 0 {
            guard let value = Self.shifted(unscaled, up: -scale) else { return false }
            (unscaled, scale) = (value, 0)
        }
        while scale > 38, unscaled % 10 == 0 {
            unscaled /= 10
            scale -= 1
        }
        return scale <= 38
    }

    static func power(_ exponent: Int) -> Int128 {
        var value: Int128 = 1
        for _ in 0..<min(max(exponent, 0), 38) { value *= 10 }
        return value
    }

    /// Times 10^`places`; `nil` beyond 38 digits.
    private static func shifted(_ value: Int128, up places: Int) -> Int128? {
        guard places <= 38 else { return value == 0 ? 0 : nil }
        let (product, overflow) = value.multipliedReportingOverflow(by: power(places))
        return overflow || product.magnitude >= power(38).magnitude ? nil : product
    }

    /// How many digits it has in all; 0.05 has two, as in `decimal(2,2)`.
    var precision: Int { max(unscaled == 0 ? 1 : String(unscaled.magnitude).utf8.count, scale, 1) }

    /// The smallest decimal type it fits in.
    var type: DataType { .decimal(precision: min(precision, 38), scale: scale) }

    /// As a value of that type; `nil` where it would lose digits or has too many.
    func unscaled(precision: Int, scale: Int) -> Int128? {
        var value = unscaled
        if scale >= self.scale {
            guard let wider = Self.shifted(value, up: scale - self.scale) else { return nil }
            value = wider
        } else {
            let (quotient, remainder) = value.quotientAndRemainder(
                dividingBy: Self.power(self.scale - scale))
            guard remainder == 0 else { return nil }
            value = quotient
        }
        return value.magnitude < Self.power(precision).magnitude ? value : nil
    }

    /// `12.50`
    var text: String {
        let digits = String(unscaled.magnitude)
        let sign = unscaled < 0 ? "-" : ""
        guard scale > 0 else { return sign + digits }
        let padded = String(repeating: "0", count: max(0, scale + 1 - digits.utf8.count)) + digits
        return "\(sign)\(padded.dropLast(scale)).\(padded.suffix(scale))"
    }

    var double: Double? { Double(text) }
}

import Runtime
import TestSupport
import Testing

@Suite struct ScalarTextTests {
    /// Calls `parse` with the bytes of `text` at the end of their allocation.
    private func with<T>(_ text: String, _ parse: (UnsafePointer<UInt8>, Int) -> T) -> T {
        let bytes = Array(text.utf8)
        // An empty array has no address; a byte nobody may look at gives it one.
        return (bytes.isEmpty ? [0x39] : bytes).withUnsafeBufferPointer {
            parse($0.baseAddress!, bytes.count)
        }
    }

    private func double(_ text: String) -> Double? { with(text) { ScalarText.double($0, $1) } }

    @Test func doublesAreCorrectlyRounded() {
        let hard = [
            "0", "-0", "1", "1.5", "9007199254740993", "9007199254740992.5", "0.1", "1e22", "1e23",
            "123456789012345678", "1234567890123456789", "12345678901234567890", "1e308",
            "1.7976931348623157e308", "1.7976931348623158e308", "4.9e-324",
            "2.4703282292062327e-324",
            "2.4703282292062328e-324", "2.2250738585072011e-308", "2.2250738585072014e-308",
            "1e-400", "3.5844466002796428e298", "9007199254740993.0000000000000000000001",
            "0.000000000000000000000000000000000000000000001", "6.8e-5", "7.2057594037927933e16",
            "89255.0e-22", "1.00000000000000011102230246251565404236316680908203125",
            "1.00000000000000011102230246251565404236316680908203124",
            "1.00000000000000011102230246251565404236316680908203126", ".5", "5.", "+3", "1E5",
            "1e+5",
        ]
        for text in hard {
            let expected = Double(
                text.hasPrefix(".") ? "0" + text : text.hasSuffix(".") ? text + "0" : text)
            #expect(double(text)?.bitPattern == expected?.bitPattern, "\(text)")
        }
    }

    @Test func randomDoublesSurvive() {
        var random = SplitMix(seed: 3)
        for _ in 0..<20_000 {
            let value = Double(bitPattern: random.next())
            guard value.isFinite else { continue }
            #expect(double(value.description) == value)
        }
        for _ in 0..<20_000 {
            // As many digits and as large an exponent as the paths differ on.
            let digits = (0..<Int.random(in: 1...25, using: &random)).map { _ in
                String(Int.random(in: 0...9, using: &random))
            }.joined()
            let text = "\(digits)e\(Int.random(in: -345...300, using: &random))"
            let expected = Double(text).flatMap { $0.isFinite ? $0 : nil }
            #expect(double(text) == expected, "\(text)")
        }
    }

    @Test func floatsAreRoundedOnce() {
        let parse = { (text: String) in self.with(text) { ScalarText.real($0, $1) } }
        for text in [
            "0.1", "16777217", "16777217.000000001", "3.4028235e38", "1e-45", "7.0064923e-46",
            "8589973000", "1.17549435e-38", "5e-324", "1.000000059604644775390625",
        ] {
            #expect(parse(text) == Float(text), "\(text)")
        }
        #expect(parse("1e39") == nil)
        var random = SplitMix(seed: 4)
        for _ in 0..<5000 {
            let value = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
            if value.isFinite { #expect(parse(value.description) == value) }
        }
    }

    @Test func whatIsNoNumber() {
        for text in [
            "", "-", "+", ".", "e5", "1e", "1e+", "1.2.3", "0x10", "1_000", "1 ", "１", "1e999",
            "--1", "infin",
        ] {
            #expect(double(text) == nil, "\(text)")
        }
        #expect(double("Infinity") == .infinity)
        #expect(double("-inf") == -.infinity)
        #expect(double("NaN")?.isNaN == true)
    }

    @Test func integers() {
        let parse = { (text: String) in self.with(text) { ScalarText.int64($0, $1) } }
        #expect(parse("9223372036854775807") == .max)
        #expect(parse("-9223372036854775808") == .min)
        #expect(parse("+0000000000000000000000000000012") == 12)
        #expect(parse("-0") == 0)
        for text in [
            "9223372036854775808", "-9223372036854775809", "99999999999999999999", "", "-", "1.0",
            "1 ", "+-1",
        ] {
            #expect(parse(text) == nil, "\(text)")
        }
        #expect(with("2147483648") { ScalarText.int32($0, $1) } == nil)
        #expect(with("-2147483648") { ScalarText.int32($0, $1) } == .min)
    }

    @Test func decimalsAreExact() {
        func parse(_ text: String, _ precision: Int, _ scale: Int) -> Int128? {
            with(text) { ScalarText.decimal($0, $1, precision: precision, scale: scale) }
        }
        #expect(parse("12.5", 10, 2) == 1250)
        #expect(parse("-0.005", 10, 3) == -5)
        #expect(parse("12.500000000000000000000000000000000000000000", 10, 2) == 1250)
        #expect(parse("1.255", 10, 2) == nil)
        #expect(parse("100", 4, 2) == nil)
        #expect(parse("99.99", 4, 2) == 9999)
        #expect(parse("1.5e3", 10, 2) == 150_000)
        #expect(parse("150000e-5", 10, 2) == 150)
        #expect(parse("0e999999999", 10, 2) == 0)
        #expect(parse("1e999999999", 10, 2) == nil)
        let most = String(repeating: "9", count: 38)
        #expect(parse(most, 38, 0) == Int128(most))
        #expect(parse("-" + most, 38, 0) == -Int128(most)!)
        #expect(parse(most + "0", 38, 0) == nil)
        for text in ["", ".", "-", "1,5", "1e", "e1", "1.2.3"] {
            #expect(parse(text, 10, 2) == nil)
        }
    }

    @Test func timestamps() {
        func parse(_ text: String) -> String? {
            with(text) { ScalarText.timestamp($0, $1) }.map { micros in
                var out: [UInt8] = []
                ValueText.append(timestamp: micros, to: &out)
                return String(decoding: out, as: UTF8.self)
            }
        }
        #expect(parse("1970-01-01") == "1970-01-01T00:00:00Z")
        #expect(parse("1969-12-31T23:59:59.999999Z") == "1969-12-31T23:59:59.999999Z")
        #expect(parse("2024-02-29 12:30") == "2024-02-29T12:30:00Z")
        #expect(parse("2026-01-31T08:15:00.1234567Z") == "2026-01-31T08:15:00.123457Z")
        #expect(parse("2026-01-31T08:15:00.9999999Z") == "2026-01-31T08:15:01Z")
        #expect(parse("2026-01-31T08:15:00+02:00") == "2026-01-31T06:15:00Z")
        #expect(parse("2026-01-31T08:15:00-0530") == "2026-01-31T13:45:00Z")
        #expect(parse("2026-01-31 08:15:00 UTC") == "2026-01-31T08:15:00Z")
        #expect(parse("2026-01-31 08:15:00+02") == "2026-01-31T06:15:00Z")
        #expect(parse("2016-12-31T23:59:60Z") == "2017-01-01T00:00:00Z")
        #expect(parse("0001-01-01") == "0001-01-01T00:00:00Z")
        #expect(parse("9999-12-31T23:59:59Z") == "9999-12-31T23:59:59Z")
        for text in [
            "", "2026", "2026-1-31", "2026-13-01", "2026-00-01", "2026-01-32", "2026-01-00",
            "2023-02-29", "1900-02-29", "2026-01-31T", "2026-01-31T08", "2026-01-31T24:00",
            "2026-01-31T08:60", "2026-01-31T08:15:61", "2026-01-31T08:15:00.",
            "2026-01-31T08:15:00+",
            "2026-01-31T08:15:00+25:00", "2026-01-31X08:15", "2026-01-31T08:15:00Zx", "20x6-01-31",
            "2026-01-3é", "2026/01/31",
        ] {
            #expect(parse(text) == nil, "\(text)")
        }
    }

    @Test func everyDaySurvives() {
        for days in stride(from: -719_162, through: 2_932_896, by: 97) {
            var out: [UInt8] = []
            ValueText.append(date: days, to: &out)
            let back = out.withUnsafeBufferPointer { ScalarText.date($0.baseAddress!, $0.count) }
            #expect(back.map(Int.init) == days)
        }
    }

    @Test func formats() throws {
        func parse(_ format: String, _ text: String) throws -> String? {
            let format = try TimestampFormat(format)
            return with(text) { format.timestamp($0, $1) }.map { micros in
                var out: [UInt8] = []
                ValueText.append(timestamp: micros, to: &out)
                return String(decoding: out, as: UTF8.self)
            }
        }
        #expect(
            try parse("%d/%b/%Y:%H:%M:%S %z", "10/Oct/2000:13:55:36 -0700")
                == "2000-10-10T20:55:36Z")
        #expect(
            try parse("%A, %B %e, %Y %I:%M %p", "Monday, January  5, 2026 12:07 am")
                == "2026-01-05T00:07:00Z")
        #expect(try parse("%m/%d/%y %I:%M%p", "01/05/99 3:07PM") == "1999-01-05T15:07:00Z")
        #expect(try parse("%Y%m%d", "20230807") == "2023-08-07T00:00:00Z")
        #expect(try parse("%Y-%j", "2024-366") == "2024-12-31T00:00:00Z")
        #expect(try parse("%s", "1700000000.25") == "2023-11-14T22:13:20.25Z")
        #expect(try parse("%Q", "1700000000250") == "2023-11-14T22:13:20.25Z")
        #expect(try parse("%s", "-1") == "1969-12-31T23:59:59Z")
        #expect(try parse("%F %T.%f", "2026-01-31 08:15:00.5") == "2026-01-31T08:15:00.5Z")
        #expect(try parse("%b-%Y", "MAY-2024") == "2024-05-01T00:00:00Z")
        #expect(try parse("%H:%M %% %Z", "9:05 % GMT") == "1970-01-01T09:05:00Z")
        for (format, text) in [
            ("%Y-%j", "2023-366"), ("%d.%m.%Y", "30.02.2024"), ("%s", "99999999999999999999"),
            ("%Y", "2024x"), ("%H", "24"), ("%I", "13"), ("%b", "Foo"), ("%Y-%m", "2024"),
        ] {
            #expect(try parse(format, text) == nil, "\(format) \(text)")
        }
    }

    @Test func booleans() {
        let parse = { (text: String) in self.with(text) { ScalarText.boolean($0, $1) } }
        for text in ["true", "TRUE", "t", "T", "yes", "Y", "on", "1"] {
            #expect(parse(text) == true)
        }
        for text in ["false", "False", "f", "no", "N", "off", "0"] { #expect(parse(text) == false) }
        for text in ["", "2", "tru", "truee", "\u{11}", "\u{10}", "oui", "o", "ye", "-1"] {
            #expect(parse(text) == nil, "\(text)")
        }
    }

    @Test func uuidsAndBytes() {
        let uuid = { (text: String) in self.with(text) { ScalarText.uuid($0, $1) } }
        let value = uuid("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
        #expect(value != nil && value == uuid("{6BA7B8109DAD11D180B400C04FD430C8}"))
        #expect(uuid("ffffffff-ffff-ffff-ffff-ffffffffffff") == -1)
        for text in [
            "", "6ba7b810", "6ba7b8109-dad-11d1-80b4-00c04fd430c8",
            "6ba7b810-9dad-11d1-80b4-00c04fd430cg",
        ] {
            #expect(uuid(text) == nil)
        }
        var out: [UInt8] = []
        #expect(with("\\x00fF") { ScalarText.bytes($0, $1, into: &out) })
        #expect(out == [0, 255])
        #expect(!with("\\x0") { ScalarText.bytes($0, $1, into: &out) })
        #expect(!with("\\xzz") { ScalarText.bytes($0, $1, into: &out) })
    }

    @Test func utf8IsCheckedAsUnicodeSays() {
        var random = SplitMix(seed: 9)
        for _ in 0..<20_000 {
            let count = Int.random(in: 1...12, using: &random)
            let leads: [UInt8] = [
                0x41, 0x80, 0xBF, 0xC1, 0xC3, 0xE0, 0xA0, 0xED, 0x9F, 0xEF, 0xF0, 0x90, 0xF4, 0x8F,
                0xF5, 0xFF,
            ]
            let bytes = (0..<count).map { _ in leads.randomElement(using: &random)! }
            let valid = bytes.withUnsafeBufferPointer {
                UTF8Text.isValid($0.baseAddress!, $0.count)
            }
            #expect(valid == (String(validating: bytes, as: UTF8.self) != nil), "\(bytes)")
        }
    }
}

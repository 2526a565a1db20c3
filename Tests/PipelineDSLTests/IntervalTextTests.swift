import PipelineDSL
import TestSupport
import Testing

@Suite struct IntervalTextTests {
    @Test(arguments: [
        ("5 minutes", 0, 0, 300_000_000), ("1 day", 0, 1, 0), ("2 weeks", 0, 14, 0),
        ("1 year 2 months", 14, 0, 0), ("1-2", 14, 0, 0), ("-1-2", -14, 0, 0),
        ("3 days 04:05:06.7", 0, 3, 14_706_700_000), ("-00:30", 0, 0, -1_800_000_000),
        ("P1Y2M3DT4H5M6S", 14, 3, 14_706_000_000), ("PT0.5S", 0, 0, 500_000), ("P2W", 0, 14, 0),
        ("1 day ago", 0, -1, 0), ("@ 1 hour", 0, 0, 3_600_000_000),
        ("1.5 days", 0, 1, 43_200_000_000),
        ("1.5 months", 1, 15, 0), ("0.5 years", 6, 0, 0), ("10ms", 0, 0, 10_000),
        ("7", 0, 0, 7_000_000),
        ("-1 day 2 hours", 0, -1, 7_200_000_000), ("1.0000001 seconds", 0, 0, 1_000_000),
        ("0.0000005 seconds", 0, 0, 1), ("1 quarter", 3, 0, 0), ("5 minutes 3", 0, 0, 303_000_000),
        ("2 centuries", 2400, 0, 0),
    ]) func reads(text: String, months: Int32, days: Int32, microseconds: Int64) {
        #expect(
            Interval(text) == Interval(months: months, days: days, microseconds: microseconds))
    }

    @Test(arguments: [
        "", " ", "minutes", "5 foo", "1:2:3:4", "P", "PT", "P1H", "1e5 days",
        "--1 day",
        "9223372036854775807 days", "99999999999999999999 s", "200000000 years", "1.2.3 s", "a:b",
        "1:",
        "1 day day", "5 5 minutes", "٣ days",
    ]) func refuses(text: String) {
        #expect(Interval(text) == nil)
    }

    @Test func descriptionIsReadBack() {
        var numbers = SplitMix(seed: 3)
        for _ in 0..<2000 {
            let interval = Interval(
                months: Int32.random(in: -100_000...100_000, using: &numbers),
                days: Int32.random(in: -100_000...100_000, using: &numbers),
                microseconds: Int64.random(
                    in: -1_000_000_000_000...1_000_000_000_000, using: &numbers))
            #expect(Interval(interval.description) == interval, "\(interval)")
        }
        #expect(Interval().description == "0 seconds")
        let extremes = [
            Interval(months: .min, days: .min, microseconds: .min),
            Interval(months: .max, days: .max, microseconds: .max),
        ]
        for interval in extremes { #expect(!interval.description.isEmpty) }
    }
}

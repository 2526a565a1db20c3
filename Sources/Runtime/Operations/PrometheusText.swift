/// Writes the Prometheus text exposition format 0.0.4: families in the order they are added, each with
/// its help and type, then its samples.
///
/// See https://prometheus.io/docs/instrumenting/exposition_formats/.
package struct PrometheusText {
    package enum Kind: String { case counter, gauge, histogram }

    /// A sample: labels in the order they are shown, and the value.
    package typealias Sample = (labels: [(String, String)], value: Double)

    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    package private(set) var text = ""

    package init() {}

    /// A family without samples is left out.
    package mutating func family(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample])
    {
        guard !samples.isEmpty else { return }
        begin(name, kind, help)
        for sample in samples { add(name, sample.labels, sample.value) }
    }

    mutating func histogram(
        _ name: String, _ help: String, _ labels: [(String, String)], _ histogram: Histogram
    ) {
        begin(name, .histogram, help)
        var count = 0
        for (bound, own) in zip(histogram.bounds, histogram.counts) {
            count += own
            let bound = ("le", PrometheusText.number(bound))
            add(name + "_bucket", labels + [bound], Double(count))
        }
        add(name + "_bucket", labels + [("le", "+Inf")], Double(histogram.count))
        add(name + "_sum", labels, histogram.sum)
        add(name + "_count", labels, Double(histogram.count))
    }

    private mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP \(name) \(PrometheusText.escaped(help, quotes: false))\n"
        text += "# TYPE \(name) \(kind.rawValue)\n"
    }

    private mutating func add(_ name: String, _ labels: [(String, String)], _ value: Double) {
        text += name
        if !labels.isEmpty {
            let pairs = labels.map { "\($0)=\"\(PrometheusText.escaped($1, quotes: true))\"" }
            text += "{" + pairs.joined(separator: ",") + "}"
        }
        text += " \(PrometheusText.number(value))\n"
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if let whole = Int64(exactly: value) { return String(whole) }
        return String(value)
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}

/// Counts of values by upper bound.
struct Histogram: Sendable {
    /// Ascending; a value is counted with the first bound it does not exceed.
    let bounds: [Double]
    private(set) var counts: [Int]
    private(set) var count = 0
    private(set) var sum = 0.0

    init(bounds: [Double]) {
        self.bounds = bounds
        counts = [Int](repeating: 0, count: bounds.count)
    }

    mutating func add(_ value: Double) {
        count += 1
        sum += value
        if let index = bounds.firstIndex(where: { value <= $0 }) { counts[index] += 1 }
    }
}

// Writes telemetry of delivery vehicles as CSV: the same seed gives the same bytes.
//
//   generate-telemetry ROWS [SEED] [VEHICLES] > telemetry.csv
//
// Vehicles report every 30 seconds in turn and drive a random walk around their depot. Of the rows
// 1 % repeat an earlier one, and 1 % are dirty in the ways real feeds are: positions off the globe,
// impossible speeds, missing keys, words where numbers belong, fields too few or too many, an
// unknown engine status.

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// SplitMix64 (Steele, Lea, Flood 2014): small, fast, and the same everywhere.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

struct Vehicle {
    var latitude: Double
    var longitude: Double
    var speed: Double
    var status: String
}

func padded(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

func fixed(_ value: Double, _ places: Int) -> String {
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    let scaled = Int((abs(value) * scale).rounded())
    let sign = value < 0 && scaled != 0 ? "-" : ""
    return "\(sign)\(scaled / Int(scale)).\(padded(scaled % Int(scale), places))"
}

/// `seconds` after 2026-01-01T00:00:00Z, within January.
func timestamp(_ seconds: Int) -> String {
    let day = seconds / 86_400
    let rest = seconds % 86_400
    return "2026-01-\(padded(1 + day % 31, 2))T\(padded(rest / 3600, 2)):"
        + "\(padded(rest / 60 % 60, 2)):\(padded(rest % 60, 2))Z"
}

func emit(_ text: String, to descriptor: Int32) {
    var text = text
    text.withUTF8 { bytes in
        var done = 0
        while done < bytes.count {
            let count = write(descriptor, bytes.baseAddress! + done, bytes.count - done)
            guard count > 0 else { exit(1) }
            done += count
        }
    }
}

let arguments = CommandLine.arguments
guard arguments.count >= 2, let rows = Int(arguments[1]), rows >= 0 else {
    emit("usage: generate-telemetry ROWS [SEED] [VEHICLES]\n", to: 2)
    exit(64)
}
var random = SplitMix64(state: arguments.count > 2 ? UInt64(arguments[2]) ?? 7 : 7)
let vehicleCount = arguments.count > 3 ? max(1, Int(arguments[3]) ?? 50_000) : 50_000
var vehicles = (0..<vehicleCount).map { _ in
    Vehicle(
        latitude: 39.9042 + Double.random(in: -0.4...0.4, using: &random),
        longitude: 116.4074 + Double.random(in: -0.5...0.5, using: &random),
        speed: 0, status: "off")
}

var output = "vehicle_id,recorded_at,latitude,longitude,speed_kmh,engine_status\n"
var recent: [String] = []
var written = 0
while written < rows {
    let index = written % vehicleCount
    let kind = Int.random(in: 0..<1000, using: &random)
    if kind < 10, let repeated = recent.randomElement(using: &random) {
        output += repeated
    } else {
        var vehicle = vehicles[index]
        let state = Int.random(in: 0..<10, using: &random)
        vehicle.status = state < 6 ? "moving" : state < 9 ? "idle" : "off"
        vehicle.speed = vehicle.status == "moving" ? Double.random(in: 5...110, using: &random) : 0
        if vehicle.status == "moving" {
            vehicle.latitude += Double.random(in: -0.002...0.002, using: &random)
            vehicle.longitude += Double.random(in: -0.002...0.002, using: &random)
        }
        vehicles[index] = vehicle
        let id = "VH-\(padded(index, 6))"
        let time = timestamp(written / vehicleCount * 30 + index % 30)
        let latitude = fixed(vehicle.latitude, 6)
        let longitude = fixed(vehicle.longitude, 6)
        let speed = fixed(vehicle.speed, 1)
        let row =
            switch kind {
            case 990:
                "\(id),\(time),\(fixed(vehicle.latitude + 60, 6)),\(longitude),\(speed),\(vehicle.status)\n"
            case 991, 992:
                "\(id),\(time),\(latitude),\(longitude),\(fixed(vehicle.speed + 300, 1)),\(vehicle.status)\n"
            case 993: ",\(time),\(latitude),\(longitude),\(speed),\(vehicle.status)\n"
            case 994: "\(id),\(time),n/a,\(longitude),\(speed),\(vehicle.status)\n"
            case 995: "\(id),\(time),\(latitude),\(longitude)\n"
            case 996: "\(id),\(time),\(latitude),\(longitude),\(speed),\(vehicle.status),surplus\n"
            case 997: "\(id),yesterday,\(latitude),\(longitude),\(speed),\(vehicle.status)\n"
            case 998: "\(id),\(time),\(latitude),\(longitude),\(speed),towed\n"
            case 999: "\(id),\(time),\(latitude),\(longitude),,\(vehicle.status)\n"
            default: "\(id),\(time),\(latitude),\(longitude),\(speed),\(vehicle.status)\n"
            }
        if kind < 990 {
            if recent.count < 4096 { recent.append(row) } else { recent[written % 4096] = row }
        }
        output += row
    }
    written += 1
    if output.utf8.count > 1 << 20 {
        emit(output, to: 1)
        output = ""
    }
}
emit(output, to: 1)

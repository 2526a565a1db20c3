import PipelineDSL

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension KernelTable {
    static let geoKernels: [String: KernelResolver] = [
        "haversine_km": { _ in distance(radius: GreatCircle.earthRadiusKm) },
        "haversine_m": { _ in distance(radius: GreatCircle.earthRadiusKm * 1000) },
        "geohash": { _ in
            BoundKernel { call in
                let (latitudes, longitudes) = (
                    call.operand(0, Double.self), call.operand(1, Double.self)
                )
                let precisions =
                    call.arguments.count > 2 ? call.operand(2, Int64.self) : .constant(12)
                return call.texts { row, out in
                    let (latitude, longitude) = (latitudes[row], longitudes[row])
                    guard latitude.magnitude <= 90, longitude.magnitude <= 180,
                        (1...12).contains(precisions[row])
                    else { return .fault(.argument) }
                    Geohash.append(latitude, longitude, length: Int(precisions[row]), to: &out)
                    return .value
                }
            }
        },
    ]

    private static func distance(radius: Double) -> BoundKernel {
        BoundKernel { call in
            let operands = (0..<4).map { call.operand($0, Double.self) }
            let (p1, l1) = (operands[0], operands[1])
            let (p2, l2) = (operands[2], operands[3])
            // Distance is symmetric: a constant place is always made the second one.
            if case (.constant(let latitude), .constant(let longitude)) = (p1, l1) {
                return toPlace(call.count, radius, p2, l2, GreatCircle.Place(latitude, longitude))
            }
            if case (.constant(let latitude), .constant(let longitude)) = (p2, l2) {
                return toPlace(call.count, radius, p1, l1, GreatCircle.Place(latitude, longitude))
            }
            let values = [Double](unsafeUninitializedCapacity: call.count) { out, initialized in
                for row in 0..<call.count {
                    let place = GreatCircle.Place(p2[row], l2[row])
                    out.initializeElement(
                        at: row, to: radius * place.angle(to: p1[row], l1[row]))
                }
                initialized = call.count
            }
            return KernelResult(.float64(values))
        }
    }

    private static func toPlace(
        _ count: Int, _ radius: Double, _ latitudes: Operand<Double>, _ longitudes: Operand<Double>,
        _ place: GreatCircle.Place
    ) -> KernelResult {
        KernelResult(
            .float64(mapValues(latitudes, longitudes, count) { radius * place.angle(to: $0, $1) }))
    }
}

/// Distances on a sphere.
enum GreatCircle {
    /// Mean radius R₁ of the earth (IUGG; Moritz, "Geodetic Reference System 1980").
    static let earthRadiusKm = 6371.0088

    private static let halfRadian = Double.pi / 360
    private static let radian = Double.pi / 180

    /// A place with its trigonometry done.
    struct Place {
        private let latitude: Double
        private let longitude: Double
        private let cosine: Double
        private let sine: Double

        @inline(__always)
        init(_ latitude: Double, _ longitude: Double) {
            self.latitude = latitude
            self.longitude = longitude
            cosine = cos(latitude * radian)
            sine = sin(latitude * radian)
        }

        /// Radians to another place: the haversine formula, with three calls of the library a row.
        ///
        /// The other latitude's cosine follows from what is there already: it lies 2h away, with
        /// sin h known and cos h = √(1 − sin² h). Near the poles that loses digits, and it is
        /// computed there.
        @inline(__always)
        func angle(to otherLatitude: Double, _ otherLongitude: Double) -> Double {
            let s = sin((otherLatitude - latitude) * halfRadian)
            let t = sin((otherLongitude - longitude) * halfRadian)
            let squared = s * s
            let c = (1 - squared).squareRoot()
            var otherCosine = cosine * (1 - 2 * squared) - sine * (2 * s * c)
            if !(otherCosine > 0.05) || !((otherLatitude - latitude).magnitude <= 180) {
                otherCosine = cos(otherLatitude * radian)
            }
            let a = squared + cosine * otherCosine * (t * t)
            // Rounding may take it past 1 for opposite places. NaN stays.
            return 2 * asin((a > 1 ? 1 : a < 0 ? 0 : a).squareRoot())
        }
    }
}

/// The geohash of Gustavo Niemeyer: bits of longitude and latitude by turns, five a character.
enum Geohash {
    private static let digits = Array("0123456789bcdefghjkmnpqrstuvwxyz".utf8)

    static func append(_ latitude: Double, _ longitude: Double, length: Int, to out: inout [UInt8])
    {
        var (south, north, west, east) = (-90.0, 90.0, -180.0, 180.0)
        var isLongitude = true
        for _ in 0..<length {
            var digit = 0
            for _ in 0..<5 {
                digit <<= 1
                if isLongitude {
                    let middle = (west + east) / 2
                    if longitude >= middle {
                        (digit, west) = (digit | 1, middle)
                    } else {
                        east = middle
                    }
                } else {
                    let middle = (south + north) / 2
                    if latitude >= middle {
                        (digit, south) = (digit | 1, middle)
                    } else {
                        north = middle
                    }
                }
                isLongitude.toggle()
            }
            out.append(digits[digit])
        }
    }
}

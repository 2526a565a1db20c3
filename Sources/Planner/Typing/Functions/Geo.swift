import PipelineDSL

extension FunctionCatalogue {
    /// Latitude and longitude in degrees, WGS 84.
    static let geo: [FunctionSignature] = [
        distance("haversine_km", "kilometres", ("round(haversine_km(0, 0, 0, 90), 1)", "10007.6")),
        distance("haversine_m", "metres", ("round(haversine_m(0, 0, 0, 90))", "10007557.0")),
        FunctionSignature(
            "geohash",
            """
            The geohash of a place, 12 characters or the given 1 to 12. A place outside latitude ±90 or
            longitude ±180 is a row error.
            """,
            [
                Overload([.double("latitude"), .double("longitude")], to: .string, fails: .always),
                Overload(
                    [.double("latitude"), .double("longitude"), .bigint("precision")], to: .string,
                    fails: .always),
            ], examples: [("geohash(57.64911, 10.40744, 6)", "u4pruy")]),
    ]

    private static func distance(
        _ name: String, _ unit: String, _ example: (String, String)
    ) -> FunctionSignature {
        FunctionSignature(
            name, aliases: name == "haversine_km" ? ["haversine"] : [],
            """
            The great-circle distance of two places in \(unit), on a sphere of the earth's mean radius,
            6371.0088 km (IUGG).
            """,
            [
                Overload(
                    [
                        .double("latitude1"), .double("longitude1"), .double("latitude2"),
                        .double("longitude2"),
                    ], to: .double)
            ], examples: [example])
    }
}

// swift-tools-version: 6.1

import PackageDescription

// What only benchmarks and example data need. Nothing here is part of the product.
let package = Package(
    name: "benchmarks",
    targets: [
        .executableTarget(name: "generate-telemetry")
    ],
    swiftLanguageModes: [.v6]
)

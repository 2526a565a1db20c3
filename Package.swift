// swift-tools-version: 6.1

import PackageDescription

// Folder order is data flow: PipelineDSL → Planner → Runtime → pipec.
// A target depends only on what stands before it.
let package = Package(
    name: "pipec",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "pipec", targets: ["pipec"]),
        .library(name: "PipelineDSL", targets: ["PipelineDSL"]),
    ],
    traits: [
        .default(enabledTraits: ["Snappy", "Zstd"]),
        .trait(name: "Snappy", description: "Parquet pages compressed with Snappy (libsnappy-dev)"),
        .trait(
            name: "Zstd", description: "Parquet pages and .zst files with Zstandard (libzstd-dev)"),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    ],
    targets: [
        .systemLibrary(
            name: "CLibYAML", pkgConfig: "yaml-0.1",
            providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]),
        .systemLibrary(
            name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .systemLibrary(
            name: "CSnappy", providers: [.apt(["libsnappy-dev"]), .brew(["snappy"])]),
        .systemLibrary(
            name: "CZstd", pkgConfig: "libzstd",
            providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
        .target(name: "PipelineDSL", dependencies: ["CLibYAML"]),
        .target(name: "Planner", dependencies: ["PipelineDSL"]),
        .target(
            name: "Runtime",
            dependencies: [
                "Planner", "PipelineDSL", "CZlib",
                .target(name: "CSnappy", condition: .when(traits: ["Snappy"])),
                .target(name: "CZstd", condition: .when(traits: ["Zstd"])),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]),
        .executableTarget(
            name: "pipec",
            dependencies: [
                "PipelineDSL", "Planner", "Runtime",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .target(name: "TestSupport", path: "Tests/TestSupport"),
        .testTarget(name: "PipelineDSLTests", dependencies: ["PipelineDSL", "TestSupport"]),
        .testTarget(name: "PlannerTests", dependencies: ["Planner", "TestSupport"]),
        .testTarget(name: "RuntimeTests", dependencies: ["Runtime", "TestSupport"]),
        .testTarget(
            name: "CommandTests",
            dependencies: ["pipec", "PipelineDSL", "Planner", "Runtime", "TestSupport"]),
    ],
    swiftLanguageModes: [.v6]
)

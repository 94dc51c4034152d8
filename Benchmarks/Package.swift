// swift-tools-version: 6.1
import PackageDescription

// A package of its own, so that nobody who uses or tests Trivet builds the benchmark tool.
let package = Package(
    name: "trivet-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "trivet", path: ".."),
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    ],
    targets: [
        .target(name: "CGraphReference", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
        .executableTarget(
            name: "Graph",
            dependencies: [
                "CGraphReference",
                .product(name: "Trivet", package: "trivet"),
                .product(name: "LocalEngines", package: "trivet"),
                .product(name: "Benchmark", package: "benchmark"),
            ],
            path: "Benchmarks/Graph",
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]
        ),
        .executableTarget(
            name: "Redis",
            dependencies: [
                .product(name: "Trivet", package: "trivet"),
                .product(name: "LocalEngines", package: "trivet"),
                .product(name: "Benchmark", package: "benchmark"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Benchmarks/Redis",
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]
        ),
        .executableTarget(
            name: "Pools",
            dependencies: [
                .product(name: "Trivet", package: "trivet"),
                .product(name: "LocalEngines", package: "trivet"),
                .product(name: "Pooling", package: "trivet"),
                .product(name: "Benchmark", package: "benchmark"),
            ],
            path: "Benchmarks/Pools",
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]
        ),
    ],
    swiftLanguageModes: [.v6]
)

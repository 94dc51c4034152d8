// swift-tools-version: 6.1
import PackageDescription

let settings: [SwiftSetting] = [.enableUpcomingFeature("ExistentialAny")]

let package = Package(
    name: "trivet",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Trivet", targets: ["Trivet"]),
        .library(name: "Pooling", targets: ["Pooling"]),
        .library(name: "MetricsExport", targets: ["MetricsExport"]),
        .library(name: "Dashboard", targets: ["Dashboard"]),
        .library(name: "TrivetTesting", targets: ["TrivetTesting"]),
        .library(name: "LocalEngines", targets: ["LocalEngines"]),
        .executable(name: "trivet", targets: ["TrivetCommand"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: [.defaults, "YAML"]),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    ],
    targets: [
        // The graph engine: our declarations of its C interface, loaded at run time, and a Swift client over it.
        .target(name: "CGraphEngine", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
        .target(name: "GraphClient", dependencies: ["CGraphEngine", "Threads", "Failpoints"], swiftSettings: settings),
        // Graphs out of one engine and into the other, checked.
        .target(name: "GraphTransfer", dependencies: ["GraphClient"], swiftSettings: settings),
        // What somebody may have meant who has written a name wrongly.
        .target(name: "Spelling", swiftSettings: settings),
        // Threads of our own for calls that block.
        .target(name: "Threads", swiftSettings: settings),
        .target(
            name: "RedisClient",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        // Private engines of our own: found, started, supervised and cleaned up, for tests and for `trivet run`.
        .target(
            name: "LocalEngines",
            dependencies: [
                "RedisClient", "Threads",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Stores",
            dependencies: [
                "GraphClient", "RedisClient", "Pooling", "Spelling", "Threads",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings
        ),
        // One pool for connections of any kind.
        .target(
            name: "Pooling", dependencies: [.product(name: "Logging", package: "swift-log")], swiftSettings: settings),
        .target(
            name: "Measurement",
            dependencies: ["Spelling", .product(name: "Histogram", package: "hdrhistogram-swift")],
            swiftSettings: settings
        ),
        // Streaming analytics over events in event time.
        .target(name: "Analytics", dependencies: ["Measurement"], swiftSettings: settings),
        // What swift-metrics is told, as Prometheus reads it.
        .target(
            name: "MetricsExport",
            dependencies: [
                "Measurement",
                .product(name: "CoreMetrics", package: "swift-metrics"),
            ],
            swiftSettings: settings
        ),
        // What clients did and saw, and whether any serial order explains it.
        .target(
            name: "Histories", dependencies: ["Measurement", .product(name: "SystemPackage", package: "swift-system")],
            swiftSettings: settings),
        // Scenario files: read, checked and made into plain values, with the arithmetic of load, faults and targets.
        .target(
            name: "Scenarios", dependencies: ["Measurement", "Spelling", .product(name: "Yams", package: "Yams")],
            swiftSettings: settings),
        // A proxy before a server that does what networks do when they fail.
        .target(
            name: "FaultInjection",
            dependencies: [
                "Scenarios", "Measurement",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings),
        // Named places at which a crash test can end the process.
        .target(name: "Failpoints", swiftSettings: settings),
        // One transaction across the three stores.
        .target(
            name: "Transactions",
            dependencies: [
                "Stores", "GraphClient", "RedisClient", "Pooling", "Threads", "Measurement", "Failpoints",
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            // Whatever is called from a transaction's body stays on the coordinator's thread.
            swiftSettings: settings + [.enableUpcomingFeature("NonisolatedNonsendingByDefault")]
        ),
        .target(
            name: "Trivet",
            dependencies: ["Stores", "Transactions", "Pooling", "GraphClient", "RedisClient", "Measurement"],
            swiftSettings: settings),
        .target(
            name: "TrivetTesting",
            dependencies: ["LocalEngines", "GraphClient", "RedisClient", "Stores", "Transactions"],
            swiftSettings: settings),
        .target(
            name: "LoadTesting",
            dependencies: [
                "Scenarios", "FaultInjection", "Transactions", "Histories", "Stores", "Pooling", "Measurement",
                "LocalEngines", "Threads", "Failpoints", .product(name: "Metrics", package: "swift-metrics"),
                "Analytics", "LiveFeed",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            resources: ["cache-sync", "cross-database", "database-stress", "recovery", "sustained", "worker"].map {
                .embedInCode("BuiltIn/\($0).yaml")
            },
            swiftSettings: settings),
        // The engines called from plain C: what Trivet is measured against.
        .target(
            name: "CReference",
            linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux])), .linkedLibrary("sqlite3")]),
        // What Trivet costs, side by side with doing without it: `trivet bench`.
        .target(
            name: "Benchmarking",
            dependencies: [
                "LoadTesting", "Transactions", "Stores", "GraphClient", "RedisClient", "Pooling", "Measurement",
                "LocalEngines", "Threads", "MetricsExport", "CReference",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Metrics", package: "swift-metrics"),
            ],
            swiftSettings: settings),
        .target(
            name: "Reporting", dependencies: ["LoadTesting", "Measurement", "Failpoints"], swiftSettings: settings),
        // Events for readers that come, go, sleep and come back; and a server for them.
        .target(
            name: "LiveFeed",
            dependencies: [
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),
        // Pages that show runs and pools as it happens.
        .target(
            name: "Dashboard",
            dependencies: [
                "LiveFeed", "Reporting", "LoadTesting", "MetricsExport", "Stores",
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "TrivetCommand",
            dependencies: [
                "Dashboard", "LiveFeed", "Reporting", "Benchmarking", "LoadTesting", "Scenarios", "Histories",
                "LocalEngines", "Transactions", "Stores",
                "GraphClient", "GraphTransfer", "RedisClient", "Failpoints", "Measurement", "MetricsExport", "Spelling",
                "Threads", .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "GraphClientTests",
            dependencies: ["GraphClient", "CGraphEngine", "Measurement", "Threads", "TrivetTesting"],
            swiftSettings: settings),
        .testTarget(
            name: "GraphTransferTests",
            dependencies: ["GraphTransfer", "GraphClient", "Transactions", "Stores", "Measurement", "TrivetTesting"],
            swiftSettings: settings),
        .testTarget(name: "RedisClientTests", dependencies: ["RedisClient", "TrivetTesting"], swiftSettings: settings),
        .testTarget(name: "PoolingTests", dependencies: ["Pooling", "Measurement"], swiftSettings: settings),
        // Counts the tests' allocations.
        .target(name: "CAllocationCounter", path: "Tests/CAllocationCounter"),
        .testTarget(
            name: "MeasurementTests", dependencies: ["Measurement", "CAllocationCounter"], swiftSettings: settings),
        .testTarget(name: "SpellingTests", dependencies: ["Spelling"], swiftSettings: settings),
        .testTarget(name: "AnalyticsTests", dependencies: ["Analytics", "Measurement"], swiftSettings: settings),
        .testTarget(
            name: "MetricsExportTests",
            dependencies: [
                "MetricsExport", "Stores", "Transactions", "Pooling", "TrivetTesting", "CAllocationCounter",
                .product(name: "Metrics", package: "swift-metrics"),
            ],
            swiftSettings: settings),
        // A browser for tests of what people see.
        .target(
            name: "BrowserTesting",
            dependencies: [
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/BrowserTesting", swiftSettings: settings),
        .testTarget(
            name: "LiveFeedTests",
            dependencies: [
                "LiveFeed", "Measurement",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "DashboardTests",
            dependencies: [
                "Dashboard", "LiveFeed", "Reporting", "LoadTesting", "MetricsExport", "Stores", "Transactions",
                "LocalEngines", "TrivetTesting", "BrowserTesting",
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "BenchmarkingTests",
            dependencies: ["Benchmarking", "GraphClient", "LoadTesting", "Measurement", "TrivetTesting"],
            swiftSettings: settings),
        .testTarget(
            name: "ScenariosTests",
            dependencies: ["Scenarios", "Measurement", .product(name: "Yams", package: "Yams")],
            swiftSettings: settings),
        .testTarget(
            name: "FaultInjectionTests",
            dependencies: [
                "FaultInjection", "Scenarios", "Measurement",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings),
        .testTarget(name: "HistoriesTests", dependencies: ["Histories", "Measurement"], swiftSettings: settings),
        .testTarget(
            name: "TransactionsTests",
            dependencies: [
                "Transactions", "TrivetTesting", "Measurement",
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "StoresTests",
            dependencies: [
                "Stores", "Measurement", "Pooling", "TrivetTesting",
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: settings),
        .testTarget(name: "ThreadsTests", dependencies: ["Threads"], swiftSettings: settings),
        .testTarget(
            name: "LocalEnginesTests", dependencies: ["LocalEngines", "Threads", "TrivetTesting"],
            swiftSettings: settings),
        .testTarget(
            name: "LoadTestingTests",
            dependencies: [
                "LoadTesting", "Scenarios", "FaultInjection", "Histories", "Reporting", "TrivetTesting", "Analytics",
                "LiveFeed",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings),
        // What users can read as examples.
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "Trivet", "TrivetTesting", "Analytics", "Measurement",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "ReportingTests",
            dependencies: ["Reporting", "LoadTesting", "Measurement", "TrivetTesting", "BrowserTesting"],
            swiftSettings: settings),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "TrivetCommand", "TrivetTesting", "GraphClient", "LoadTesting", "Failpoints", "Measurement",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6]
)

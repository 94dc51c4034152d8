import GRDB
import Logging
import ServiceLifecycle
import Testing
import Trivet
import TrivetTesting

/// How a service opens three stores with transactions across them, and ends them in order. Each test is an example that can be read by itself.
@Suite("A service over three stores", .timeLimit(.minutes(5)))
struct ServiceTests {
    /// What a service does while it runs; here it ends the whole group once it has done its work.
    private struct Work: Service {
        let body: @Sendable () async throws -> Void

        func run() async throws { try await body() }
    }

    private func configuration() throws -> StoresConfiguration {
        let folder = try TemporaryDirectory.current
        var configuration = StoresConfiguration()
        configuration.sqlite = .init(path: folder.path(of: "community.sqlite"))
        configuration.graph = .init(path: folder.path(of: "community.graph"))
        configuration.redis = .server(try RedisServer.current.endpoint)
        return configuration
    }

    @Test(
        "T1, P6: pools, coordinator and synchronizer run in a service group, and end one after the other",
        .redisServer, .temporaryDirectory)
    func group() async throws {
        let configuration = try configuration()
        for start in 1...2 {
            let (manager, coordinator) = try await Coordinator.open(configuration)
            #expect(coordinator.recovery.epoch == start)
            if start == 1 { try await Community.found(coordinator) }
            let synchronizer = try CacheSynchronizer(coordinator, mappings: Community.mappings)
            let work = Work {
                try await synchronizer.waitUntilCurrent()
                let id = start
                try await coordinator.transaction { txn in
                    try await txn.sqlite {
                        try $0.execute(sql: "INSERT INTO people VALUES (?, ?)", arguments: [id, "person \(id)"])
                    }
                    try await txn.graph.insert("Person", ["id": id, "name": "person \(id)"])
                }
                #expect(try await manager.redis.exists("person:\(id)"))
                // The pools that the transaction used are those that the manager shows.
                let writers = manager.status.stores.flatMap(\.pools).filter { $0.name.hasSuffix(".writer") }
                #expect(writers.count == 2 && writers.allSatisfy { $0.acquired > 0 })
            }
            var group = ServiceGroupConfiguration(
                services: [
                    .init(service: manager), .init(service: coordinator), .init(service: synchronizer),
                    .init(service: work, successTerminationBehavior: .gracefullyShutdownGroup),
                ], logger: Logger(label: "service"))
            group.maximumGracefulShutdownDuration = .seconds(60)
            try await ServiceGroup(configuration: group).run()
            #expect(await manager.shutdown().isComplete)
            #expect(!synchronizer.status.isRunning)
        }
    }

    @Test(
        "T1: stores that can't be opened are all named, and nothing stays open", .redisServer, .temporaryDirectory)
    func failure() async throws {
        let right = try configuration()
        var wrong = right
        wrong.openTimeout = .milliseconds(300)
        wrong.graph?.path = "/nowhere/community.graph"
        wrong.redis = .server(.unixSocket(path: "/nowhere/redis.sock"))
        do {
            _ = try await Coordinator.open(wrong)
            Issue.record("two of the stores are nowhere")
        } catch let error as PoolManagerError {
            #expect("\(error)".contains("graph") && "\(error)".contains("redis"))
        }
        let (manager, coordinator) = try await Coordinator.open(right)
        await coordinator.close()
        #expect(await manager.shutdown().isComplete)
    }

    @Test("T1: what can't take part in transactions is refused with the remedy", .redisServer, .temporaryDirectory)
    func refusals() async throws {
        var cluster = try configuration()
        cluster.redis = .cluster([try RedisServer.current.endpoint])
        var withoutRecords = try configuration()
        withoutRecords.sqlite = nil
        for configuration in [cluster, withoutRecords] {
            do {
                _ = try await Coordinator.open(configuration)
                Issue.record("it can't be coordinated")
            } catch let error as TransactionError {
                #expect(error.code == .unsupported && !error.remedy.isEmpty)
            }
        }
    }

    @Test("T1: a second coordinator for the same stores is refused", .redisServer, .temporaryDirectory)
    func onlyOne() async throws {
        let (manager, coordinator) = try await Coordinator.open(try configuration())
        do {
            _ = try await Coordinator.open(try configuration())
            Issue.record("the stores are coordinated already")
        } catch let error as TransactionError {
            #expect(error.code == .locked)
        }
        await coordinator.close()
        await manager.shutdown()
    }
}

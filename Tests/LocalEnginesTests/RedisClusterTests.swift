import Testing
import TrivetTesting

@testable import LocalEngines

@Suite struct RedisClusterTests {
    @Test(arguments: [0, 1]) func servesOnEveryNode(replicasPerMaster: Int) async throws {
        var processes: [Int32?] = []
        try await RedisCluster.withCluster(.init(replicasPerMaster: replicasPerMaster)) { cluster in
            #expect(cluster.nodes.count == 3 * (1 + replicasPerMaster))
            #expect(Set(cluster.endpoints).count == cluster.nodes.count)
            for (number, node) in cluster.nodes.enumerated() {
                let role = ClusterFormation.fields(try text(await node.control(["INFO", "replication"])))["role"]
                #expect(role == (number < 3 ? "master" : "slave"))
                let state = ClusterFormation.fields(try text(await node.control(["CLUSTER", "INFO"])))["cluster_state"]
                #expect(state == "ok")
            }
            processes = cluster.nodes.map(\.processID)
        }
        for process in processes { #expect(!isThere(try #require(process))) }
    }

    @Test func aReplicaTakesOverFromAKilledMaster() async throws {
        try await RedisCluster.withCluster(.init(replicasPerMaster: 1)) { cluster in
            await cluster.nodes[0].kill()
            try await eventually {
                ClusterFormation.fields(try text(await cluster.nodes[3].control(["INFO", "replication"])))["role"]
                    == "master"
            }
            try await cluster.nodes[0].restart()
            try await eventually {
                ClusterFormation.fields(try text(await cluster.nodes[0].control(["INFO", "replication"])))["role"]
                    == "slave"
            }
        }
    }

    @Test func takesAPassword() async throws {
        try await RedisCluster.withCluster(.init(password: "secret")) { cluster in
            let reply = try await cluster.nodes[0].control(["CLUSTER", "COUNTKEYSINSLOT", "1"])
            #expect(reply == .text("0"))
        }
    }

    @Test func slotsAreSharedWithoutGapOrOverlap() {
        let ranges = (0..<3).map { ClusterFormation.slots(of: $0, masters: 3) }
        #expect(ranges.flatMap(Array.init) == Array(0..<16384))
    }

    @Test func refusesWhatCannotBeACluster() async throws {
        for configuration in [
            RedisCluster.Configuration(masters: 2), RedisCluster.Configuration(transport: .unixSocket),
        ] {
            let error = await #expect(throws: LocalEngineError.self) {
                try await RedisCluster.withCluster(configuration) { _ in }
            }
            #expect(error?.code == .configuration)
        }
    }

    private func text(_ reply: ControlReply) throws -> String {
        guard case .text(let text) = reply else { throw MissingText() }
        return text
    }

    private struct MissingText: Error {}
}

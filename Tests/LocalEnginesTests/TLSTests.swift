import Testing

@testable import LocalEngines

@Suite struct TLSTests {
    @Test func aServerSpeaksTLSWithItsCertificates() async throws {
        try await TemporaryDirectory.withDirectory { directory in
            let certificates = try await LocalCertificates.make(in: directory.path)
            try await RedisServer.withServer(.init(transport: .tls(certificates.forServer()))) { server in
                let answer = try await talk(to: server, certificates, asClient: false)
                #expect(answer.contains("+PONG"))
            }
        }
    }

    @Test func aServerThatWantsClientCertificatesRefusesOthers() async throws {
        try await TemporaryDirectory.withDirectory { directory in
            let certificates = try await LocalCertificates.make(in: directory.path)
            let files = certificates.forServer(requiresClientCertificate: true)
            try await RedisServer.withServer(.init(transport: .tls(files))) { server in
                let with = try await talk(to: server, certificates, asClient: true)
                #expect(with.contains("+PONG"))
                let without = try await talk(to: server, certificates, asClient: false)
                #expect(!without.contains("+PONG"))
            }
        }
    }

    @Test func aClusterSpeaksTLSBetweenItsNodesToo() async throws {
        try await TemporaryDirectory.withDirectory { directory in
            let certificates = try await LocalCertificates.make(in: directory.path)
            let configuration = RedisCluster.Configuration(transport: .tls(certificates.forServer()))
            try await RedisCluster.withCluster(configuration) { cluster in
                #expect(cluster.nodes.count == 3)
            }
        }
    }

    /// What a client that checks the server's certificate is answered.
    private func talk(
        to server: RedisServer, _ certificates: LocalCertificates, asClient: Bool
    ) async throws -> String {
        var arguments = [
            "s_client", "-connect", "\(server.endpoint)", "-CAfile", certificates.authority, "-verify_return_error",
            "-quiet",
        ]
        if asClient { arguments += ["-cert", certificates.clientCertificate, "-key", certificates.clientKey] }
        return try await outputOf("openssl", arguments, input: "PING\r\nQUIT\r\n")
    }
}

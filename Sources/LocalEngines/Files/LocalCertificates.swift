import Threads

/// Certificates for TLS with a server of our own: an authority, and one certificate each for the server and a client.
///
/// Valid for two days, for `localhost` and 127.0.0.1. All properties are paths of PEM files.
public struct LocalCertificates: Sendable, Hashable {
    /// The authority's certificate: what both sides trust.
    public let authority: String
    /// The server's certificate.
    public let serverCertificate: String
    /// The server's private key.
    public let serverKey: String
    /// The client's certificate.
    public let clientCertificate: String
    /// The client's private key.
    public let clientKey: String

    /// What a server needs of them.
    public func forServer(requiresClientCertificate: Bool = false) -> RedisServer.Configuration.TLSFiles {
        .init(
            certificate: serverCertificate, privateKey: serverKey, authority: authority,
            requiresClientCertificate: requiresClientCertificate)
    }

    /// Makes them in a folder, which has to be there, with the `openssl` command.
    ///
    /// - Throws: `LocalEngineError` when the command is missing or fails.
    public static func make(in folder: String) async throws -> LocalCertificates {
        let names = "subjectAltName=DNS:localhost,IP:127.0.0.1\n"
        try await onThread { try write(names, to: folder + "/names.txt") }
        try await key("authority", in: folder)
        try await openssl(
            in: folder, "req", "-x509", "-new", "-key", "authority.key", "-out", "authority.pem", "-days", "2", "-subj",
            "/CN=Trivet test authority")
        for name in ["server", "client"] {
            try await key(name, in: folder)
            try await openssl(
                in: folder, "req", "-new", "-key", "\(name).key", "-out", "\(name).csr", "-subj", "/CN=\(name)")
            try await openssl(
                in: folder, "x509", "-req", "-in", "\(name).csr", "-CA", "authority.pem", "-CAkey", "authority.key",
                "-CAcreateserial", "-days", "2", "-extfile", "names.txt", "-out", "\(name).pem")
        }
        return LocalCertificates(
            authority: folder + "/authority.pem", serverCertificate: folder + "/server.pem",
            serverKey: folder + "/server.key", clientCertificate: folder + "/client.pem",
            clientKey: folder + "/client.key")
    }

    private static func key(_ name: String, in folder: String) async throws {
        try await openssl(in: folder, "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "\(name).key")
    }

    private static func openssl(in folder: String, _ arguments: String...) async throws {
        let result: Tool.Result
        do {
            result = try await Tool.run("openssl", arguments, in: folder)
        } catch {
            try Task.checkCancellation()
            throw LocalEngineError(
                .missing, "The openssl command cannot be run: \(error).",
                remedy: "Run scripts/bootstrap, which installs it.")
        }
        guard result.succeeded else {
            throw LocalEngineError(
                .command, "openssl \(arguments.first ?? "") failed.",
                log: result.complaints.split(whereSeparator: \.isNewline).map(String.init))
        }
    }
}

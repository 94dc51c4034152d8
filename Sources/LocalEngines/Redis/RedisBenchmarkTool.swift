import RedisClient
import Subprocess

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The server's own benchmark, which is installed with it: what a client is measured against.
package struct RedisBenchmarkTool: Sendable {
    /// The program's path.
    package let path: String

    /// Finds it beside a server's program.
    ///
    /// - Throws: `LocalEngineError` (`missing`), with the remedy.
    package init(beside server: RedisExecutable) throws {
        let folder = FilePath(server.path).removingLastComponent()
        path = folder.appending("redis-benchmark").string
        guard access(path, X_OK) == 0 else {
            throw LocalEngineError(
                .missing, "redis-benchmark is not beside \(server.path).",
                remedy: "Install it: Debian and Ubuntu have it in redis-tools, and what is built from source has it.")
        }
    }

    /// GETs of a value of three bytes.
    ///
    /// - Parameters:
    ///   - connections: how many clients ask at the same time.
    ///   - depth: how many commands each sends at once.
    ///   - requests: how many in all.
    /// - Returns: requests a second.
    /// - Throws: `LocalEngineError` (`command`) when it says no figure; `CancellationError`.
    package func get(
        from endpoint: RedisEndpoint, connections: Int, depth: Int, requests: Int
    ) async throws -> Double {
        let address =
            switch endpoint {
            case .tcp(let host, let port): ["-h", host, "-p", "\(port)"]
            case .unixSocket(let path): ["-s", path]
            }
        let result = try await Subprocess.run(
            .path(FilePath(path)),
            arguments: Arguments(
                address + [
                    "-c", "\(connections)", "-P", "\(depth)", "-n", "\(requests)", "-d", "3", "-t", "get", "--csv",
                ]), output: .string(limit: 1 << 16), error: .string(limit: 1 << 16))
        try Task.checkCancellation()
        guard let rate = Self.rate(in: result.standardOutput) else {
            throw LocalEngineError(
                .command, "redis-benchmark said no figure: \(result.standardOutput) \(result.standardError)")
        }
        return rate
    }

    /// The figure in the last row of what it prints: `"GET","153846.16",…`.
    static func rate(in csv: String) -> Double? {
        guard let row = csv.split(separator: "\n").last else { return nil }
        let fields = row.split(separator: ",", omittingEmptySubsequences: false)
        guard fields.count > 1 else { return nil }
        return Double(fields[1].filter { $0 != "\"" })
    }
}

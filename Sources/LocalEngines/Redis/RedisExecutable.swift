import Subprocess
import Synchronization

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

/// An installed redis-server.
public struct RedisExecutable: Sendable, Hashable {
    /// The program's path.
    public let path: String
    /// Its version, such as `7.0.15`.
    public let version: String

    /// Finds redis-server: the given path if there is one; else the one that the environment variable
    /// `TRIVET_REDIS_SERVER` names; else the first in `PATH` and in the usual places.
    ///
    /// - Throws: `LocalEngineError` (`missing`, `notExecutable`), with the remedy.
    public static func find(_ chosen: String? = nil) async throws -> RedisExecutable {
        if let chosen { return try await examined(chosen, "the given redis-server") }
        if let chosen = environment("TRIVET_REDIS_SERVER") {
            return try await examined(chosen, "the redis-server that TRIVET_REDIS_SERVER names")
        }
        let usual = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin", "/opt/homebrew/opt/redis/bin"]
        for folder in (environment("PATH") ?? "").split(separator: ":").map(String.init) + usual {
            let path = folder + "/redis-server"
            if access(path, X_OK) == 0 { return try await examined(path, "redis-server") }
        }
        throw LocalEngineError(
            .missing, "redis-server is not installed.", remedy: "Run scripts/bootstrap, which installs it.")
    }

    private static let known = Mutex<[String: RedisExecutable]>([:])

    private static func examined(_ path: String, _ name: String) async throws -> RedisExecutable {
        if let found = known.withLock({ $0[path] }) { return found }
        guard access(path, F_OK) == 0 else {
            throw LocalEngineError(
                .missing, "\(name), \(path), does not exist.", remedy: "Correct the path, or run scripts/bootstrap.")
        }
        func refused(_ why: String) -> LocalEngineError {
            LocalEngineError(
                .notExecutable, "\(name), \(path), cannot be used: \(why).",
                remedy: "Name a redis-server program, or run scripts/bootstrap.")
        }
        guard access(path, X_OK) == 0 else { throw refused("it may not be executed") }
        let output: String
        do {
            let result = try await run(
                .path(FilePath(path)), arguments: ["--version"], output: .string(limit: 4096), error: .discarded)
            output = result.standardOutput
        } catch {
            try Task.checkCancellation()
            throw refused("\(error)")
        }
        guard let version = version(in: output) else { throw refused("it does not say a version") }
        let found = RedisExecutable(path: path, version: version)
        known.withLock { $0[path] = found }
        return found
    }

    /// The version in what `redis-server --version` prints: `Redis server v=7.0.15 sha=…`.
    static func version(in output: String) -> String? {
        output.split(separator: " ").first { $0.hasPrefix("v=") }.map { String($0.dropFirst(2)) }
    }

    private static func environment(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }
}

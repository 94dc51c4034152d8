import ArgumentParser
import Foundation
import RedisClient
import Stores

/// Where a Redis server is, as the command line says it.
struct RedisAddress {
    /// For people, without a password.
    let name: String
    let endpoint: RedisEndpoint
    private var username: String?
    private var password: String?
    private var database = 0

    init(_ text: String) throws {
        if text.hasPrefix("unix:") {
            endpoint = .unixSocket(path: String(text.dropFirst(5)))
            name = text
            return
        }
        if text.hasPrefix("redis://") {
            guard let url = URLComponents(string: text), let host = url.host, !host.isEmpty else {
                throw Self.wrong(text)
            }
            let path = url.path.drop { $0 == "/" }
            guard let database = path.isEmpty ? 0 : Int(path), database >= 0 else { throw Self.wrong(text) }
            let port = url.port ?? 6379
            endpoint = .tcp(host: host.trimmingCharacters(in: ["[", "]"]), port: port)
            username = url.user.flatMap { $0.isEmpty ? nil : $0 }
            password = url.password
            self.database = database
            name = "redis://\(host):\(port)" + (database == 0 ? "" : "/\(database)")
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (1...65_535).contains(port), colon != text.startIndex, !text.contains("/")
        else { throw Self.wrong(text) }
        endpoint = .tcp(host: text[..<colon].trimmingCharacters(in: ["[", "]"]), port: port)
        name = text
    }

    /// Without what may be a password.
    private static func wrong(_ text: String) -> ValidationError {
        let shown = text.contains("@") ? "…@" + (text.split(separator: "@").last ?? "") : text
        return ValidationError(
            "--redis is \"\(shown)\"; give host:port, such as localhost:6379, unix:path, or redis://user:password@host:port/database."
        )
    }

    var configuration: RedisPoolConfiguration {
        let environment = ProcessInfo.processInfo.environment
        var configuration = RedisPoolConfiguration()
        configuration.connection.username = username ?? environment["TRIVET_REDIS_USERNAME"]
        configuration.connection.password = password ?? environment["TRIVET_REDIS_PASSWORD"]
        configuration.connection.database = database
        configuration.pool.minimumSize = 1
        return configuration
    }
}

import ArgumentParser
import Foundation
import LiveFeed

/// Where a dashboard listens, and the token that others have to know.
enum DashboardPlace {
    static let usualPort = 9400
    /// Not an option: what stands in a command line is seen by all of a machine's users.
    static let tokenVariable = "TRIVET_DASHBOARD_TOKEN"

    static func configuration(host: String, port: Int) -> FeedServer.Configuration {
        var configuration = FeedServer.Configuration()
        configuration.host = host
        configuration.port = port
        configuration.token = ProcessInfo.processInfo.environment[tokenVariable]
        return configuration
    }

    /// Before anything is started.
    ///
    /// - Throws: `ConfigurationError` when it would be open to others.
    static func check(host: String) throws {
        do {
            _ = try AccessRule(host: host, token: configuration(host: host, port: 0).token)
        } catch {
            throw ConfigurationError(description: "\(error) The token is what the variable \(tokenVariable) has.")
        }
    }

    static func validate(port: Int, option: String) throws {
        guard (0...65_535).contains(port) else { throw ValidationError("\(option) is \(port); give 0 to 65535.") }
    }
}

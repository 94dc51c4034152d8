import Foundation
import Scenarios
import Transactions

/// The scenarios that come with Trivet and are files: `Sources/LoadTesting/BuiltIn`.
package enum BuiltInFiles {
    private static let texts = [
        ("cache-sync", PackageResources.cache_sync_yaml),
        ("cross-database", PackageResources.cross_database_yaml),
        ("database-stress", PackageResources.database_stress_yaml),
        ("recovery", PackageResources.recovery_yaml),
        ("sustained", PackageResources.sustained_yaml),
        ("worker", PackageResources.worker_yaml),
    ]

    /// Their texts by their names.
    package static var all: [(name: String, text: String)] {
        texts.map { ($0.0, String(decoding: $0.1, as: UTF8.self)) }
    }

    /// What their tables' rows are in Redis.
    package static var mappings: [StoreMapping] {
        get throws {
            try all.flatMap { name, _ in scenario(name).file.mappings }.map { try FollowedTable($0).mapping }
        }
    }

    /// One of them. The program can't be built with one that is wrong: a test reads them all.
    static func scenario(_ name: String) -> FileScenario {
        guard let text = all.first(where: { $0.name == name })?.text else { preconditionFailure("there is no \(name)") }
        do {
            return FileScenario(file: try FileRun.scenario(text, path: "\(name).yaml"))
        } catch {
            preconditionFailure("\(error)")
        }
    }
}

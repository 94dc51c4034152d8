import Foundation
import Scenarios

/// The scenarios that come with Trivet and are files: `Sources/LoadTesting/BuiltIn`.
package enum BuiltInFiles {
    private static let texts = [
        ("cross-database", PackageResources.cross_database_yaml),
        ("database-stress", PackageResources.database_stress_yaml),
        ("recovery", PackageResources.recovery_yaml),
    ]

    /// Their texts by their names.
    package static var all: [(name: String, text: String)] {
        texts.map { ($0.0, String(decoding: $0.1, as: UTF8.self)) }
    }

    /// One of them. The program can't be built with one that is wrong: a test reads them all.
    static func scenario(_ name: String) -> FileScenario {
        guard let text = all.first(where: { $0.name == name })?.text else { preconditionFailure("there is no \(name)") }
        do {
            return FileScenario(file: try ScenarioFile(text, path: "\(name).yaml", checks: Target.latencies.map(\.id)))
        } catch {
            preconditionFailure("\(error)")
        }
    }
}

import Foundation
import LoadTesting
import Measurement

/// A result that a command has written before.
enum EarlierResult {
    /// - Throws: `ConfigurationError` when it can't be read, or is none.
    static func load(_ file: String) throws -> RunResult {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: file))
        } catch {
            throw ConfigurationError(description: "Can't read \(file): \(error.systemReason)")
        }
        do {
            return try JSONDecoder().decode(RunResult.self, from: data)
        } catch {
            throw ConfigurationError(
                description:
                    "\(file) is no result of trivet run, bench, crash or history: --json, or --report's report.json.")
        }
    }

    /// To draw a run beside it.
    static func baseline(_ file: String) throws -> RunResult.Baseline { RunResult.Baseline(try load(file), name: file) }
}

import ArgumentParser
import Foundation
import LoadTesting

/// The process that has the stores open and does the operations of a scenario's file whose faults kill it. `trivet run` starts it; it is for nobody
/// else, and so in no help.
struct WorkerProcessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "worker-process", shouldDisplay: false)

    @Option var folder: String
    @Option var redis: String
    @Option var copy: String
    @Option var path: String
    @Option var seed: UInt64
    @Option var scale: Double
    @Option var fault: [String] = []

    func run() async throws {
        let worker = try ScenarioWorker(
            folder: folder, redis: try RedisAddress(redis).endpoint,
            text: try String(contentsOfFile: copy, encoding: .utf8),
            path: path, seed: seed, scale: scale)
        guard await worker.run(faults: fault) else { throw ExitCode(1) }
    }
}

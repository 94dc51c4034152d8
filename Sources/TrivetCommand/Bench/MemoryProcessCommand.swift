import ArgumentParser
import Benchmarking
import GraphClient

/// The process whose memory `trivet bench --graph-engine both` measures, which starts it. For nobody else: so it is in no help.
struct MemoryProcessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: MemoryProcess.command, shouldDisplay: false)

    @Option var graphEngine: GraphEngine.Kind

    func run() async throws {
        try await MemoryProcess(graphEngine).run { Console.print($0) }
    }
}

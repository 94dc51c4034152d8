import ArgumentParser
import Failpoints
import LoadTesting

/// The process under test of `trivet crash`, which starts it. For nobody else: so it is in no help.
struct CrashProcessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "crash-process", shouldDisplay: false)

    @Option var folder: String
    @Option var socket: String
    @Option var kind: String
    @Option var seed: UInt64
    @Option var first: Int
    @Option var units: Int
    @Option var failpoint: String?
    @Option var passage = 1
    @Option var delay = 0

    func run() async throws {
        guard let kind = CrashStores.Kind(rawValue: kind) else { throw ValidationError("Unknown kind \"\(kind)\".") }
        if let failpoint {
            guard let point = Failpoint(rawValue: failpoint) else {
                throw ValidationError("Unknown failpoint \"\(failpoint)\".")
            }
            CrashWorker.arm(point, passage: passage, delay: .microseconds(delay))
        }
        let stores = CrashStores(folder: folder, socket: socket, kind: kind)
        let worker = CrashWorker(stores: stores, seed: seed, first: first, units: units)
        guard await worker.run() else { throw ExitCode(1) }
    }
}

import FaultInjection
import Foundation
import GRDB
import GraphClient
import LocalEngines
import Scenarios
import Stores
import Synchronization
import Threads

/// What keeps a fault going, until it is let go.
struct HeldFault: Sendable {
    fileprivate let release: @Sendable () async throws -> Void
}

/// A fault that these engines can't have.
struct ImpossibleFault: Error, CustomStringConvertible {
    var description: String
}

extension LiveEngines {
    /// Breaks something.
    ///
    /// - Parameter others: faults that go on meanwhile.
    func begin(_ kind: FaultKind, with others: [FaultKind]) async throws -> HeldFault? {
        switch kind {
        case .redisLatency, .redisBandwidth, .redisSlice, .redisReset, .redisRefuse, .redisBlackHole, .redisDrop:
            try await network(others + [kind])
        case .redisKill: await server.kill()
        case .redisFreeze: server.suspend()
        case .redisRestart(let isEmpty): try await server.restart(empty: isEmpty)
        case .sqliteBusy: return try await holdWriteLock()
        case .sqliteFull: return try await stopGrowth()
        case .graphReader: return try await holdReader()
        }
        return nil
    }

    /// Heals it.
    func heal(_ kind: FaultKind, _ held: HeldFault?, with others: [FaultKind]) async throws {
        try await held?.release()
        switch kind {
        case .redisKill: try await server.restart()
        case .redisFreeze: server.resume()
        case _ where kind.isOfNetwork: try await network(others)
        default: break
        }
    }

    private func network(_ faults: [FaultKind]) async throws {
        guard let proxy else { throw ImpossibleFault(description: "there is no proxy before Redis") }
        try await proxy.apply(ProxyRules(faults))
    }

    // MARK: SQLite

    /// A connection that Trivet knows nothing of begins to write and does not end.
    private func holdWriteLock() async throws -> HeldFault {
        let path = sqlite.path
        let queue = try await onThread("fault-busy") {
            var configuration = Configuration()
            configuration.busyMode = .timeout(30)
            configuration.allowsUnsafeTransactions = true
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.inDatabase { try $0.beginTransaction(.immediate) }
            return queue
        }
        return HeldFault {
            try await onThread("fault-busy") {
                try queue.inDatabase { try $0.rollback() }
                try queue.close()
            }
        }
    }

    /// The writer's file may have no more pages than it has, and those that are free in it are few.
    private func stopGrowth() async throws -> HeldFault {
        @Sendable func limit(to pages: Int) async throws {
            try await sqlite.withWriter { session in
                try await session.run { try $0.execute(sql: "PRAGMA max_page_count = \(pages)") }
            }
        }
        // SQLite takes the present size where it is more.
        try await limit(to: 1)
        return HeldFault { try await limit(to: 1_073_741_823) }
    }

    // MARK: The graph

    /// A reader that does not end, and a checkpoint that waits for it.
    private func holdReader() async throws -> HeldFault {
        let graph = graph
        let begun = Flag(), ended = Flag()
        let reader = Task {
            defer { begun.set() }
            try await graph.read { connection in
                _ = try connection.query("CALL show_tables() RETURN name")
                begun.set()
                // A thread of the reader's own, which may block.
                while !ended.isSet { Thread.sleep(forTimeInterval: 0.005) }
            }
        }
        // A checkpoint before the reader would have nobody to wait for.
        while !begun.isSet { try? await Task.sleep(for: .milliseconds(1)) }
        let checkpoint = Task { try await graph.checkpoint() }
        return HeldFault {
            ended.set()
            try await reader.value
            try await checkpoint.value
        }
    }
}

private final class Flag: Sendable {
    private let value = Atomic<Bool>(false)
    var isSet: Bool { value.load(ordering: .acquiring) }
    func set() { value.store(true, ordering: .releasing) }
}

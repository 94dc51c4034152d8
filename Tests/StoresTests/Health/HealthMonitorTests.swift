import Foundation
import Logging
import Synchronization
import Testing

@testable import Stores

@Suite("P6: watching and telling")
struct HealthMonitorTests {
    private func quick() -> HealthConfiguration {
        var configuration = HealthConfiguration()
        configuration.interval = .milliseconds(20)
        configuration.probeTimeout = .milliseconds(100)
        return configuration
    }

    /// Runs a monitor and reads changes until `isEnough`.
    private func watch(
        _ stores: [ScriptedStore], until isEnough: @Sendable @escaping (HealthChange) async -> Bool
    ) async -> [HealthChange] {
        let configuration = quick()
        let broadcast = HealthBroadcast(stores.map(\.kind), configuration: configuration)
        let monitor = HealthMonitor(
            stores: stores, configuration: configuration, broadcast: broadcast, logger: Logger(label: "test"))
        let watching = Task { await monitor.run() }
        var changes: [HealthChange] = []
        for await change in HealthChanges(stream: broadcast.subscribe()) {
            changes.append(change)
            if await isEnough(change) { break }
        }
        watching.cancel()
        await watching.value
        return changes
    }

    @Test("P6: a frozen store goes down and holds up none of the others", .timeLimit(.minutes(2)))
    func frozen() async throws {
        let frozen = try ScriptedStore(.graph)
        let failing = try ScriptedStore(.redis)
        frozen.set(.hangs)
        failing.set(.fails("refused"))
        let down = Mutex<Set<StoreKind>>([])
        let changes = await watch([frozen, failing]) { change in
            // The frozen one's probe does not even end when it is cancelled.
            if change.health.state == .down { down.withLock { _ = $0.insert(change.health.store) } }
            return down.withLock { $0.count } == 2
        }
        #expect(frozen.probes.load(ordering: .relaxed) == 1)
        let states = changes.filter { $0.health.store == .redis }.map(\.health.state)
        #expect(states.prefix(3) == [.healthy, .degraded, .down])
        frozen.letGo()
        await frozen.shutdown(within: .seconds(1))
    }

    @Test("P6: after a hanging probe has ended the next one runs, and the store comes back", .timeLimit(.minutes(2)))
    func thawed() async throws {
        let store = try ScriptedStore(.redis)
        store.set(.hangs)
        let changes = await watch([store]) { change in
            if change.health.state == .down {
                store.set(.works)
                store.letGo()
            }
            return change.previous != nil && change.health.state == .healthy
        }
        #expect(changes.map(\.health.state) == [.healthy, .degraded, .down, .degraded, .healthy])
        #expect(changes.map(\.previous) == [nil, .healthy, .degraded, .down, .degraded])
    }

    @Test("P6: each subscriber gets how things are, then each change in order, and an end at shutdown")
    func subscribers() async {
        let broadcast = HealthBroadcast([.sqlite, .redis], configuration: HealthConfiguration())
        let early = broadcast.subscribe()
        for _ in 0..<3 { _ = broadcast.look(at: .redis, .failed("x"), []) }
        let late = broadcast.subscribe()
        _ = broadcast.look(at: .redis, .worked(took: .zero), [])
        broadcast.finish()
        let after = broadcast.subscribe()
        func read(_ stream: AsyncStream<HealthChange>) async -> [String] {
            var text: [String] = []
            for await change in HealthChanges(stream: stream) {
                text.append("\(change.health.store) \(change.health.state)\(change.previous == nil ? " now" : "")")
            }
            return text
        }
        #expect(
            await read(early) == [
                "sqlite healthy now", "redis healthy now", "redis degraded", "redis down", "redis degraded",
            ])
        #expect(await read(late) == ["sqlite healthy now", "redis down now", "redis degraded"])
        #expect(await read(after) == ["sqlite healthy now", "redis degraded now"])
    }

    @Test("P6: who does not read costs a bounded buffer, and has the newest changes; who leaves is forgotten")
    func slowSubscriber() async {
        let broadcast = HealthBroadcast([.redis], configuration: HealthConfiguration())
        let stream = broadcast.subscribe()
        #expect(broadcast.subscriberCount == 1)
        for round in 0..<200 {
            _ = broadcast.look(at: .redis, round.isMultiple(of: 2) ? .failed("x") : .worked(took: .zero), [])
            _ = broadcast.look(at: .redis, .worked(took: .zero), [])
            _ = broadcast.look(at: .redis, .worked(took: .zero), [])
        }
        broadcast.finish()
        var count = 0
        var last: HealthChange?
        for await change in stream {
            count += 1
            last = change
        }
        #expect(count == HealthBroadcast.bufferSize)
        #expect(last?.health.state == broadcast.report[.redis]?.state)
        let other = HealthBroadcast([.redis], configuration: HealthConfiguration())
        do { _ = other.subscribe() }
        #expect(other.subscriberCount == 0)
    }
}

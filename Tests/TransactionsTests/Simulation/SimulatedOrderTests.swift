import Testing
import Threads

@testable import Transactions

/// Orders of events that have once broken an invariant, over simulated stores, at whichever moment something happens.
@Suite struct SimulatedOrderTests {
    @Test("† A transaction that is ended while the graph is put in order for it does not disturb the next one's there")
    func endedWhileGraphBegins() async throws {
        let place = (0...3).map { SimulatedPlace(store: .graph, key: $0) }
        try await onThread {
            for delay in stride(from: 200, to: 800, by: 2) {
                let outcome = Simulation.run(seed: UInt64(delay), configuration: .patient) { client in
                    let world = client.process.world
                    /// Has a unit run after some microseconds.
                    @Sendable func unit(_ at: Int, _ actions: [Action], cancelledAfter cancellation: Int? = nil) async {
                        try? await world.clock.sleep(for: .microseconds(at))
                        await client.unit(actions, TransactionOptions(), cancelledAfter: cancellation)
                    }
                    await withTaskGroup(of: Void.self) { group in
                        let clients = world.thread.clients
                        // Its changes are in the group.
                        group.addTask(executorPreference: clients) { await unit(0, [.write(place[0]), .pause(600)]) }
                        // Takes them with it, so that the next one begins with them anew.
                        group.addTask(executorPreference: clients) { await unit(100, [.write(place[1]), .fail]) }
                        // Is ended while it does so, for one of the delays.
                        group.addTask(executorPreference: clients) {
                            await unit(200, [.write(place[2])], cancelledAfter: 400 + delay)
                        }
                        group.addTask(executorPreference: clients) { await unit(300, [.write(place[3]), .pause(100)]) }
                    }
                }
                for violation in outcome.violations {
                    Issue.record("\(violation), with \(delay) µs:\n\(outcome.trace.joined(separator: "\n"))")
                }
            }
        }
    }
}

import Measurement
import Synchronization
import Transactions

/// Where the time of units and of what they are compared with went, so that a ratio comes with its reason.
final class PhaseTimes: Sendable {
    private let milliseconds = Mutex<[(name: String, values: [Double])]>([])

    func add(_ name: String, _ duration: Duration) {
        milliseconds.withLock { phases in
            let value = duration / .milliseconds(1)
            if let index = phases.firstIndex(where: { $0.name == name }) {
                phases[index].values.append(value)
            } else {
                phases.append((name, [value]))
            }
        }
    }

    /// Adds the phases of a unit, and what went by around them.
    func add(_ timings: Receipt.Timings, of whole: Duration) {
        add("admission", timings.admission)
        add("body", timings.body)
        add("sharing", timings.group)
        add("decision", timings.decision)
        add("graph", timings.graph)
        add("Redis after it", timings.cache)
        let parts = timings.admission + timings.body + timings.group + timings.decision + timings.graph + timings.cache
        add("telling the caller", whole - parts)
    }

    func measure<Value>(_ name: String, _ body: () async throws -> Value) async rethrows -> Value {
        let start = ContinuousClock.now
        defer { add(name, .now - start) }
        return try await body()
    }

    /// Each phase with its median.
    var medians: String {
        milliseconds.withLock { phases in
            phases.map { "\($0.name) \(Self.text($0.values.median))" }.joined(separator: " · ") + " ms"
        }
    }

    private static func text(_ value: Double) -> String {
        "\((value * 1_000).rounded() / 1_000)"
    }
}

import Synchronization
import Testing

@testable import Pooling

@Suite("What is told at each use of a connection")
struct PoolMeterTests {
    /// An observer that takes plain numbers, and keeps both those and events as text.
    private final class MeterLog: PoolMeter {
        private let log = Mutex<[String]>([])
        var lines: [String] { log.withLock { $0 } }
        private func add(_ line: String) { log.withLock { $0.append(line) } }

        func acquired(waited: PoolSpan) { add("acquired \(waited.nanoseconds)") }
        func released(held: PoolSpan) { add("released \(held.nanoseconds)") }
        func operated(_ system: String, _ name: String, took: PoolSpan) { add("\(system) \(name) \(took.nanoseconds)") }
        func used(_ system: String, _ name: String, took: PoolSpan) {
            add("used \(system) \(name) \(took.nanoseconds)")
        }
        func record(_ event: PoolEvent) {
            switch event {
            case .acquired, .released: add("an event of what is told as a number")
            case .operation(let operation):
                add(
                    "\(operation.system) \(operation.name) \(operation.duration) \(operation.error.map { "\($0)" } ?? "")"
                )
            default: break
            }
        }
    }

    /// A clock that knows how often it was looked at.
    private final class CountingTime: PoolTimeSource {
        let time = VirtualTime()
        let looks = Atomic(0)

        func now() -> PoolInstant {
            looks.add(1, ordering: .relaxed)
            return time.now()
        }

        func sleep(until moment: PoolInstant) async throws { try await time.sleep(until: moment) }
    }

    private func withPool(
        _ observer: any PoolObserver, _ body: (ConnectionPool<TestConnection>, CountingTime) async throws -> Void
    ) async throws {
        let time = CountingTime()
        var configuration = PoolConfiguration()
        configuration.minimumSize = 0
        configuration.maximumSize = 1
        let store = TestStore()
        let pool = try ConnectionPool(
            name: "test", configuration: configuration, factory: store.factory, observer: observer,
            logger: .init(label: "test"), timeSource: time)
        // From here on a connection is idle.
        try await pool.withConnection { _ in }
        do {
            try await body(pool, time)
        } catch {
            await pool.shutdown()
            throw error
        }
        await pool.shutdown()
    }

    @Test("M6: an operation and its connection are measured with two looks at the clock, and told as numbers")
    func operation() async throws {
        let log = MeterLog()
        try await withPool(log) { pool, time in
            let (told, looks) = (log.lines.count, time.looks.load(ordering: .relaxed))
            let value = try await pool.operate("store", "read") { _ in
                time.time.advance(by: .nanoseconds(70))
                return 7
            }
            #expect(value == 7)
            #expect(time.looks.load(ordering: .relaxed) - looks == 2)
            #expect(log.lines[told...] == ["acquired 0", "released 70", "store read 70"])
        }
    }

    @Test("M6: one that fails is told with its error, and its connection is given back once")
    func failure() async throws {
        let log = MeterLog()
        try await withPool(log) { pool, time in
            let told = log.lines.count
            do {
                try await pool.operate("store", "read") { _ in
                    time.time.advance(by: .nanoseconds(70))
                    throw TestError("broken")
                }
                Issue.record("it succeeded")
            } catch is TestError {}
            #expect(
                log.lines[told...] == ["acquired 0", "released 70", "store read \(Duration.nanoseconds(70)) broken"])
        }
    }

    @Test("M6: an observer without a mind for numbers is told of the same as events")
    func events() async throws {
        let log = EventLog()
        try await withPool(log) { pool, time in
            let told = log.events.count
            try await pool.operate("store", "read") { _ in time.time.advance(by: .nanoseconds(70)) }
            pool.tellUsed("store", "write", took: PoolSpan(nanoseconds: 5))
            let lines = log.events[told...].compactMap { event -> String? in
                switch event {
                case .acquired(let waited): "acquired \(waited)"
                case .released(let held): "released \(held)"
                case .operation(let operation): "\(operation.name) \(operation.duration)"
                default: nil
                }
            }
            let (zero, long, short) = (Duration.zero, Duration.nanoseconds(70), Duration.nanoseconds(5))
            #expect(
                lines == [
                    "acquired \(zero)", "released \(long)", "read \(long)", "acquired \(zero)", "released \(short)",
                    "write \(short)",
                ])
        }
    }
}

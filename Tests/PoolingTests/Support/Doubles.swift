import Logging
import Synchronization

@testable import Pooling

/// A clock that stands still until a test moves it.
final class VirtualTime: PoolTimeSource {
    private struct State {
        var now = PoolInstant(nanoseconds: 1_000_000_000)
        var nextID = 0
        var sleepers: [Int: (moment: PoolInstant, continuation: CheckedContinuation<Void, any Error>)] = [:]
        var cancelled: Set<Int> = []
    }

    private let state = Mutex(State())

    func now() -> PoolInstant { state.withLock { $0.now } }

    func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.now = state.now.advanced(by: PoolSpan(duration))
            let woken = state.sleepers.filter { $0.value.moment <= state.now }
            for id in woken.keys { state.sleepers[id] = nil }
            return woken.values.map(\.continuation)
        }
        for continuation in woken { continuation.resume() }
    }

    func sleep(until moment: PoolInstant) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let result: Result<Void, any Error>? = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return .failure(CancellationError()) }
                    if moment <= state.now { return .success(()) }
                    state.sleepers[id] = (moment, continuation)
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                if let sleeper = state.sleepers.removeValue(forKey: id) { return sleeper.continuation as Optional }
                state.cancelled.insert(id)
                return nil
            }
            sleeper?.resume(throwing: CancellationError())
        }
    }
}

/// A connection that knows whether two use it at one time.
final class TestConnection: PoolableConnection {
    let number: Int
    private let users = Atomic<Int>(0)
    private let isAlive = Atomic<Bool>(true)

    init(number: Int) {
        self.number = number
    }

    var isUsable: Bool { isAlive.load(ordering: .relaxed) }

    func die() { isAlive.store(false, ordering: .relaxed) }

    /// Whether nobody else is in it.
    func enter() -> Bool { users.wrappingAdd(1, ordering: .acquiring).newValue == 1 }
    func leave() { users.wrappingSubtract(1, ordering: .releasing) }
}

/// A store whose connections do what a test says.
final class TestStore: Sendable {
    struct Script {
        var openError: TestError?
        var validationError: TestError?
        var opened = 0
        var attempts = 0
        var validated: [Int] = []
        var closed: [Int] = []
        var interrupted: [Int] = []
        var isHeld = false
        var held: [CheckedContinuation<Void, Never>] = []
    }

    let script = Mutex(Script())
    let verdict = Mutex(ErrorVerdict.validate)

    var openCount: Int { script.withLock { $0.opened - $0.closed.count } }
    var attempts: Int { script.withLock { $0.attempts } }
    var closed: [Int] { script.withLock { $0.closed } }
    var validated: [Int] { script.withLock { $0.validated } }

    func change(_ body: (inout Script) -> Void) { script.withLock { body(&$0) } }

    /// Lets connections be opened that were held back.
    func letGo() {
        let held = script.withLock { script in
            script.isHeld = false
            defer { script.held = [] }
            return script.held
        }
        for continuation in held { continuation.resume() }
    }

    func open() async throws -> TestConnection {
        await withCheckedContinuation { continuation in
            let isHeld = script.withLock { script in
                script.attempts += 1
                if script.isHeld { script.held.append(continuation) }
                return script.isHeld
            }
            if !isHeld { continuation.resume() }
        }
        let result: Result<TestConnection, TestError> = script.withLock { script in
            if let error = script.openError { return .failure(error) }
            script.opened += 1
            return .success(TestConnection(number: script.opened))
        }
        return try result.get()
    }

    var factory: ConnectionFactory<TestConnection> {
        ConnectionFactory(
            open: { try await self.open() },
            validate: { connection in
                let error = self.script.withLock { script in
                    script.validated.append(connection.number)
                    return script.validationError
                }
                if let error { throw error }
            },
            close: { connection in self.script.withLock { $0.closed.append(connection.number) } },
            interrupt: { connection in self.script.withLock { $0.interrupted.append(connection.number) } },
            verdict: { _ in self.verdict.withLock { $0 } })
    }
}

/// Keeps what it is told.
final class EventLog: PoolObserver {
    private let log = Mutex<[PoolEvent]>([])
    func record(_ event: PoolEvent) { log.withLock { $0.append(event) } }
    var events: [PoolEvent] { log.withLock { $0 } }
}

/// Keeps what is logged, as text with its metadata.
struct LogCapture: LogHandler {
    final class Lines: Sendable {
        let all = Mutex<[String]>([])
        var text: [String] { all.withLock { $0 } }
    }

    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let line = "\(event.level) \(event.message) \(all.map { "\($0.key)=\($0.value)" }.joined(separator: " "))"
        lines.all.withLock { $0.append(line) }
    }
}

/// A pool over a scripted store with a clock of its own.
struct Fixture {
    let time = VirtualTime()
    let store = TestStore()
    let events = EventLog()
    let lines = LogCapture.Lines()
    let pool: ConnectionPool<TestConnection>

    init(minimum: Int = 0, maximum: Int = 2, _ change: (inout PoolConfiguration) -> Void = { _ in }) throws {
        var configuration = PoolConfiguration(minimumSize: minimum, maximumSize: maximum)
        change(&configuration)
        let lines = lines
        pool = try ConnectionPool(
            name: "test", configuration: configuration, factory: store.factory, observer: events,
            logger: Logger(label: "test") { _ in LogCapture(lines: lines) }, timeSource: time)
    }

    /// Lets other tasks run until something has happened. The suite's time limit ends it if it never does.
    func until(_ condition: () -> Bool) async {
        while !condition() { await Task.yield() }
    }
}

/// A number that many tasks count up.
final class Counter: Sendable {
    private let number = Atomic<Int>(0)
    var value: Int { number.load(ordering: .acquiring) }
    func add() { number.wrappingAdd(1, ordering: .acquiringAndReleasing) }
}

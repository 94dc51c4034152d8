import Measurement
import Synchronization

/// Operations that come at their rates, however long the answers take.
struct OpenLoad: Sendable {
    let plan: LoadPlan
    let monitor: LoadMonitor
    /// When its time begins; nil for when it is run.
    var origin: ContinuousClock.Instant?
    /// Whether it should end before its time, in good order.
    var isOver: @Sendable () -> Bool = { false }

    /// Leads streams through the phases of the plan, all at the same time.
    ///
    /// - Parameter leastSamples: the steady state is so long that each stream can be expected to bring so many, but at
    ///   most three times as long as planned.
    /// - Returns: what was measured of each, also when the monitor has stopped the run.
    /// - Throws: `CancellationError`.
    func run(_ streams: [OpenStream], leastSamples: Int = CheckResult.leastSamples) async throws -> [OpenRecord] {
        let slowest = streams.map(\.rate).min() ?? 1
        // A fifth more, since arrivals are random: that there are fewer is one chance in thousands.
        let needed = Duration.seconds(Double(leastSamples) * 1.2 / slowest)
        let steady = max(plan.steady, min(needed, plan.steady * 3))
        let end = plan.warmUp + steady
        let origin = origin ?? .now
        let generator = SplitMix64(seed: plan.seed)
        let drivers = streams.enumerated().map { index, stream in
            StreamDriver(
                stream, generator.split(index), origin: origin, monitor: monitor,
                OpenSchedule.Configuration(
                    end: end, countsFrom: plan.warmUp, places: plan.users, patience: stream.patience))
        }
        monitor.enter(.warmUp)
        defer { monitor.enter(.finished) }
        await withDiscardingTaskGroup { group in
            for driver in drivers { group.addTask { await driver.run() } }
            group.addTask {
                await self.conduct(from: origin, to: origin + end)
                for driver in drivers { driver.stop() }
            }
        }
        try Task.checkCancellation()
        return drivers.map(\.record)
    }

    /// Tells the phases as time passes. Looks at the clock in short turns, so that `stop` and cancellation work soon.
    private func conduct(from origin: ContinuousClock.Instant, to end: ContinuousClock.Instant) async {
        while !monitor.isStopping, !isOver(), .now < end {
            let isWarm = monitor.phase == .steady
            let next = min(isWarm ? end : origin + plan.warmUp, .now + .milliseconds(50))
            do {
                try await Task.sleep(until: next, clock: .continuous)
            } catch {
                break
            }
            if !isWarm, .now >= origin + plan.warmUp { monitor.enter(.steady) }
        }
        monitor.enter(.finished)
    }
}

/// Begins a stream's operations when they are due, and tells its schedule what becomes of them.
private final class StreamDriver: Sendable {
    private struct State {
        var schedule: OpenSchedule
        var record: OpenRecord
    }

    private let stream: OpenStream
    private let generator: SplitMix64
    private let origin: ContinuousClock.Instant
    private let monitor: LoadMonitor
    private let state: Mutex<State>

    init(
        _ stream: OpenStream, _ generator: SplitMix64, origin: ContinuousClock.Instant, monitor: LoadMonitor,
        _ configuration: OpenSchedule.Configuration
    ) {
        self.stream = stream
        self.generator = generator
        self.origin = origin
        self.monitor = monitor
        let own = generator.split(-1)
        let arrivals =
            stream.curve.map { Arrivals(curve: $0, spacing: stream.spacing, generator: own) }
            ?? Arrivals(rate: stream.rate, spacing: stream.spacing, generator: own)
        state = Mutex(State(schedule: OpenSchedule(arrivals, configuration), record: OpenRecord(stream)))
    }

    var record: OpenRecord {
        state.withLock { state in
            var record = state.record
            record.counts = state.schedule.counts
            return record
        }
    }

    func stop() {
        _ = handle(.stop)
    }

    /// Until all operations that were due have ended or were dropped.
    func run() async {
        await withDiscardingTaskGroup { group in
            while let next = state.withLock({ $0.schedule.nextMoment }) {
                do {
                    try await Task.sleep(until: min(origin + next, .now + .milliseconds(50)), clock: .continuous)
                } catch {
                    // Cancelled, as are all that are under way.
                    return
                }
                for operation in handle(.time) { group.addTask { await self.perform(operation) } }
            }
        }
    }

    /// Does an operation, and then those for which its end makes room.
    private func perform(_ first: OpenSchedule.Operation) async {
        var current: OpenSchedule.Operation? = first
        while let operation = current {
            _ = handle(.began(operation.number))
            var generator = generator.split(operation.number)
            var target: Target?
            var failure: (any Error)?
            do {
                target = try await stream.perform(operation, &generator)
            } catch is CancellationError where Task.isCancelled {
                return
            } catch {
                failure = error
            }
            if let failure, operation.isCounted { monitor.countFailure("\(stream.name): \(failure)") }
            current = handle(.ended(operation.number, succeeded: failure == nil), target).first
        }
    }

    /// - Returns: the operations to begin; at most one for the end of another.
    private func handle(_ event: OpenSchedule.Event, _ target: Target? = nil) -> [OpenSchedule.Operation] {
        state.withLock { state in
            var begun: [OpenSchedule.Operation] = []
            for action in state.schedule.handle(event, at: .now - origin) {
                switch action {
                case .begin(let operation): begun.append(operation)
                case .drop(let operation):
                    stream.observe?(operation, nil, false)
                    guard operation.isCounted else { continue }
                    monitor.countFailure("\(stream.name): not begun within \(stream.patience), and dropped")
                case .measure(let operation, let timing, let succeeded):
                    stream.observe?(operation, timing, succeeded)
                    guard operation.isCounted else { continue }
                    state.record.add(timing, succeeded: succeeded, of: target)
                    if succeeded { monitor.countOperation() }
                    if succeeded, let target { monitor.meter(of: target).record(timing.latency) }
                }
            }
            return begun
        }
    }
}

import Measurement
import Testing

@testable import LoadTesting

@Suite("S3: an open load's operations")
struct OpenScheduleTests {
    /// Runs a schedule against a target that takes as long as `service` says; nobody is ever late.
    private struct Run {
        var schedule: OpenSchedule
        var measured: [(operation: OpenSchedule.Operation, timing: OpenSchedule.Timing)] = []
        var begun: [(operation: OpenSchedule.Operation, at: Duration)] = []
        var dropped: [(operation: OpenSchedule.Operation, at: Duration)] = []

        init(
            rate: Double, spacing: Arrivals.Spacing = .uniform, seed: UInt64 = 1,
            _ configuration: OpenSchedule.Configuration,
            service: (_ operation: OpenSchedule.Operation, _ began: Duration) -> Duration
        ) {
            let arrivals = Arrivals(rate: rate, spacing: spacing, generator: SplitMix64(seed: seed))
            schedule = OpenSchedule(arrivals, configuration)
            var ends: [(moment: Duration, number: Int)] = []
            while true {
                ends.sort { ($1.moment, $1.number) < ($0.moment, $0.number) }
                let isEnd = ends.last.map { end in schedule.nextMoment.map { end.moment <= $0 } ?? true } ?? false
                guard let now = isEnd ? ends.last?.moment : schedule.nextMoment else { return }
                let event = isEnd ? ends.popLast().map { .ended($0.number, succeeded: true) } : OpenSchedule.Event.time
                for action in schedule.handle(event ?? .time, at: now) {
                    switch action {
                    case .begin(let operation):
                        begun.append((operation, now))
                        _ = schedule.handle(.began(operation.number), at: now)
                        ends.append((now + service(operation, now), operation.number))
                    case .drop(let operation): dropped.append((operation, now))
                    case .measure(let operation, let timing, _): measured.append((operation, timing))
                    }
                }
            }
        }
    }

    @Test("S3: with a target that keeps up, everything begins when it is due, and takes as long as its service")
    func idle() {
        let run = Run(rate: 100, .init(end: .seconds(10), places: 4, patience: .seconds(1))) { _, _ in .milliseconds(7)
        }
        #expect(run.schedule.counts == .init(due: 1_000, begun: 1_000, succeeded: 1_000))
        #expect(run.begun.allSatisfy { $0.operation.due == $0.at })
        #expect(run.measured.allSatisfy { $0.timing == .init(lag: .zero, wait: .zero, service: .milliseconds(7)) })
        #expect(run.schedule.isFinished)
    }

    @Test("S3: a target that stands still for a second shows in all operations that were due in that second")
    func coordinatedOmission() {
        // Answers within a millisecond, but none between 1 s and 2 s.
        let stall = Duration.seconds(1)..<Duration.seconds(2)
        let run = Run(rate: 100, .init(end: .seconds(10), places: 1_000, patience: .seconds(5))) { _, began in
            stall.contains(began) ? stall.upperBound - began : .milliseconds(1)
        }
        let slow = run.measured.filter { $0.timing.latency > .milliseconds(500) }
        #expect(slow.count == 50, "those due from 1.00 s to 1.49 s")
        #expect(run.measured.map(\.timing.latency).max() == .seconds(1))
    }

    @Test("S3: latency counts from the moment an operation was due; the service time stands beside it")
    func latencyFromDue() {
        // 50 a second, and one place in which each takes 30 ms: each waits 10 ms longer than the one before it.
        let run = Run(rate: 50, .init(end: .seconds(1), places: 1, patience: .seconds(60))) { _, _ in .milliseconds(30)
        }
        #expect(run.measured.count == 50)
        for (operation, timing) in run.measured {
            #expect(timing.service == .milliseconds(30))
            #expect(timing.wait == .milliseconds(10 * operation.number))
            #expect(timing.latency == .milliseconds(10 * operation.number + 30))
        }
    }

    @Test("S3: what could not be begun in time is dropped, and each drop is counted")
    func drops() {
        let patience = Duration.milliseconds(100)
        let run = Run(rate: 50, .init(end: .seconds(30), places: 1, patience: patience)) { _, _ in .milliseconds(30) }
        let counts = run.schedule.counts
        #expect(counts.due == 1_500 && counts.dropped == run.dropped.count)
        #expect(counts.begun + counts.dropped == counts.due && counts.succeeded == counts.begun)
        // One place does 1 000 / 30 of the 50 a second; besides, what waits at the end is still done.
        #expect((1_000...1_005).contains(counts.begun))
        #expect(run.dropped.allSatisfy { $0.at - $0.operation.due >= patience })
        #expect(run.measured.allSatisfy { $0.timing.wait < patience })
    }

    @Test("S3: the load generator's own lateness is told apart from the waiting for a place")
    func generatorLag() throws {
        let arrivals = Arrivals(rate: 50, spacing: .uniform, generator: SplitMix64(seed: 1))
        var schedule = OpenSchedule(
            arrivals, .init(end: .milliseconds(60), places: 2, patience: .seconds(1)))
        // Due at 0, 20 and 40 ms, noticed at 50; the first steps come 5 ms later.
        #expect(schedule.handle(.time, at: .milliseconds(50)).count == 2)
        #expect(schedule.handle(.began(0), at: .milliseconds(55)) == [])
        #expect(schedule.handle(.began(1), at: .milliseconds(55)) == [])
        let first = OpenSchedule.Operation(number: 0, due: .zero, isCounted: true)
        let third = OpenSchedule.Operation(number: 2, due: .milliseconds(40), isCounted: true)
        #expect(
            schedule.handle(.ended(0, succeeded: true), at: .milliseconds(65)) == [
                .measure(
                    first, .init(lag: .milliseconds(55), wait: .zero, service: .milliseconds(10)), succeeded: true),
                .begin(third),
            ])
        #expect(schedule.handle(.began(2), at: .milliseconds(66)) == [])
        #expect(
            schedule.handle(.ended(2, succeeded: false), at: .milliseconds(70)) == [
                .measure(
                    third, .init(lag: .milliseconds(11), wait: .milliseconds(15), service: .milliseconds(4)),
                    succeeded: false)
            ])
        #expect(schedule.counts == .init(due: 3, begun: 3, succeeded: 1, failed: 1))
    }

    @Test("S3: a process that was stopped for a while hides nothing: what is too late then is dropped")
    func suspended() {
        let arrivals = Arrivals(rate: 10, spacing: .uniform, generator: SplitMix64(seed: 1))
        var schedule = OpenSchedule(arrivals, .init(end: .seconds(60), places: 100, patience: .seconds(1)))
        let actions = schedule.handle(.time, at: .seconds(30))
        #expect(schedule.counts == .init(due: 301, begun: 10, dropped: 291))
        #expect(actions.count == 301)
        #expect(schedule.nextMoment == .milliseconds(30_100))
    }

    @Test("S3: after a stop nothing new comes, and what was due before is begun or dropped")
    func stop() {
        let arrivals = Arrivals(rate: 10, spacing: .uniform, generator: SplitMix64(seed: 1))
        var schedule = OpenSchedule(arrivals, .init(end: .seconds(60), places: 1, patience: .seconds(1)))
        #expect(schedule.handle(.time, at: .milliseconds(150)).count == 1)
        #expect(schedule.handle(.stop, at: .milliseconds(150)) == [])
        #expect(schedule.waitingCount == 1 && schedule.runningCount == 1)
        #expect(schedule.nextMoment == .milliseconds(1_100), "the one that waits is dropped then")
        #expect(schedule.handle(.ended(0, succeeded: true), at: .milliseconds(500)).count == 2)
        #expect(schedule.nextMoment == nil && !schedule.isFinished)
        #expect(schedule.handle(.ended(1, succeeded: true), at: .milliseconds(600)).count == 1)
        #expect(schedule.isFinished)
        #expect(schedule.counts == .init(due: 2, begun: 2, succeeded: 2))
    }

    @Test("S3: operations of the warm-up are done, and not counted")
    func warmUp() {
        let configuration = OpenSchedule.Configuration(
            end: .seconds(3), countsFrom: .seconds(1), places: 10, patience: .seconds(1))
        let run = Run(rate: 100, configuration) { _, _ in .milliseconds(1) }
        #expect(run.begun.count == 300)
        #expect(run.schedule.counts == .init(due: 200, begun: 200, succeeded: 200))
        #expect(run.measured.allSatisfy { $0.operation.isCounted == ($0.operation.due >= .seconds(1)) })
    }

    @Test(
        "S3: whatever the target does, each operation is done once or dropped, in order, and no place is left free",
        arguments: 1...100 as ClosedRange<UInt64>)
    func invariants(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let patience = Duration.milliseconds(Int.random(in: 1...300, using: &generator))
        let places = Int.random(in: 1...8, using: &generator)
        let arrivals = Arrivals(
            rate: Double.random(in: 10...500, using: &generator),
            spacing: Bool.random(using: &generator) ? .poisson : .uniform, generator: generator.split(1))
        var schedule = OpenSchedule(arrivals, .init(end: .seconds(3), places: places, patience: patience))
        var now = Duration.zero, underWay: [Int] = [], begunAt: [Int: Duration] = [:], begun: [Int] = []
        var settled: Set<Int> = []
        while !schedule.isFinished {
            now += .milliseconds(Int.random(in: 0...40, using: &generator))
            var event = OpenSchedule.Event.time
            if let index = underWay.indices.randomElement(using: &generator),
                Int.random(in: 0...2, using: &generator) > 0
            {
                event = .ended(underWay.remove(at: index), succeeded: Bool.random(using: &generator))
            } else if now > .seconds(2), Int.random(in: 0...20, using: &generator) == 0 {
                event = .stop
            }
            var beginnings = 0
            for action in schedule.handle(event, at: now) {
                switch action {
                case .begin(let operation):
                    beginnings += 1
                    #expect(operation.due <= now && now - operation.due < patience)
                    begun.append(operation.number)
                    begunAt[operation.number] = now
                    underWay.append(operation.number)
                    _ = schedule.handle(.began(operation.number), at: now)
                case .drop(let operation):
                    #expect(now - operation.due >= patience)
                    #expect(settled.insert(operation.number).inserted)
                case .measure(let operation, let timing, _):
                    #expect(settled.insert(operation.number).inserted)
                    #expect(timing.latency == now - operation.due)
                    #expect(timing.service == now - (begunAt[operation.number] ?? now))
                    #expect(timing.lag >= .zero && timing.wait >= .zero)
                }
            }
            if event != .time { #expect(beginnings <= 1) }
            #expect(schedule.runningCount == underWay.count && underWay.count <= places)
            #expect(schedule.waitingCount == 0 || underWay.count == places)
            let counts = schedule.counts
            #expect(counts.due == counts.begun + counts.dropped + schedule.waitingCount)
            #expect(counts.begun == counts.succeeded + counts.failed + schedule.runningCount)
        }
        #expect(begun == begun.sorted())
        #expect(settled == Set(0..<schedule.counts.due))
    }
}

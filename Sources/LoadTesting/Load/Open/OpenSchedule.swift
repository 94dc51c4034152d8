/// The life of an open load's operations, as a pure value: events in, actions out.
///
/// An operation is due at a moment that does not depend on the answers to others. It begins then, or as soon as one of
/// the places for operations under way is free; if none is in time, it is dropped, and counted. Its latency counts from
/// the moment at which it was due, so that a store that answers nothing for a second shows in all operations that were
/// due in that second, and not in one (what Tene calls coordinated omission). All moments are counted from the
/// beginning of the load.
struct OpenSchedule: Sendable {
    struct Configuration: Sendable, Hashable {
        /// Operations are due before it.
        var end: Duration
        /// Those that are due from here on are counted.
        var countsFrom: Duration = .zero
        /// The most operations under way at one time; at least 1.
        var places: Int
        /// How long after it was due an operation may begin; more than 0.
        var patience: Duration
    }

    struct Operation: Hashable, Sendable {
        /// From 0 on, in the order in which they are due.
        var number: Int
        var due: Duration
        var isCounted: Bool
    }

    /// Where an operation's time went.
    struct Timing: Hashable, Sendable {
        /// The load generator was late by so much: the answer would have come sooner to a client that is not.
        var lag: Duration
        /// It waited for a place.
        var wait: Duration
        /// From its beginning to its end.
        var service: Duration
        /// From when it was due to its end: the sum of the three.
        var latency: Duration { lag + wait + service }
    }

    enum Event: Hashable, Sendable {
        /// Time has passed: see `nextMoment`.
        case time
        /// The operation of this number does its first step now.
        case began(Int)
        case ended(Int, succeeded: Bool)
        /// No more operations but those that were due before, which are still begun or dropped.
        case stop
    }

    enum Action: Hashable, Sendable {
        case begin(Operation)
        case drop(Operation)
        case measure(Operation, Timing, succeeded: Bool)
    }

    /// What became of the counted operations. Those that were due and are none of the others wait or are under way.
    struct Counts: Hashable, Sendable {
        var due = 0
        var begun = 0
        var succeeded = 0
        var failed = 0
        var dropped = 0
    }

    private struct Waiting {
        var operation: Operation
        var noticed: Duration
    }

    private struct Running {
        var operation: Operation
        /// What it had waited for a place.
        var wait: Duration
        var began: Duration?
    }

    let configuration: Configuration
    private(set) var counts = Counts()
    private var arrivals: Arrivals
    private var next: Duration
    private var number = 0
    private var end: Duration
    /// First come, first served. Those before `head` have gone.
    private var waiting: [Waiting] = []
    private var head = 0
    private var running: [Int: Running] = [:]

    init(_ arrivals: Arrivals, _ configuration: Configuration) {
        precondition(configuration.places > 0 && configuration.patience > .zero)
        self.configuration = configuration
        self.arrivals = arrivals
        end = configuration.end
        next = self.arrivals.next()
    }

    /// When `time` has to be told next; nil when time alone changes nothing any more.
    var nextMoment: Duration? {
        let deadline = head < waiting.count ? waiting[head].operation.due + configuration.patience : nil
        let arrival = next < end ? next : nil
        return [deadline, arrival].compactMap { $0 }.min()
    }

    /// Nothing is under way, and nothing will come.
    var isFinished: Bool { nextMoment == nil && running.isEmpty }

    var waitingCount: Int { waiting.count - head }
    var runningCount: Int { running.count }

    /// Takes an event in.
    ///
    /// After each event either all places are taken or nobody waits. So `time` may bring many operations to begin, the
    /// end of one at most one, and other events none.
    /// - Parameter now: not before that of an earlier event.
    mutating func handle(_ event: Event, at now: Duration) -> [Action] {
        var actions: [Action] = []
        switch event {
        case .time: arrive(now, &actions)
        case .began(let number): running[number]?.began = now
        case .ended(let number, let succeeded): finish(number, succeeded, now, &actions)
        case .stop: end = min(end, now)
        }
        advance(now, &actions)
        return actions
    }

    private mutating func arrive(_ now: Duration, _ actions: inout [Action]) {
        while next < end, next <= now {
            let operation = Operation(number: number, due: next, isCounted: next >= configuration.countsFrom)
            number += 1
            next = arrivals.next()
            if operation.isCounted { counts.due += 1 }
            if now - operation.due < configuration.patience {
                waiting.append(Waiting(operation: operation, noticed: now))
            } else {
                // Whoever waits has been due for longer, and is dropped in the same step.
                drop(operation, &actions)
            }
        }
    }

    /// Drops what has waited too long, and fills the places.
    private mutating func advance(_ now: Duration, _ actions: inout [Action]) {
        while head < waiting.count {
            let first = waiting[head]
            if now - first.operation.due >= configuration.patience {
                drop(first.operation, &actions)
            } else if running.count < configuration.places {
                running[first.operation.number] = Running(operation: first.operation, wait: now - first.noticed)
                if first.operation.isCounted { counts.begun += 1 }
                actions.append(.begin(first.operation))
            } else {
                break
            }
            head += 1
        }
        if head == waiting.count || head > 1_024 {
            waiting.removeFirst(head)
            head = 0
        }
    }

    private mutating func drop(_ operation: Operation, _ actions: inout [Action]) {
        if operation.isCounted { counts.dropped += 1 }
        actions.append(.drop(operation))
    }

    private mutating func finish(_ number: Int, _ succeeded: Bool, _ now: Duration, _ actions: inout [Action]) {
        guard let done = running.removeValue(forKey: number) else { return }
        let operation = done.operation, began = done.began ?? now
        if operation.isCounted {
            if succeeded { counts.succeeded += 1 } else { counts.failed += 1 }
        }
        let timing = Timing(lag: began - operation.due - done.wait, wait: done.wait, service: now - began)
        actions.append(.measure(operation, timing, succeeded: succeeded))
    }
}

import Testing

@testable import Pooling

/// Drives a `PoolState` by hand: each method is one event at the harness's time, and returns the actions.
final class StateHarness {
    var state: PoolState
    var now = PoolInstant(nanoseconds: 0)
    var entropy: UInt64 = 0

    init(_ change: (inout PoolSettings) -> Void = { _ in }) {
        var settings = PoolSettings(
            minimum: 0, maximum: 2, maximumOpening: 8, idleTimeout: .endless, maximumLifetime: .endless,
            lifetimeJitter: 0, keepAlive: .endless, leakThreshold: .endless, openTimeout: .seconds(10),
            checkTimeout: .seconds(5), closeTimeout: .seconds(5), backOffBase: .seconds(1), backOffLimit: .seconds(8))
        change(&settings)
        state = PoolState(settings: settings)
    }

    /// A harness with this many idle connections.
    convenience init(idle count: Int, _ change: (inout PoolSettings) -> Void = { _ in }) {
        self.init {
            $0.maximum = max(count, $0.maximum)
            change(&$0)
        }
        let minimum = state.settings.minimum
        state.settings.minimum = count
        var opens = start().opens
        while let ticket = opens.popLast() { opens += opened(ticket).opens }
        state.settings.minimum = minimum
    }

    func event(_ body: (inout PoolState, inout [PoolAction]) -> Void) -> [PoolAction] {
        var actions: [PoolAction] = []
        body(&state, &actions)
        return actions
    }

    func advance(_ seconds: Double) { now = now.advanced(by: .seconds(seconds)) }

    func start() -> [PoolAction] { event { [now] in $0.start(now: now, actions: &$1) } }

    func tick() -> [PoolAction] {
        event { [now, entropy] in $0.tick(now: now, entropy: entropy, actions: &$1) }
    }

    /// Passes the time, then ticks.
    func tick(after seconds: Double) -> [PoolAction] {
        advance(seconds)
        return tick()
    }

    func acquire(holder: UInt = 0, line: UInt = 1) -> PoolTicket? {
        state.acquireIdle(now: now, holder: holder, place: .test(line))
    }

    func wait(
        _ seconds: Double = 30, holder: UInt = 0, line: UInt = 1, _ manner: LeaseManner = LeaseManner()
    ) -> (id: WaiterID, actions: [PoolAction]) {
        let id = state.announceWaiter()
        return (id, enqueue(id, seconds, holder: holder, line: line, manner))
    }

    func enqueue(
        _ id: WaiterID, _ seconds: Double = 30, holder: UInt = 0, line: UInt = 1,
        _ manner: LeaseManner = LeaseManner()
    ) -> [PoolAction] {
        event { [now] in
            $0.enqueue(
                id, now: now, timeout: .seconds(seconds), holder: holder, place: .test(line), manner: manner,
                actions: &$1)
        }
    }

    func cancel(_ id: WaiterID) -> [PoolAction] {
        event { [now] in $0.cancel(id, now: now, actions: &$1) }
    }

    func release(_ ticket: PoolTicket, as condition: ReturnedCondition = .good) -> [PoolAction] {
        if condition == .good, state.putBack(ticket, now: now) != nil { return [] }
        return event { [now] in $0.release(ticket, as: condition, now: now, actions: &$1) }
    }

    func opened(_ ticket: PoolTicket) -> [PoolAction] {
        event { [now, entropy] in _ = $0.opened(ticket, now: now, entropy: entropy, actions: &$1) }
    }

    func openFailed(
        _ ticket: PoolTicket, _ text: String = "refused", isLasting: Bool = false
    ) -> [PoolAction] {
        event { [now, entropy] in
            $0.openFailed(
                ticket, ConnectFailure(TestError(text), isLasting: isLasting), now: now, entropy: entropy, actions: &$1)
        }
    }

    func discard(idle slots: [Int]) -> [PoolAction] {
        event { [now] in $0.discard(idle: slots, now: now, actions: &$1) }
    }

    func checked(_ ticket: PoolTicket, works: Bool) -> [PoolAction] {
        event { [now] in $0.checked(ticket, works: works, now: now, actions: &$1) }
    }

    func closed(_ ticket: PoolTicket) -> [PoolAction] {
        event { [now] in $0.closed(ticket, now: now, actions: &$1) }
    }

    func resize(_ minimum: Int, _ maximum: Int) -> [PoolAction] {
        event { [now] in $0.resize(minimum: minimum, maximum: maximum, now: now, actions: &$1) }
    }

    func drain(within seconds: Double) -> [PoolAction] {
        event { [now] in
            $0.drain(deadline: now.advanced(by: .seconds(seconds)), now: now, actions: &$1)
        }
    }
}

extension PoolSpan {
    static func seconds(_ seconds: Double) -> PoolSpan { PoolSpan(.seconds(seconds)) }
}

extension CodePlace {
    static func test(_ line: UInt) -> CodePlace { CodePlace(file: "Test.swift", line: line) }
}

struct TestError: Error, CustomStringConvertible, Equatable {
    var description: String
    init(_ description: String) { self.description = description }
}

extension [PoolAction] {
    var opens: [PoolTicket] { compactMap { if case .open(let ticket) = $0 { ticket } else { nil } } }
    var checks: [PoolTicket] { compactMap { if case .check(let ticket) = $0 { ticket } else { nil } } }
    var closes: [PoolTicket] { compactMap { if case .close(let ticket, _) = $0 { ticket } else { nil } } }
    var closeReasons: [CloseReason] { compactMap { if case .close(_, let reason) = $0 { reason } else { nil } } }
    var abandoned: [PoolTicket] { compactMap { if case .abandon(let ticket) = $0 { ticket } else { nil } } }
    var interrupted: [PoolTicket] { compactMap { if case .interrupt(let ticket) = $0 { ticket } else { nil } } }
    var warnings: [PoolHolder] { compactMap { if case .warn(let holder) = $0 { holder } else { nil } } }
    var completed: [WaiterID] { compactMap { if case .complete(let id, _) = $0 { id } else { nil } } }
    var reports: [PoolDrainReport] { compactMap { if case .drained(let report) = $0 { report } else { nil } } }
    var leases: [PoolTicket] {
        compactMap { if case .complete(_, .leased(let ticket, _)) = $0 { ticket } else { nil } }
    }
    var failures: [WaiterFailure] {
        compactMap { if case .complete(_, .failed(let failure)) = $0 { failure } else { nil } }
    }
}

extension PoolState {
    /// What is wrong with the state taken by itself. Empty, always.
    var violations: [String] {
        var problems: [String] = []
        func expect(_ condition: Bool, _ text: @autoclosure () -> String) {
            if !condition { problems.append(text()) }
        }
        func number(_ phase: PoolSlot.Phase) -> Int { slots.count { $0.phase == phase } }
        expect(idle.count == number(.idle), "idle: \(idle.count), slots: \(number(.idle))")
        expect(leased == number(.leased), "leased: \(leased), slots: \(number(.leased))")
        expect(opening == number(.opening), "opening: \(opening), slots: \(number(.opening))")
        expect(checking == number(.checking), "checking: \(checking), slots: \(number(.checking))")
        expect(closing == number(.closing), "closing: \(closing), slots: \(number(.closing))")
        expect(vacant.count == number(.vacant), "vacant: \(vacant.count), slots: \(number(.vacant))")
        expect(Set(idle).count == idle.count, "a slot is idle twice")
        expect(Set(vacant).count == vacant.count, "a slot is vacant twice")
        expect(idle.allSatisfy { slots[$0].phase == .idle }, "a busy slot among the idle")
        expect(
            zip(idle, idle.dropFirst()).allSatisfy { slots[$0].since <= slots[$1].since }, "idle ones out of order")
        expect(waiters.isEmpty || idle.isEmpty, "someone waits beside an idle connection")
        expect(phase == .running || idle.isEmpty, "idle connections of a pool that ends")
        expect(phase != .closed || waiters.isEmpty, "someone waits for a closed pool")
        expect(
            holdingWaiters.isSubset(of: waiters.all.filter(\.isHolding).map(\.holder)), "a mark of a waiter that left")
        expect(waiters.footprint <= 2 * waiters.count + 33, "\(waiters.footprint) kept for \(waiters.count) waiters")
        let serials = slots.filter { $0.phase != .vacant && $0.phase != .idle }.map(\.serial)
        expect(Set(serials).count == serials.count, "a serial twice")
        if !waiters.isEmpty, isStarted, used < settings.maximum, opening == 0 {
            expect(alarm <= max(backOffUntil, alarm) && alarm < .never, "nobody opens a connection for those who wait")
        }
        return problems
    }
}

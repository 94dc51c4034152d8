/// A connection that is lent, to be given back once with `release`.
@usableFromInline
package struct PoolLease<Connection: PoolableConnection>: Sendable {
    @usableFromInline let ticket: PoolTicket
    /// The connection. Not to be used after its release.
    @usableFromInline package let connection: Connection

    @usableFromInline
    init(ticket: PoolTicket, connection: Connection) {
        self.ticket = ticket
        self.connection = connection
    }
}

extension ConnectionPool {
    /// Lends a connection for the scope of `body`.
    ///
    /// If `body` throws, the connection is probed before anyone else gets it, unless the factory's verdict on the error says otherwise.
    ///
    /// A cancelled task does not wait, though it still gets a connection that is idle. Cancellation does not take the connection away
    /// from `body`.
    ///
    /// A task that acquires a second connection within the scope of a first may wait for itself. When every connection is held by
    /// tasks that do so, the last of them is told (``PoolError/Code-swift.struct/wouldDeadlock``). This sees the task itself, not its child
    /// tasks: those run into their timeout.
    ///
    /// - Parameters:
    ///   - timeout: the longest wait; nil for the configuration's. With zero only a connection that is idle will do.
    ///   - file: where the connection is acquired, for the errors of others.
    /// - Throws: ``PoolError``, `CancellationError` if cancelled while waiting, or what `body` throws.
    @inlinable
    public func withConnection<Value>(
        timeout: Duration? = nil,
        isolation: isolated (any Actor)? = #isolation,
        file: StaticString = #fileID,
        line: UInt = #line,
        _ body: (Connection) async throws -> sending Value
    ) async throws -> sending Value {
        let place = CodePlace(file: file, line: line)
        let holder = TaskIdentity.current
        let lease: PoolLease<Connection>
        if let idle = acquireIdle(holder: holder, place: place) {
            lease = idle
        } else {
            lease = try await wait(timeout: timeout, holder: holder, place: place)
        }
        let value: Value
        do {
            value = try await body(lease.connection)
        } catch {
            throw release(lease, after: error)
        }
        release(lease)
        return value
    }

    /// Takes a connection, for modules that can't hold it in a scope. Each must be released, once.
    ///
    /// - Parameters:
    ///   - isScoped: whether this task itself releases the connection, or ends only after that. Then the pool can tell it when it would
    ///     wait for itself.
    ///   - isMeantToLast: whether the connection may be held for as long as its holder likes: the pool does not warn of it.
    ///   - failsWhenUnreachable: whether to fail as soon as connecting fails while no connection is open, instead of waiting.
    @inlinable
    package func acquire(
        timeout: Duration? = nil, isScoped: Bool = false, isMeantToLast: Bool = false,
        failsWhenUnreachable: Bool = false,
        isolation: isolated (any Actor)? = #isolation, file: StaticString = #fileID, line: UInt = #line
    ) async throws -> PoolLease<Connection> {
        let place = CodePlace(file: file, line: line)
        let holder = isScoped ? TaskIdentity.current : 0
        let manner = LeaseManner(isMeantToLast: isMeantToLast, failsWhenUnreachable: failsWhenUnreachable)
        if let idle = acquireIdle(holder: holder, place: place, manner: manner) { return idle }
        return try await wait(timeout: timeout, holder: holder, place: place, manner: manner)
    }

    /// Takes a connection if one is idle, without waiting; otherwise nil, and nothing has happened.
    @inlinable
    package func acquireIfIdle(
        isScoped: Bool = false, isMeantToLast: Bool = false, file: StaticString = #fileID, line: UInt = #line
    ) -> PoolLease<Connection>? {
        acquireIdle(
            holder: isScoped ? TaskIdentity.current : 0, place: CodePlace(file: file, line: line),
            manner: LeaseManner(isMeantToLast: isMeantToLast))
    }

    /// Gives a connection back that works.
    @inlinable
    package func release(_ lease: PoolLease<Connection>) {
        release(lease, at: isObserved ? preciseNow() : time.roughly())
    }

    /// The same at a moment that the caller has looked at the clock for.
    @inlinable
    package func release(_ lease: PoolLease<Connection>, at now: PoolInstant) {
        guard lease.connection.isUsable else { return release(lease, as: .broken) }
        if let held = guarded.withLock({ $0.state.putBack(lease.ticket, now: now) }) {
            if isObserved { tellReleased(held: held) }
            return
        }
        release(lease, as: .good)
    }

    /// Gives a connection back on which something failed, and returns the error to throw.
    ///
    /// - Parameter verdict: what the error says about the connection; nil to ask the factory.
    @usableFromInline
    package func release(
        _ lease: PoolLease<Connection>, after error: any Error, verdict: ErrorVerdict? = nil
    ) -> any Error {
        let condition: ReturnedCondition =
            switch verdict ?? factory.verdict(error) {
            case .keep: .good
            case .validate: .suspect
            case .discard: .broken
            }
        let isRevoked = guarded.withLock { $0.state.isRevoked(lease.ticket) }
        release(lease, as: lease.connection.isUsable ? condition : .broken)
        return isRevoked ? PoolError.revoked(pool: name, underlying: error) : error
    }

    /// Gives a connection back without an error to throw.
    package func release(_ lease: PoolLease<Connection>, verdict: ErrorVerdict) {
        switch verdict {
        case .keep: release(lease)
        case .validate: release(lease, as: lease.connection.isUsable ? .suspect : .broken)
        case .discard: release(lease, as: .broken)
        }
    }

    /// The error of someone who waited for a connection of this pool by other means than ``acquire``, for too long.
    package func timedOut(after waited: Duration, limit: Duration?) -> PoolError {
        let failure = WaiterFailure(
            cause: .timedOut, waited: PoolSpan(waited), limit: limit.map { PoolSpan($0) } ?? .endless, status: status,
            holders: longestHolders())
        return PoolError(failure, pool: name)
    }

    /// When a lent connection reaches its maximum lifetime.
    package func expiry(of lease: PoolLease<Connection>) -> PoolInstant {
        let slot = lease.ticket.slot
        return guarded.withLock { $0.state.slots.indices.contains(slot) ? $0.state.slots[slot].expires : .never }
    }

    @inlinable
    func acquireIdle(
        holder: UInt, place: CodePlace, manner: LeaseManner = LeaseManner()
    ) -> PoolLease<Connection>? {
        acquireIdle(holder: holder, place: place, manner: manner, at: isObserved ? preciseNow() : time.roughly())
    }

    @inlinable
    func acquireIdle(
        holder: UInt, place: CodePlace, manner: LeaseManner = LeaseManner(), at now: PoolInstant
    ) -> PoolLease<Connection>? {
        while true {
            let lease = guarded.withLock { guarded -> PoolLease<Connection>? in
                guard
                    let ticket = guarded.state.acquireIdle(
                        now: now, holder: holder, place: place, manner: manner),
                    let connection = guarded.connections[ticket.slot]
                else { return nil }
                return PoolLease(ticket: ticket, connection: connection)
            }
            guard let lease else { return nil }
            if lease.connection.isUsable {
                if isObserved { tellAcquired() }
                return lease
            }
            reject(lease)
        }
    }

    @usableFromInline
    func preciseNow() -> PoolInstant { time.now() }

    @usableFromInline
    func reject(_ lease: PoolLease<Connection>) {
        transition { state, now, actions in state.reject(lease.ticket, now: now, actions: &actions) }
    }

    @usableFromInline
    func release(_ lease: PoolLease<Connection>, as condition: ReturnedCondition) {
        let (age, isCurrent) = transition { state, now, actions in
            let age = state.age(of: lease.ticket, now: now)
            return (age, state.release(lease.ticket, as: condition, now: now, actions: &actions))
        }
        if let age { tellReleased(held: age) }
        // A mistake of one of our own modules, which the pool survives.
        if !isCurrent { logger.error("a connection was released twice") }
    }

    /// Waits for a turn.
    @usableFromInline
    func wait(
        timeout: Duration?, holder: UInt, place: CodePlace, manner: LeaseManner = LeaseManner()
    ) async throws -> PoolLease<Connection> {
        let start = time.now()
        let limit = (timeout ?? configuration.acquireTimeout).map { PoolSpan($0) } ?? .endless
        while true {
            let id = guarded.withLock { $0.state.announceWaiter() }
            let left =
                limit == .endless
                ? limit : PoolSpan(nanoseconds: limit.nanoseconds &- time.now().since(start).nanoseconds)
            let outcome = await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    enqueue(id, continuation, timeout: left, holder: holder, place: place, manner: manner)
                }
            } onCancel: {
                transition { state, now, actions in state.cancel(id, now: now, actions: &actions) }
            }
            let waited = time.now().since(start)
            switch outcome {
            case .failed(let failure):
                let error: any Error =
                    failure.cause == .cancelled ? CancellationError() : PoolError(failure, pool: name)
                observer?.record(.acquireFailed(error, waited: waited.duration))
                throw error
            case .leased(let ticket, _):
                let connection = guarded.withLock { $0.connections[ticket.slot] }
                guard let connection else { continue }
                let lease = PoolLease(ticket: ticket, connection: connection)
                // It may have ended on the way here.
                guard connection.isUsable else {
                    reject(lease)
                    continue
                }
                tellAcquired(waited: waited)
                return lease
            }
        }
    }

    private func enqueue(
        _ id: WaiterID, _ continuation: CheckedContinuation<WaiterOutcome, Never>, timeout: PoolSpan, holder: UInt,
        place: CodePlace, manner: LeaseManner
    ) {
        // The continuation is there before the state can complete it.
        transition(prepare: { $0.waiting[id] = continuation }) { state, now, actions in
            state.enqueue(
                id, now: now, timeout: timeout, holder: holder, place: place, manner: manner, actions: &actions)
        }
    }
}

/// A number that tells tasks apart as long as they live.
@usableFromInline
enum TaskIdentity {
    /// The current task's; 0 outside of tasks.
    @usableFromInline
    static var current: UInt {
        withUnsafeCurrentTask { task in
            guard let task else { return 0 }
            // The task's address takes a third of the time of its hash. If it ever is no plain address, the hash will do.
            guard MemoryLayout<UnsafeCurrentTask>.size == MemoryLayout<UInt>.size else {
                return UInt(bitPattern: task.hashValue)
            }
            return unsafeBitCast(task, to: UInt.self)
        }
    }
}

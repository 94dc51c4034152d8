#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A value behind a lock that lets a running thread take it again before one that was woken for it.
///
/// Measured: 8 tasks on 2 cores passed 1.1 million leases a second through a pool with `Synchronization.Mutex`, and 3.4 million with this. The likely
/// reason, not proven, is that on Linux the former's futex goes to the longest waiter, so that two busy threads switch at every step.
@usableFromInline
package final class PoolLock<State: ~Copyable> {
    @usableFromInline let mutex: UnsafeMutablePointer<pthread_mutex_t>
    @usableFromInline let state: UnsafeMutablePointer<State>

    package init(_ state: consuming State) {
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        self.state = .allocate(capacity: 1)
        self.state.initialize(to: state)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
        state.deinitialize(count: 1)
        state.deallocate()
    }

    /// Runs `body` alone. It must be short, and must not use this lock again.
    @inlinable
    package func withLock<Result, Failure>(_ body: (inout State) throws(Failure) -> Result) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&state.pointee)
    }
}

// Both pointers are constant and belong to this object alone; what they point at is touched under the lock only, or in `deinit`,
// when nobody else has the object.
extension PoolLock: @unchecked Sendable where State: Sendable {}

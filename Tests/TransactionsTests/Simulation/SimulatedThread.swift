import Foundation
import Synchronization

/// The one thread of a simulation: runs jobs one by one, in an order that a seed chooses.
///
/// What Swift would give to its cooperative pool comes here too, as long as it comes from this thread: a task without a
/// preference goes there for a moment whenever it has waited, even if an actor waits for it.
///
/// `@unchecked`: used on the thread that made it; a job that comes from another one has left the simulation, which is
/// counted and fails it.
final class SimulatedThread: @unchecked Sendable {
    /// Where the coordinator's actors run.
    final class Lane: SerialExecutor, TaskExecutor {
        private let thread: SimulatedThread

        init(_ thread: SimulatedThread) {
            self.thread = thread
        }

        func enqueue(_ job: consuming ExecutorJob) {
            thread.enqueue(Ready(job: UnownedJob(job), isOnLane: true))
        }
    }

    /// Where the clients' tasks run, and what would run in Swift's pool.
    final class Clients: TaskExecutor {
        private let thread: SimulatedThread

        init(_ thread: SimulatedThread) {
            self.thread = thread
        }

        func enqueue(_ job: consuming ExecutorJob) {
            thread.enqueue(Ready(job: UnownedJob(job), isOnLane: false))
        }
    }

    fileprivate struct Ready {
        var job: UnownedJob
        var isOnLane: Bool
    }

    private let own = pthread_self()
    private var ready: [Ready] = []
    private let escaped = Atomic(0)
    /// What the order of all jobs so far amounts to.
    private(set) var digest: UInt64 = 0
    private(set) var steps = 0
    private var executors: (lane: Lane, clients: Clients)?

    /// Jobs that came from elsewhere, such as Swift's cooperative pool.
    var escapes: Int { escaped.load(ordering: .relaxed) }
    var isIdle: Bool { ready.isEmpty }

    var lane: Lane { made().lane }
    var clients: Clients { made().clients }

    private func made() -> (lane: Lane, clients: Clients) {
        if let executors { return executors }
        let new = (Lane(self), Clients(self))
        executors = new
        return new
    }

    /// From now on, until ``end()``, takes in what this thread gives to Swift's pool.
    func begin() {
        precondition(SimulatedPool.isInstalled, "Swift's runtime has no hook for its pool")
        pthread_setspecific(SimulatedPool.key, Unmanaged.passUnretained(self).toOpaque())
    }

    fileprivate func enqueue(_ entry: Ready) {
        guard pthread_equal(own, pthread_self()) != 0 else {
            escaped.add(1, ordering: .relaxed)
            return
        }
        ready.append(entry)
    }

    /// Runs one of the jobs that are ready.
    func step(choose: (Int) -> Int) {
        guard !ready.isEmpty else { return }
        let index = choose(ready.count)
        digest = (digest ^ UInt64(index + ready.count << 16)) &* 0x0000_0100_0000_01B3
        steps += 1
        let next = ready.remove(at: index)
        if next.isOnLane {
            next.job.runSynchronously(on: lane.asUnownedSerialExecutor())
        } else {
            next.job.runSynchronously(on: clients.asUnownedTaskExecutor())
        }
    }

    /// Gives the thread back.
    func end() {
        pthread_setspecific(SimulatedPool.key, nil)
        executors = nil
    }
}

/// Swift's cooperative pool, as far as simulations use it. The runtime asks a function, if there is one, before it gives
/// a job to the pool.
private enum SimulatedPool {
    private typealias Original = @convention(thin) (UnownedJob) -> Void
    private typealias Hook = @convention(thin) (UnownedJob, Original) -> Void

    /// The thread's simulation; none on all other threads.
    static let key = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    static let isInstalled: Bool = {
        guard let symbol = dlsym(dlopen(nil, RTLD_LAZY), "swift_task_enqueueGlobal_hook") else { return false }
        symbol.assumingMemoryBound(to: Hook?.self).pointee = { job, original in
            guard let simulation = pthread_getspecific(SimulatedPool.key) else { return original(job) }
            Unmanaged<SimulatedThread>.fromOpaque(simulation).takeUnretainedValue()
                .enqueue(SimulatedThread.Ready(job: job, isOnLane: false))
        }
        return true
    }()
}

import Dispatch
import Foundation
import Synchronization

/// A thread of its own as an executor: for calls that block, which must not hold a thread of Swift's cooperative pool.
///
/// The thread starts with the first job and ends after `retire()`. A job that comes later still runs, on a new
/// thread that ends with it, so nothing can hang on a retired executor.
package final class ThreadExecutor: SerialExecutor, TaskExecutor {
    private enum Entry {
        case job(UnownedJob)
        case call(@Sendable () -> Void)
    }

    private struct Queue {
        var jobs: [Entry] = []
        var head = 0
        var hasThread = false
        var isRetired = false

        mutating func pop() -> Entry? {
            guard head < jobs.count else { return nil }
            defer {
                head += 1
                if head == jobs.count {
                    jobs.removeAll(keepingCapacity: true)
                    head = 0
                }
            }
            return jobs[head]
        }
    }

    private let queue = Mutex(Queue())
    private let wakeUps = DispatchSemaphore(value: 0)
    /// Its thread, as ``currentThread`` calls it; 0 while there is none.
    private let owner = Atomic<UInt>(0)
    private let name: String

    package init(name: String) {
        self.name = name
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        // Actors refer to their executor without owning it, and the job may end the last one that does before this returns.
        let executor = Unmanaged.passRetained(self)
        defer { executor.release() }
        add(.job(UnownedJob(job)))
    }

    /// Runs `body` on the thread, after all that was given to it before, and waits for nothing.
    ///
    /// A task would come later than that: one that prefers an executor goes to the end of its queue when it enters an
    /// actor on it.
    package func perform(_ body: @escaping @Sendable () -> Void) {
        add(.call(body))
    }

    private func add(_ entry: Entry) {
        let needsThread = queue.withLock { queue in
            queue.jobs.append(entry)
            defer { queue.hasThread = true }
            return !queue.hasThread
        }
        if needsThread { startThread() }
        wakeUps.signal()
    }

    /// Lets the thread end once its jobs are done.
    package func retire() {
        queue.withLock { $0.isRetired = true }
        wakeUps.signal()
    }

    private func startThread() {
        let thread = Thread { self.work() }
        // The engine parses and plans on the calling thread, recursively; macOS gives secondary threads only 512 KiB.
        thread.stackSize = 8 << 20
        thread.start()
    }

    private func work() {
        Thread.current.threadDictionary[Self.key] = name
        let thread = Self.currentThread
        owner.store(thread, ordering: .releasing)
        // Another one may have been started since, if this was retired.
        defer { _ = owner.compareExchange(expected: thread, desired: 0, ordering: .releasing) }
        // For debuggers. From the outside it would be unsafe, since the thread may have ended by then.
        Thread.current.name = name
        while true {
            let (job, isDone) = queue.withLock { queue in
                let job = queue.pop()
                let isDone = job == nil && queue.isRetired
                if isDone { queue.hasThread = false }
                return (job, isDone)
            }
            switch job {
            case .job(let job): job.runSynchronously(on: asUnownedSerialExecutor())
            case .call(let body): body()
            case nil where isDone: return
            case nil: wakeUps.wait()
            }
        }
    }

    /// For `assumeIsolated` of the actors that live here, within ``perform(_:)``.
    package func checkIsolated() {
        precondition(owner.load(ordering: .acquiring) == Self.currentThread, "not on \(name)")
    }

    private static var currentThread: UInt {
        #if canImport(Darwin)
            UInt(bitPattern: pthread_self())
        #else
            pthread_self()
        #endif
    }

    private static let key = "trivet.executor"

    /// The name of the executor whose thread this is; nil on every other thread.
    package static var current: String? { Thread.current.threadDictionary[key] as? String }
}

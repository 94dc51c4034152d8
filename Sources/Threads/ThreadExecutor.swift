import Dispatch
import Foundation
import Synchronization

/// A thread of its own as an executor: for calls that block, which must not hold a thread of Swift's cooperative pool.
///
/// The thread starts with the first job and ends after `retire()`. A job that comes later still runs, on a new
/// thread that ends with it, so nothing can hang on a retired executor.
package final class ThreadExecutor: SerialExecutor, TaskExecutor {
    private struct Queue {
        var jobs: [UnownedJob] = []
        var head = 0
        var hasThread = false
        var isRetired = false

        mutating func pop() -> UnownedJob? {
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
    private let name: String

    package init(name: String) {
        self.name = name
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        // Actors refer to their executor without owning it, and the job may end the last one that does before this returns.
        let executor = Unmanaged.passRetained(self)
        defer { executor.release() }
        let job = UnownedJob(job)
        let needsThread = queue.withLock { queue in
            queue.jobs.append(job)
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
        // For debuggers. From the outside it would be unsafe, since the thread may have ended by then.
        Thread.current.name = name
        while true {
            let (job, isDone) = queue.withLock { queue in
                let job = queue.pop()
                let isDone = job == nil && queue.isRetired
                if isDone { queue.hasThread = false }
                return (job, isDone)
            }
            if let job {
                job.runSynchronously(on: asUnownedSerialExecutor())
            } else if isDone {
                return
            } else {
                wakeUps.wait()
            }
        }
    }

    private static let key = "trivet.executor"

    /// The name of the executor whose thread this is; nil on every other thread.
    package static var current: String? { Thread.current.threadDictionary[key] as? String }
}

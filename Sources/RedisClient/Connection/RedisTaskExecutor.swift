import NIOCore

/// Runs tasks on a connection's event loop, so that a command costs no change of threads.
///
/// A change of threads takes longer than a short command does. Within
/// `withTaskExecutorPreference(connection.taskExecutor) { … }` nonisolated asynchronous code runs where the connection lives:
/// commands are written without a hand-over, and tasks that a read has woken run right after it, so that what they send next leaves
/// in one write. Code there must not block: it holds up every connection of that event loop.
///
/// The event loop must outlive the tasks that prefer it, as ever with event loops.
public final class RedisTaskExecutor: TaskExecutor {
    private let eventLoop: any EventLoop
    private let queue: NIOLoopBound<JobQueue>

    init(queue: JobQueue, eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        self.queue = NIOLoopBound(queue, eventLoop: eventLoop)
    }

    /// Called by the Swift runtime.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if self.eventLoop.inEventLoop {
            let queue = self.queue.value
            if queue.add(job) { self.schedule() }
        } else {
            self.eventLoop.execute {
                _ = self.queue.value.add(job)
                self.run()
            }
        }
    }

    private func schedule() {
        self.eventLoop.execute { self.run() }
    }

    /// Runs the jobs that are ready, on the event loop.
    func run() {
        if self.queue.value.run(on: self.asUnownedTaskExecutor()) { self.schedule() }
    }
}

/// The jobs that are ready on one event loop. Not sendable: it lives there.
final class JobQueue {
    private var jobs = CircularBuffer<UnownedJob>()
    /// Somebody has promised to run the queue.
    private var isPromised = false
    private var isRunning = false
    /// Called around a run, since it gathers what the jobs write. A cycle while the handler is in its channel's pipeline: a weak
    /// reference would make every retain and release of the handler slower.
    var observer: RedisChannelHandler?

    /// Jobs can make each other ready for ever; sockets want their turn too.
    private static let jobsInARow = 1024

    /// True when the caller has to see to it that the queue is run.
    func add(_ job: UnownedJob) -> Bool {
        self.jobs.append(job)
        if self.isPromised || self.isRunning { return false }
        self.isPromised = true
        return true
    }

    /// Says that a run will follow, so that nobody schedules one.
    func promiseRun() {
        self.isPromised = true
    }

    /// True when jobs are left, and the caller has to see to another run.
    func run(on executor: UnownedTaskExecutor) -> Bool {
        guard !self.isRunning else { return false }
        self.isRunning = true
        self.isPromised = false
        let observer = self.observer
        observer?.beginBatch()
        var budget = Self.jobsInARow
        while budget > 0, let job = self.jobs.popFirst() {
            budget -= 1
            job.runSynchronously(on: executor)
        }
        observer?.endBatch()
        self.isRunning = false
        guard !self.jobs.isEmpty else { return false }
        self.isPromised = true
        return true
    }
}

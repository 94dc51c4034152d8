import Logging
import Pooling

/// The pools of an embedded store: many readers, and one writer apart from them, whose users wait in a queue of their own.
struct ReaderWriterPools<Session: PoolableConnection>: Sendable {
    let store: String
    let readers: ConnectionPool<Session>
    /// nil where the store is opened for reading only.
    let writers: ConnectionPool<Session>?
    /// Readers and writer together.
    let bounds: ClosedRange<Int>
    private let minimumReaders: Int

    /// - Parameters:
    ///   - minimum, maximum: connections in all, the writer among them.
    ///   - writer: nil for none.
    init(
        store: String, minimum: Int, maximum: Int, general: PoolConfiguration,
        reader: ConnectionFactory<Session>, writer: ConnectionFactory<Session>?,
        observers: PoolObservers?, logger: Logger
    ) throws(PoolError) {
        self.store = store
        let writerCount = writer == nil ? 0 : 1
        minimumReaders = max(0, minimum - writerCount)
        bounds = max(minimum, writerCount + 1)...max(maximum, writerCount + 1)
        func pool(
            _ name: String, _ minimum: Int, _ maximum: Int, _ factory: ConnectionFactory<Session>
        ) throws(PoolError) -> ConnectionPool<Session> {
            var configuration = general
            configuration.minimumSize = minimum
            configuration.maximumSize = maximum
            return try ConnectionPool(
                name: name, configuration: configuration, factory: factory, observer: observers?(name), logger: logger)
        }
        readers = try pool("\(store).readers", minimumReaders, maximum - writerCount, reader)
        if let writer {
            writers = try pool("\(store).writer", 1, 1, writer)
        } else {
            writers = nil
        }
    }

    private var writerCount: Int { writers == nil ? 0 : 1 }

    var statuses: [NamedPoolStatus] {
        var statuses = [NamedPoolStatus(name: readers.name, status: readers.status)]
        if let writers {
            statuses.append(NamedPoolStatus(name: writers.name, status: writers.status, followsLimit: false))
        }
        return statuses
    }

    var connectionLimit: Int { readers.status.maximum + writerCount }

    func setConnectionLimit(_ limit: Int) throws(PoolError) {
        guard bounds.contains(limit) else {
            throw .invalidConfiguration(
                ["a limit of \(limit) connections is outside \(bounds.lowerBound) to \(bounds.upperBound)"], pool: store
            )
        }
        try readers.resize(minimum: minimumReaders, maximum: limit - writerCount)
    }

    func start() {
        readers.start()
        writers?.start()
    }

    /// Both at once: nobody new may come to the one while the other drains.
    func shutdown(within limit: Duration?) async -> PoolDrainReport {
        async let ofReaders = readers.shutdown(within: limit)
        async let ofWriter = writers?.shutdown(within: limit)
        var report = await ofReaders
        if let other = await ofWriter {
            report.remainingHolders += other.remainingHolders
            report.remainingHolders.sort { $0.age > $1.age }
            report.refusedWaiters += other.refusedWaiters
            report.unfinishedOperations += other.unfinishedOperations
        }
        return report
    }
}

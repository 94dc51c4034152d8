import Foundation
import Synchronization

/// Wraps any operation and keeps what it took (M5): duration, change of memory, success, and when.
///
/// In bounded memory: of each operation all durations as a histogram, and its last runs one by one. Looking at the memory takes some microseconds
/// before and after; without it, some hundred nanoseconds are added to an operation.
public final class Profiler: Sendable {
    private let runs: Int
    private let most: Int
    private let measuresMemory: Bool
    private let operations = Mutex<[String: ProfiledOperation]>([:])

    /// - Parameters:
    ///   - runs: how many of an operation's last runs are kept one by one; at least 1.
    ///   - operations: how many names there may be; later ones are all counted as `other`.
    ///   - memory: whether the memory is looked at.
    public init(keeping runs: Int = 100, operations: Int = 200, memory: Bool = true) {
        self.runs = max(1, runs)
        most = operations
        measuresMemory = memory
    }

    /// Runs an operation and keeps what it took, also when it throws, which counts as a failure.
    ///
    /// The change of memory is the process's: what other tasks take meanwhile is in it.
    public func measure<T, E: Error>(
        _ operation: String, isolation: isolated (any Actor)? = #isolation, _ body: () async throws(E) -> T
    ) async throws(E) -> T {
        let start = Start(measuresMemory)
        do {
            let result = try await body()
            keep(operation, start, succeeded: true)
            return result
        } catch {
            keep(operation, start, succeeded: false)
            throw error
        }
    }

    /// The same for an operation that doesn't wait.
    public func measure<T, E: Error>(_ operation: String, _ body: () throws(E) -> T) throws(E) -> T {
        let start = Start(measuresMemory)
        do {
            let result = try body()
            keep(operation, start, succeeded: true)
            return result
        } catch {
            keep(operation, start, succeeded: false)
            throw error
        }
    }

    /// What was kept of all operations, by name.
    public var profiles: [OperationProfile] {
        operations.withLock { Array($0.values) }.map(\.profile).sorted { $0.operation < $1.operation }
    }

    /// What was kept of an operation; nil when there was none of that name.
    public func profile(of operation: String) -> OperationProfile? {
        operations.withLock { $0[operation] }?.profile
    }

    private struct Start {
        let date = Date()
        let memory: Int?
        let instant: ContinuousClock.Instant

        init(_ measuresMemory: Bool) {
            memory = measuresMemory ? ProcessMemory.resident() : nil
            // Last, so that looking takes no part of the duration.
            instant = .now
        }
    }

    private func keep(_ operation: String, _ start: Start, succeeded: Bool) {
        let duration = ContinuousClock.now - start.instant
        let run = OperationProfile.Run(
            start: start.date, duration: duration, memoryChange: start.memory.map { ProcessMemory.resident() - $0 },
            succeeded: succeeded)
        profiled(operation).keep(run)
    }

    private func profiled(_ name: String) -> ProfiledOperation {
        operations.withLock { operations in
            let name = operations[name] != nil || operations.count < most ? name : "other"
            if let operation = operations[name] { return operation }
            let operation = ProfiledOperation(name, keeping: runs)
            operations[name] = operation
            return operation
        }
    }
}

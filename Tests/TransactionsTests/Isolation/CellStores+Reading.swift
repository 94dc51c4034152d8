import GRDB
import GraphClient

@testable import Transactions

extension IsolationLevel {
    /// Run again until it is done: contention is the point of these tests.
    var patient: TransactionOptions {
        TransactionOptions(
            timeLimit: .seconds(120), lockTimeLimit: .seconds(60), retry: RetryPolicy(maximumAttempts: 10_000),
            isolation: self)
    }

    static func preventing(_ anomaly: Anomaly) -> [IsolationLevel] { allCases.filter { $0.prevents.contains(anomaly) } }
}

extension AnomalyTests.Case {
    /// How a transaction reads; nil for a snapshot.
    fileprivate var reading: TransactionOptions? {
        switch reader {
        case .same: level.patient
        case .serializable: IsolationLevel.serializable.patient
        case .snapshot: nil
        }
    }
}

extension CellStores {
    /// Runs clients at once, each so many times, and counts what returned.
    func concurrently(
        _ clients: Int, times: Int, _ body: @escaping @Sendable (_ client: Int, _ step: Int) async throws -> Void
    ) async throws -> Int {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for client in 0..<clients {
                group.addTask {
                    for step in 0..<times { try await body(client, step) }
                    return times
                }
            }
            return try await group.reduce(0, +)
        }
    }

    /// Reads while writers add 1 to each of the groups' cells in one transaction.
    func whileAdding(
        to groups: [[Cell]], _ case: AnomalyTests.Case, writers: Int, readers: Int,
        _ read: @escaping @Sendable (_ reader: Int) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    for step in 0..<max(2, 30 / writers) {
                        try await coordinator.transaction(`case`.level.patient) { txn in
                            for cell in groups[(writer + step) % groups.count] { try await cell.add(1, in: txn) }
                        }
                    }
                }
            }
            for reader in 0..<readers {
                group.addTask { for _ in 0..<2 { try await read(reader) } }
            }
            try await group.waitForAll()
        }
    }

    func read(_ cells: [Cell], _ case: AnomalyTests.Case) async throws -> [Int] {
        if let options = `case`.reading {
            try await coordinator.transaction(options) { txn in
                var values: [Int] = []
                for cell in cells { values.append(try await cell.value(in: txn)) }
                return values
            }
        } else {
            try await coordinator.snapshot { snapshot in
                var values: [Int] = []
                for cell in cells { values.append(try await cell.value(in: snapshot)) }
                return values
            }
        }
    }

    /// Reads, lets others go on, and reads again.
    func readTwice(_ cells: [Cell], _ case: AnomalyTests.Case) async throws -> ([Int], [Int]) {
        if let options = `case`.reading {
            try await coordinator.transaction(options) { txn in
                var values: [[Int]] = [[], []]
                for round in 0..<2 {
                    for cell in cells { values[round].append(try await cell.value(in: txn)) }
                    try await Task.sleep(for: .milliseconds(1))
                }
                return (values[0], values[1])
            }
        } else {
            try await coordinator.snapshot { snapshot in
                var values: [[Int]] = [[], []]
                for round in 0..<2 {
                    for cell in cells { values[round].append(try await cell.value(in: snapshot)) }
                    try await Task.sleep(for: .milliseconds(1))
                }
                return (values[0], values[1])
            }
        }
    }

    /// The numbers of rows, nodes and members, counted twice.
    func counts(twice case: AnomalyTests.Case) async throws -> [Int] {
        if let options = `case`.reading {
            try await coordinator.transaction(options) { txn in
                var counts: [Int] = []
                for _ in 0..<2 {
                    counts.append(try await Place.sqlite.all(in: txn).count)
                    counts.append(try await txn.redis.smembers("members").count)
                    counts.append(try await Place.graph.all(in: txn).count)
                    try await Task.sleep(for: .milliseconds(1))
                }
                return counts
            }
        } else {
            try await coordinator.snapshot { snapshot in
                var counts: [Int] = []
                for _ in 0..<2 {
                    counts.append(
                        try await snapshot.sqlite { try Int.fetchOne($0, sql: "SELECT count(*) FROM cell") ?? 0 })
                    counts.append(try await snapshot.redis.smembers("members").count)
                    counts.append(
                        try await snapshot.graph("MATCH (c:Cell) RETURN count(*)").scalar(Int.self))
                    try await Task.sleep(for: .milliseconds(1))
                }
                return counts
            }
        }
    }
}

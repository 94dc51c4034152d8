import GRDB
import GraphClient
import Measurement
import RedisClient
import Transactions

/// S7: transactions that fail at each of their steps, while others look for anything that was left.
struct Rollback: ProgrammedScenario {
    static let id = "rollback"
    static let summary = "failures at every step of a transaction, and nothing partial is ever seen"

    func run(_ stage: Stage) async throws -> ScenarioOutcome {
        stage.monitor.prepare("accounts")
        let accounts = Accounts(engines: stage.engines)
        try await accounts.prepare()
        // Each transaction of the load is made to fail, at one step or another.
        let injected = stage.monitor.faults.begin("\(Self.id)-steps-1", kind: "failure at every step")
        do {
            _ = try await stage.load(FailingUsers(accounts: accounts))
        } catch {
            stage.monitor.faults.end(injected)
            throw error
        }
        stage.monitor.faults.end(injected)
        var figures: [CheckResult] = []
        if !stage.monitor.isStopping {
            if let finding = try await accounts.check() { stage.monitor.countFinding(finding) }
            let seconds = try await recoverFromOutage(accounts, stage.monitor)
            figures.append(CheckResult(.recovery, value: seconds, samples: 1))
        }
        return stage.outcome(Self.id, figures: figures)
    }

    /// Kills Redis while transactions go on, starts it again, and waits until it has everything.
    ///
    /// - Returns: the seconds from its return to all stores agreeing.
    private func recoverFromOutage(_ accounts: Accounts, _ monitor: LoadMonitor) async throws -> Double {
        let engines = accounts.engines
        let outage = monitor.faults.begin("\(Self.id)-redis-kill-2", kind: "kill", store: "redis")
        // Also when something throws before Redis is back.
        defer { monitor.faults.end(outage) }
        await engines.server.kill()
        var options = TransactionOptions()
        options.cacheTimeLimit = .milliseconds(100)
        for id in 1...5 {
            // A plain set needs nothing of Redis before the decision.
            _ = try await engines.coordinator.transaction(options) { txn in
                try await txn.sqlite {
                    try $0.execute(sql: "UPDATE accounts SET balance = balance WHERE id = ?", arguments: [id])
                }
                try await txn.redis.set("outage:\(id)", "decided while Redis was down")
            }
        }
        try await engines.server.start()
        monitor.faults.end(outage)
        let began = ContinuousClock.now
        while ContinuousClock.now - began < .seconds(30) {
            let values = try? await engines.redis.mget((1...5).map { "outage:\($0)" })
            if values?.allSatisfy({ $0 != nil }) == true { break }
            try await Task.sleep(for: .milliseconds(10))
        }
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        if let finding = try await accounts.check() { monitor.countFinding("after an outage of Redis: \(finding)") }
        return (seconds * 1_000).rounded() / 1_000
    }
}

/// The step at which a transaction fails.
private enum Fault: Int, CaseIterable, Sendable {
    case beforeAll, afterRedis, afterSQLite, afterGraph, constraint, badStatement, cancellation, deadline, inSavepoint
}

private struct Injected: Error {}

private struct FailingUsers: UserScenario {
    static let targets: [Target] = []
    let accounts: Accounts

    func withUser(_ number: Int, _ body: (Int) async throws -> Void) async throws {
        try await body(number)
    }

    func round(
        of user: Int, recorder: LoadRecorder, step: StepCounter, using generator: inout SplitMix64
    ) async throws {
        let fault = Fault(rawValue: Int.random(in: 0..<Fault.allCases.count, using: &generator)) ?? .beforeAll
        let id = Int.random(in: 1...Accounts.count, using: &generator)
        try await step("\(fault)") {
            do {
                try await fail(fault, account: id)
            } catch {
                return
            }
            throw Survived(fault: "\(fault)")
        }
        try await step("audit after \(fault)") { try await accounts.audit() }
    }

    /// A transaction that should have failed did not.
    struct Survived: Error, CustomStringConvertible {
        var fault: String
        var description: String { "a transaction with the fault \(fault) was committed" }
    }

    private func fail(_ fault: Fault, account id: Int) async throws {
        var options = TransactionOptions(retry: .none)
        if fault == .deadline { options.timeLimit = .milliseconds(20) }
        let work = Task { [options] in
            try await accounts.engines.coordinator.transaction(options) { txn in
                try await failingBody(txn, fault, id)
            }
        }
        if fault == .cancellation { work.cancel() }
        try await work.value
    }

    private func failingBody(_ txn: isolated Transaction, _ fault: Fault, _ id: Int) async throws {
        if fault == .beforeAll { throw Injected() }
        try await txn.redis.set("account:\(id)", -1)
        if fault == .afterRedis { throw Injected() }
        try await txn.sqlite {
            try $0.execute(sql: "UPDATE accounts SET balance = -1 WHERE id = ?", arguments: [id])
        }
        if fault == .afterSQLite { throw Injected() }
        try await txn.graph.execute("MATCH (a:Account {id: $id}) SET a.balance = -1", ["id": id])
        switch fault {
        case .constraint:
            try await txn.sqlite { try $0.execute(sql: "INSERT INTO accounts VALUES (?, 0)", arguments: [id]) }
        case .badStatement: try await txn.graph.execute("CREATE (:Account {id: $id, balance: 0})", ["id": id])
        case .deadline, .cancellation: try await Task.sleep(for: .seconds(10))
        case .inSavepoint:
            try await txn.savepoint { txn in
                try await txn.redis.set("account:\(id)", -2)
                throw Injected()
            }
        default: throw Injected()
        }
    }
}

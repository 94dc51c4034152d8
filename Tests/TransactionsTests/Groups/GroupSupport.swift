import Testing

@testable import Transactions

extension CoordinatorConfiguration {
    /// Groups that wait for their members as long as it takes.
    static var patient: CoordinatorConfiguration {
        var configuration = CoordinatorConfiguration()
        configuration.groups.time = .seconds(20)
        return configuration
    }
}

extension CoordinatorCore {
    var groupSize: Int { group.members.count }
    var running: Int { units.count }

    /// Returns when so many sealed units wait for the group's commit.
    nonisolated func untilSealed(_ count: Int) async throws {
        while await groupSize < count { try await Task.sleep(for: .milliseconds(1)) }
    }
}

extension LiveStores {
    /// Adds a user, and keeps the stores until so many other transactions wait for them, the first time that it runs.
    func addUser(_ id: Int, untilWaiting count: Int) async throws -> Receipt {
        let (core, runs) = (coordinator.core, Tally())
        return try await coordinator.transactionWithReceipt { txn in
            try await txn.addUser(id)
            if runs.add() == 1 { try await core.untilWaiting(count) }
        }.receipt
    }

    /// Returns when so many other transactions are under way.
    func untilRunning(_ count: Int) async throws {
        while await coordinator.core.running < count { try await Task.sleep(for: .milliseconds(1)) }
    }
}

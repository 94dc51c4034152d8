import Failpoints
import Foundation
import Synchronization
import Transactions

/// The process under test: opens the stores, runs units at the same time, and tells of each.
package struct CrashWorker: Sendable {
    let stores: CrashStores
    let seed: UInt64
    /// The number of its first unit.
    let first: Int
    /// How many units it runs at most; 0 only opens the stores.
    let units: Int
    private static let clients = 6

    package init(stores: CrashStores, seed: UInt64, first: Int, units: Int) {
        self.stores = stores
        self.seed = seed
        self.first = first
        self.units = units
    }

    /// Ends this process where the plan says.
    package static func arm(_ point: Failpoint, passage: Int, delay: Duration) {
        Failpoint.arm(
            Failpoint.Plan(point: point, passage: passage, delay: delay) { tell(.failpoint($0.rawValue)) })
    }

    /// Runs to the end, if nothing comes between.
    ///
    /// - Returns: whether the stores could be opened and the coordinator stayed well.
    package func run() async -> Bool {
        do {
            try await stores.withCoordinator { coordinator, _ in
                Self.tell(.opened)
                try await stores.prepare(coordinator)
                let numbers = UnitNumbers(first: first, count: units)
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<(units == 0 ? 0 : Self.clients) {
                        group.addTask {
                            while let number = numbers.next() { await run(number, coordinator) }
                        }
                    }
                }
            }
            return true
        } catch {
            Self.tell(.broken("\(error)"))
            return false
        }
    }

    private func run(_ number: Int, _ coordinator: Coordinator) async {
        let unit = CrashUnit(number: number, seed: seed, hasGraph: stores.kind.hasGraph)
        Self.tell(.began(number))
        do {
            if let key = unit.idempotencyKey {
                let (done, receipt) = try await coordinator.transaction(idempotencyKey: key) { txn in
                    try await unit.run(in: txn)
                    return number
                }
                let message: CrashMessage =
                    receipt.isRepetition
                    ? .repeated(number, of: done) : .acknowledged(number, number: receipt.number ?? 0)
                Self.tell(message)
            } else {
                let (_, receipt) = try await coordinator.transactionWithReceipt { try await unit.run(in: $0) }
                Self.tell(.acknowledged(number, number: receipt.number ?? 0))
            }
        } catch let error as TransactionError where error.code == .outcomeUnknown {
            Self.tell(.unknown(number, "\(error)"))
        } catch let error as TransactionError where error.code == .stopped {
            Self.tell(.failed(number, "\(error)"))
            Self.tell(.broken("\(error)"))
        } catch {
            Self.tell(.failed(number, "\(error)"))
        }
    }

    /// One write, so that lines never mix. It does not wait: the reader takes everything at once.
    private static func tell(_ message: CrashMessage) {
        let line = Array((message.line + "\n").utf8)
        _ = line.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    }
}

/// Hands out the units' numbers.
private final class UnitNumbers: Sendable {
    private let first: Int
    private let count: Int
    private let used = Atomic<Int>(0)

    init(first: Int, count: Int) {
        self.first = first
        self.count = count
    }

    /// - Returns: nil when there are no more.
    func next() -> Int? {
        let index = used.add(1, ordering: .relaxed).oldValue
        return index < count ? first + index : nil
    }
}

import Testing

@testable import Transactions

/// Three clients on rows 1 and 2, which begin with 10 and 20 and lie in two stores.
struct Schedule: Sendable {
    let coordinator: Coordinator
    let one: Cell
    let two: Cell
    let t1: Client
    let t2: Client
    let t3: Client

    /// The level of each client.
    struct Levels: Sendable {
        var t1: IsolationLevel
        var t2: IsolationLevel
        var t3: IsolationLevel

        static func all(_ level: IsolationLevel) -> Levels { Levels(t1: level, t2: level, t3: level) }
    }

    /// The stores of the two rows, each once.
    var places: [Place] { one.place == two.place ? [one.place] : [one.place, two.place] }

    /// All rows that are there now, in both stores.
    func rows() async throws -> [Int: Int] {
        let places = places
        return try await coordinator.transaction { txn in
            var rows: [Int: Int] = [:]
            for place in places {
                for id in 1...4 { if let value = try await place.value(id, in: txn) { rows[id] = value } }
            }
            return rows
        }
    }

    /// Lets all clients end, in this order of commits where they can, and says who has committed.
    func commitAll() async throws -> (t1: Bool, t2: Bool, t3: Bool) {
        for client in [t1, t2, t3] { try await client.commit() }
        return (await t1.hasCommitted, await t2.hasCommitted, await t3.hasCommitted)
    }

    /// Runs an anomaly's schedule over several pairs of stores.
    ///
    /// - Returns: the pairs in which it was seen.
    static func pairs(showing anomaly: Anomaly, at levels: Levels) async throws -> [String] {
        var shown: [String] = []
        try await CellStores.with { stores in
            for (first, second) in anomaly.pairs {
                let (one, two) = (Cell(first, 1), Cell(second, 2))
                try await stores.coordinator.transaction { txn in
                    for place in Place.allCases { for id in 1...4 { try await place.delete(id, in: txn) } }
                }
                try await stores.prepare([(one, 10), (two, 20)])
                let clients = [levels.t1, levels.t2, levels.t3].map { Client(stores.coordinator, $0) }
                let schedule = Schedule(
                    coordinator: stores.coordinator, one: one, two: two, t1: clients[0], t2: clients[1],
                    t3: clients[2])
                if try await anomaly.isSeen(in: schedule) { shown.append("\(first) and \(second)") }
                #expect(await stores.coordinator.core.isAtRest)
            }
        }
        return shown
    }
}

extension Anomaly {
    /// Redis can't be asked by condition within a transaction.
    fileprivate var pairs: [(Place, Place)] {
        switch self {
        case .phantom, .phantomWrite, .predicateReadSkew, .predicateWriteSkew:
            [(.sqlite, .graph), (.graph, .sqlite), (.sqlite, .sqlite), (.graph, .graph)]
        default: [(.sqlite, .graph), (.graph, .redis), (.redis, .sqlite), (.redis, .redis)]
        }
    }

    /// Runs its schedule, after Hermitage (Kleppmann, 2014), and says whether it was seen.
    fileprivate func isSeen(in schedule: Schedule) async throws -> Bool {
        switch self {
        case .dirtyWrite: try await schedule.dirtyWrite()
        case .abortedRead: try await schedule.abortedRead()
        case .intermediateRead: try await schedule.intermediateRead()
        case .circularFlow: try await schedule.circularFlow()
        case .vanishing: try await schedule.vanishing()
        case .phantom: try await schedule.phantom()
        case .phantomWrite: try await schedule.phantomWrite()
        case .lostUpdate: try await schedule.lostUpdate()
        case .readSkew: try await schedule.readSkew()
        case .predicateReadSkew: try await schedule.predicateReadSkew()
        case .readSkewWrite: try await schedule.readSkewWrite()
        case .writeSkew: try await schedule.writeSkew()
        case .predicateWriteSkew: try await schedule.predicateWriteSkew()
        case .readOnly: try await schedule.readOnly()
        }
    }
}

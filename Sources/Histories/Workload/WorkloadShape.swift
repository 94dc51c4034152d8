/// The measures of a workload.
package struct WorkloadShape: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Appends to lists: the order of versions is seen in each read.
        case listAppend = "list-append"
        /// Writes of registers: less can be inferred, but values are replaced as programs do.
        case register
    }

    package var kind: Kind
    /// How many keys transactions choose from at a time. Few keys: much contention.
    package var keysAlive: Int
    /// After so many writes a key is left to itself, and a new one takes its place: lists stay short.
    package var writesPerKey: Int
    /// How many processes run transactions at a time.
    package var clients: Int
    /// How many micro-operations a transaction has.
    package var microOperations: ClosedRange<Int>
    /// The stores that keys are in, in turn.
    package var stores: [String]

    package init(
        kind: Kind = .listAppend, keysAlive: Int = 10, writesPerKey: Int = 32, clients: Int = 5,
        microOperations: ClosedRange<Int> = 1...10, stores: [String] = ["sqlite", "kuzu", "redis"]
    ) {
        precondition(
            keysAlive > 0 && writesPerKey > 0 && clients > 0 && microOperations.lowerBound > 0 && !stores.isEmpty)
        self.kind = kind
        self.keysAlive = keysAlive
        self.writesPerKey = writesPerKey
        self.clients = clients
        self.microOperations = microOperations
        self.stores = stores
    }

    /// The shapes that a thorough check goes through: much and little contention, short and long lists, few and many clients.
    package static func sweep(_ kind: Kind, stores: [String] = ["sqlite", "kuzu", "redis"]) -> [WorkloadShape] {
        var shapes: [WorkloadShape] = []
        for keysAlive in [3, 10] {
            for writesPerKey in [4, 32, 256] {
                for clients in [5, 20] {
                    shapes.append(
                        WorkloadShape(
                            kind: kind, keysAlive: keysAlive, writesPerKey: writesPerKey, clients: clients,
                            stores: stores))
                }
            }
        }
        return shapes
    }
}

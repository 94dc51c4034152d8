/// What can be known of the order of a register's versions, where a read returns only the newest one.
///
/// - Each value is written once, so a read names its writer (wr).
/// - The state before the first write comes before all others.
/// - A transaction that read one version and then wrote another one put it after the first. If a store did otherwise, its writer has read from
///   a transaction that overwrote it: that would be a G1c, so a history that this is wrong of is not read committed anyway.
/// - In a strictly serializable store, what was written in a transaction that began after another one had written, or read, a version and ended
///   comes after that version. What is found by this counts against strict serializability alone ("-realtime").
/// - If reads saw two versions one after the other in real time, the second one is the newer one, unless its writer had ended before the
///   other's began (then it is a stale read, not a swap of two writes).
///
/// All else is left open: two blind writes that nobody read have no order, and an anomaly that hangs on it is not found. A list shows more.
struct RegisterVersions {
    /// What is known of one register: for each version those that come after it. The first state is nil.
    struct Order {
        enum Reason {
            case first
            case update
            case realTimeWrite
            case realTimeRead
        }

        /// In the order in which they were found.
        private(set) var following: [Int?: [(value: Int, reason: Reason)]] = [:]
        private var known: Set<Pair> = []

        private struct Pair: Hashable {
            let first: Int?
            let second: Int
        }

        mutating func add(_ first: Int?, _ second: Int, _ reason: Reason) {
            guard first != second, known.insert(Pair(first: first, second: second)).inserted else { return }
            following[first, default: []].append((second, reason))
        }
    }

    private(set) var orders: [Int: Order] = [:]
    /// Registers in which updates go round in a circle: they have no order.
    private(set) var cyclic: Set<Int> = []

    init(_ transactions: [ObservedTransaction], _ keys: KeyTable, _ nodes: [Bool], _ anomalies: inout AnomalyCollector)
    {
        var users: [Int: [Int]] = [:]
        for place in transactions.indices where nodes[place] {
            for access in transactions[place].accesses where keys.kinds[access.key] == .register {
                if users[access.key]?.last != place { users[access.key, default: []].append(place) }
            }
        }
        for key in users.keys.sorted() {
            var order = Order()
            var replaced: Set<Int> = []
            for place in users[key, default: []] { Self.addUpdates(of: transactions[place], key, &order, &replaced) }
            if let circle = Self.circle(in: order) {
                cyclic.insert(key)
                let writers = circle.compactMap { keys.writes[key][$0].map { transactions[$0.transaction] } }
                anomalies.add(
                    .cyclicVersions, writers,
                    "\(keys.names[key]) went through \((circle + circle.prefix(1)).map(String.init).joined(separator: ", ")), each read and then replaced"
                )
            }
            for (value, write) in keys.writes[key].sorted(by: { $0.key < $1.key })
            where nodes[write.transaction] && !replaced.contains(value) {
                order.add(nil, value, .first)
            }
            Self.addRealTime(transactions, users[key, default: []], key, keys, &order)
            orders[key] = order
        }
    }

    private static func addUpdates(
        of transaction: ObservedTransaction, _ key: Int, _ order: inout Order, _ replacing: inout Set<Int>
    ) {
        var current: Int??
        for access in transaction.accesses where access.key == key {
            switch access.action {
            case .readRegister(let value): if current == nil { current = .some(value) }
            case .write(let value):
                if case .some(.some(let before)) = current {
                    order.add(before, value, .update)
                    replacing.insert(value)
                }
                current = .some(value)
            case .readList, .readUnknown: break
            }
        }
    }

    /// Values that follow each other in a circle.
    private static func circle(in order: Order) -> [Int]? {
        let values = order.following.keys.compactMap(\.self).sorted()
        let numbers = Dictionary(uniqueKeysWithValues: values.enumerated().map { ($1, $0) })
        let successors = values.map { value in
            order.following[value, default: []].compactMap { numbers[$0.value] }
        }
        let components = Components(nodeCount: values.count) { node, place in
            guard place < successors[node].count else { return nil }
            defer { place += 1 }
            return successors[node][place]
        }
        guard let start = components.component.firstIndex(where: { $0 >= 0 }) else { return nil }
        var path = [start]
        while let next = successors[path[path.count - 1]].first(where: {
            components.isOnCycle(path[path.count - 1], $0)
        }) {
            if let begin = path.firstIndex(of: next) { return path[begin...].map { values[$0] } }
            path.append(next)
        }
        return nil
    }

    private static func addRealTime(
        _ transactions: [ObservedTransaction], _ users: [Int], _ key: Int, _ keys: KeyTable, _ order: inout Order
    ) {
        OrderOfTransactions.forEachFrontier(transactions, users) { earlier, later in
            let first = transactions[earlier].lastVersion(of: key)
            let second = transactions[later].firstVersion(of: key)
            guard case .some(.some(let before)) = first, case .some(let after) = second else { return }
            switch after {
            case .written(let value): order.add(before, value, .realTimeWrite)
            case .read(let value):
                if let written = transactions[later].firstWrite(of: key) { order.add(before, written, .realTimeWrite) }
                guard let value, value != before, let writer = keys.writes[key][value]?.transaction,
                    let beforeWriter = keys.writes[key][before]?.transaction,
                    (transactions[writer].ended ?? .max) > transactions[beforeWriter].number
                else { return }
                order.add(before, value, .realTimeRead)
            }
        }
    }
}

extension ObservedTransaction {
    enum FirstVersion {
        case read(Int?)
        case written(Int)
    }

    /// What the transaction left in the register: nil if that isn't known, nil within for a register that nobody had written.
    fileprivate func lastVersion(of key: Int) -> Int?? {
        for access in accesses.reversed() where access.key == key {
            switch access.action {
            case .write(let value): return .some(value)
            case .readRegister(let value): return .some(value)
            case .readList, .readUnknown: continue
            }
        }
        return nil
    }

    /// What it found there, or else what it wrote first.
    fileprivate func firstVersion(of key: Int) -> FirstVersion? {
        for access in accesses where access.key == key {
            switch access.action {
            case .write(let value): return .written(value)
            case .readRegister(let value): return .read(value)
            case .readList, .readUnknown: continue
            }
        }
        return nil
    }

    fileprivate func firstWrite(of key: Int) -> Int? {
        accesses.first { $0.key == key && $0.written != nil }?.written
    }
}

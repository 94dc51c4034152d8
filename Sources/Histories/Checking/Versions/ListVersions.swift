/// The order of each list's versions. A read returns the whole list, so the longest one that was read tells how all the shorter ones came to
/// be; what no read has comes after it.
struct ListVersions {
    /// For each key the longest list that was read.
    private(set) var orders: [[Int]]
    /// For each key and value of it, its place in the order.
    private(set) var places: [[Int: Int]]
    /// For each key the values that are only in reads that contradict the order.
    private(set) var strays: [Int: Set<Int>] = [:]
    private let longestReader: [Int]

    init(_ transactions: [ObservedTransaction], keyCount: Int) {
        var orders = [[Int]](repeating: [], count: keyCount)
        var readers = [Int](repeating: -1, count: keyCount)
        Self.forEachRead(transactions) { place, key, list in
            guard list.count > orders[key].count else { return }
            orders[key] = list
            readers[key] = place
        }
        self.orders = orders
        longestReader = readers
        places = orders.map { order in
            Dictionary(order.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        }
        var strays: [Int: Set<Int>] = [:]
        Self.forEachRead(transactions) { _, key, list in
            guard !orders[key].starts(with: list) else { return }
            strays[key, default: []].formUnion(list)
        }
        for (key, values) in strays { self.strays[key] = values.filter { places[key][$0] == nil } }
    }

    /// Whether the read is one of the versions that the order tells of.
    func isVersion(_ list: [Int], of key: Int) -> Bool {
        strays[key] == nil || orders[key].starts(with: list)
    }

    /// Whether any read has the value.
    func isSeen(_ value: Int, of key: Int) -> Bool {
        places[key][value] != nil || strays[key]?.contains(value) == true
    }

    static func forEachRead(
        _ transactions: [ObservedTransaction], _ body: (_ place: Int, _ key: Int, _ list: [Int]) -> Void
    ) {
        for place in transactions.indices {
            for access in transactions[place].accesses {
                if case .readList(let list) = access.action { body(place, access.key, list) }
            }
        }
    }
}

extension ListVersions {
    /// Looks for lists that contradict each other, hold values twice, or values that nobody appended or that failed.
    func check(_ transactions: [ObservedTransaction], _ keys: KeyTable, _ anomalies: inout AnomalyCollector) {
        var failed: [Int: [Int]] = [:]
        for key in orders.indices where !orders[key].isEmpty {
            let reader = transactions[longestReader[key]]
            checkValues(orders[key], of: key, readBy: reader, keys, &anomalies)
            failed[key] = orders[key].filter { value in
                keys.writes[key][value].map { transactions[$0.transaction].outcome == .failed } ?? false
            }
        }
        checkDirtyUpdates(failed, transactions, keys, &anomalies)
        for transaction in transactions where transaction.outcome != .failed {
            checkOwnOrder(of: transaction, keys, &anomalies)
        }
        Self.forEachRead(transactions) { place, key, list in
            let reader = transactions[place]
            if !isVersion(list, of: key) {
                anomalies.add(
                    .incompatibleOrder, [reader, transactions[longestReader[key]]],
                    "\(reader.name) read \(keys.names[key]) = \(list.shortDescription), \(transactions[longestReader[key]].name) read it = "
                        + "\(orders[key].shortDescription): neither continues the other")
                checkValues(list, of: key, readBy: reader, keys, &anomalies)
            }
            checkAborted(list, of: key, failed[key] ?? [], place, transactions, keys, &anomalies)
            checkIntermediate(list, of: key, place, transactions, keys, &anomalies)
        }
    }

    private func checkValues(
        _ list: [Int], of key: Int, readBy reader: ObservedTransaction, _ keys: KeyTable,
        _ anomalies: inout AnomalyCollector
    ) {
        var seen: Set<Int> = []
        for value in list {
            if keys.writes[key][value] == nil {
                anomalies.add(
                    .garbageRead, [reader],
                    "\(reader.name) read \(keys.names[key]) = \(list.shortDescription), and nobody ever appended \(value) to it"
                )
            }
            if !seen.insert(value).inserted {
                anomalies.add(
                    .duplicateElements, [reader],
                    "\(reader.name) read \(keys.names[key]) = \(list.shortDescription), which has \(value) more than once"
                )
            }
        }
    }

    private func checkAborted(
        _ list: [Int], of key: Int, _ failed: [Int], _ place: Int, _ transactions: [ObservedTransaction],
        _ keys: KeyTable, _ anomalies: inout AnomalyCollector
    ) {
        let suspects: [Int]
        if isVersion(list, of: key) {
            suspects = failed.filter { (places[key][$0] ?? .max) < list.count }
        } else {
            suspects = list
        }
        for value in suspects {
            guard let write = keys.writes[key][value], write.transaction != place else { continue }
            let writer = transactions[write.transaction]
            guard writer.outcome == .failed else { continue }
            anomalies.add(
                .g1a, [writer, transactions[place]],
                "\(transactions[place].name) read \(keys.names[key]) = \(list.shortDescription), which has \(value), appended by \(writer.name), "
                    + "which failed")
        }
    }

    private func checkIntermediate(
        _ list: [Int], of key: Int, _ place: Int, _ transactions: [ObservedTransaction], _ keys: KeyTable,
        _ anomalies: inout AnomalyCollector
    ) {
        guard let value = list.last, let write = keys.writes[key][value], !write.isLast, write.transaction != place
        else { return }
        let writer = transactions[write.transaction]
        anomalies.add(
            .g1b, [writer, transactions[place]],
            "\(transactions[place].name) read \(keys.names[key]) = \(list.shortDescription), which ends within \(writer.name): "
                + "it appended more after \(value)")
    }

    /// What a transaction appended to a list stands there in the order in which it did so. (What is not seen comes after all that is.)
    private func checkOwnOrder(
        of transaction: ObservedTransaction, _ keys: KeyTable, _ anomalies: inout AnomalyCollector
    ) {
        for (number, later) in transaction.accesses.enumerated() {
            guard let value = later.written, let place = places[later.key][value] else { continue }
            let swapped = transaction.accesses[..<number].first { earlier in
                guard earlier.key == later.key, let before = earlier.written else { return false }
                return places[earlier.key][before] ?? .max > place
            }
            guard let before = swapped?.written else { continue }
            anomalies.add(
                .incompatibleOrder, [transaction],
                "\(transaction.name) appended \(before) to \(keys.names[later.key]), then \(value), which stands there "
                    + (places[later.key][before] == nil ? "without it" : "before it"))
        }
    }

    private func checkDirtyUpdates(
        _ failed: [Int: [Int]], _ transactions: [ObservedTransaction], _ keys: KeyTable,
        _ anomalies: inout AnomalyCollector
    ) {
        for (key, values) in failed.sorted(by: { $0.key < $1.key }) where !values.isEmpty {
            var last: (writer: ObservedTransaction, value: Int)?
            for value in orders[key] {
                guard let write = keys.writes[key][value] else { continue }
                let writer = transactions[write.transaction]
                switch writer.outcome {
                case .failed: last = (writer, value)
                case .inDoubt: break
                case .committed:
                    if let (failed, before) = last {
                        anomalies.add(
                            .dirtyUpdate, [failed, writer],
                            "\(writer.name) appended \(value) to \(keys.names[key]) after \(before), appended by \(failed.name), which failed"
                        )
                    }
                    last = nil
                }
            }
        }
    }
}

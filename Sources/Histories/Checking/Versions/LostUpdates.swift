/// Two committed transactions that read the same version of a key and both went on to write it: one of them did not see the other's write.
/// This needs no order of versions, so it is seen even if nobody read afterwards.
struct LostUpdates {
    private struct Version: Hashable {
        let key: Int
        let last: Int?
        let length: Int
    }

    static func check(_ transactions: [ObservedTransaction], _ keys: KeyTable, _ anomalies: inout AnomalyCollector) {
        var updaters: [Version: Int] = [:]
        for place in transactions.indices where transactions[place].outcome == .committed {
            let accesses = transactions[place].accesses
            var touched: Set<Int> = []
            for (number, access) in accesses.enumerated() where touched.insert(access.key).inserted {
                let version: Version
                switch access.action {
                case .readList(let list): version = Version(key: access.key, last: list.last, length: list.count)
                case .readRegister(let value): version = Version(key: access.key, last: value, length: 0)
                case .write, .readUnknown: continue
                }
                guard accesses[number...].contains(where: { $0.key == access.key && $0.written != nil }) else {
                    continue
                }
                guard let other = updaters.updateValue(place, forKey: version) else { continue }
                let (first, second) = (transactions[other], transactions[place])
                anomalies.add(
                    .lostUpdate, [first, second],
                    "\(first.name) and \(second.name) both read \(keys.names[access.key]) "
                        + "\(version.last.map { "with \($0) as its newest value" } ?? "before it was written"), and both wrote it"
                )
            }
        }
    }
}

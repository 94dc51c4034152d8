/// Whether a committed transaction's reads agree with what it itself read and wrote before (the axiom INT of Cerone, Bernardi and Gotsman, "A
/// Framework for Transactional Consistency Models with Atomic Visibility", CONCUR 2015), and whether it reads what it writes later.
struct InternalConsistency {
    let keys: KeyTable

    func check(_ transaction: ObservedTransaction, _ anomalies: inout AnomalyCollector) {
        guard transaction.outcome == .committed else { return }
        let accesses = transaction.accesses
        for place in accesses.indices {
            let problem: String?
            switch accesses[place].action {
            case .readList(let list): problem = check(list, at: place, in: accesses)
            case .readRegister(let value): problem = check(value, at: place, in: accesses)
            case .write, .readUnknown: problem = nil
            }
            guard let problem else { continue }
            anomalies.add(
                .internal, [transaction], "\(transaction.name) read \(keys.names[accesses[place].key]) = \(problem)")
        }
    }

    private func check(_ list: [Int], at place: Int, in accesses: [Access]) -> String? {
        let key = accesses[place].key
        /// What the transaction added since its last read, or since it began.
        var own: [Int] = []
        var base: [Int]?
        for access in accesses[..<place].reversed() where access.key == key {
            if case .readList(let earlier) = access.action {
                base = earlier
                break
            }
            if let value = access.written { own.insert(value, at: 0) }
        }
        if let base {
            guard list.count == base.count + own.count, list.starts(with: base), list.suffix(own.count) == own[...]
            else {
                return "\(list.shortDescription), though it had \((base + own).shortDescription)"
            }
        } else if list.count < own.count || list.suffix(own.count) != own[...] {
            return "\(list.shortDescription), though it had appended \(own.shortDescription)"
        }
        for access in accesses[place...] where access.key == key {
            if let value = access.written, list.contains(value) {
                return "\(list.shortDescription), and appended \(value) only after that"
            }
        }
        return nil
    }

    private func check(_ value: Int?, at place: Int, in accesses: [Access]) -> String? {
        let key = accesses[place].key
        let shown = value.map(String.init) ?? "nil"
        for access in accesses[place...] where access.key == key && access.written != nil && access.written == value {
            return "\(shown), and wrote that only afterwards"
        }
        for access in accesses[..<place].reversed() where access.key == key {
            switch access.action {
            case .write(let own) where own != value: return "\(shown), though it had written \(own)"
            case .readRegister(let earlier) where earlier != value:
                return "\(shown), though it had read \(earlier.map(String.init) ?? "nil")"
            case .readUnknown: continue
            default: return nil
            }
        }
        return nil
    }
}

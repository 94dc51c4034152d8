/// Whether a committed transaction's reads agree with what it itself read and wrote before (the axiom INT of Cerone, Bernardi and Gotsman, "A
/// Framework for Transactional Consistency Models with Atomic Visibility", CONCUR 2015), and whether it reads what it writes later.
struct InternalConsistency {
    let keys: KeyTable

    func check(_ transaction: ObservedTransaction, _ anomalies: inout AnomalyCollector) {
        guard transaction.outcome == .committed else { return }
        let accesses = transaction.accesses
        for place in accesses.indices {
            let shown: String
            let expected: String?
            switch accesses[place].action {
            case .readList(let list):
                shown = list.shortDescription
                expected = contradiction(of: list, at: place, in: accesses)
            case .readRegister(let value):
                shown = value.map(String.init) ?? "nil"
                expected = contradiction(of: value, at: place, in: accesses)
            case .write, .readUnknown: continue
            }
            let what = "\(transaction.name) read \(keys.names[accesses[place].key]) = \(shown)"
            if let expected { anomalies.add(.internal, [transaction], "\(what), though it had \(expected)") }
            if let value = future(at: place, in: accesses) {
                anomalies.add(.futureRead, [transaction], "\(what), and wrote \(value) only after that")
            }
        }
    }

    /// What is read although it is written only later.
    private func future(at place: Int, in accesses: [Access]) -> Int? {
        accesses[place...].lazy.filter { $0.key == accesses[place].key }.compactMap(\.written).first { value in
            switch accesses[place].action {
            case .readList(let list): list.contains(value)
            case .readRegister(let read): read == value
            case .write, .readUnknown: false
            }
        }
    }

    private func contradiction(of list: [Int], at place: Int, in accesses: [Access]) -> String? {
        let key = accesses[place].key
        /// What the transaction added since its last read, or since it began.
        var own: [Int] = []
        for access in accesses[..<place].reversed() where access.key == key {
            if case .readList(let earlier) = access.action {
                let expected = earlier + own.reversed()
                return list == expected ? nil : "read or made it \(expected.shortDescription)"
            }
            if let value = access.written { own.append(value) }
        }
        return list.suffix(own.count).elementsEqual(own.reversed())
            ? nil : "appended \(Array(own.reversed()).shortDescription)"
    }

    private func contradiction(of value: Int?, at place: Int, in accesses: [Access]) -> String? {
        let key = accesses[place].key
        for access in accesses[..<place].reversed() where access.key == key {
            switch access.action {
            case .write(let own): return own == value ? nil : "written \(own)"
            case .readRegister(let earlier): return earlier == value ? nil : "read \(earlier.map(String.init) ?? "nil")"
            case .readList, .readUnknown: continue
            }
        }
        return nil
    }
}

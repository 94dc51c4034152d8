/// Says of each edge of a cycle why it is there.
struct CycleExplanation {
    let transactions: [ObservedTransaction]
    let keys: KeyTable
    let lists: ListVersions
    let registers: RegisterVersions

    func witnesses(of cycle: Cycle) -> [String] {
        cycle.edges.map { transactions[Int($0.from)].summary }
    }

    func steps(of cycle: Cycle) -> [String] {
        cycle.edges.map { edge in
            let from = transactions[Int(edge.from)]
            let to = transactions[Int(edge.to)]
            return "\(from.name) < \(to.name) (\(edge.kind.label)): \(reason(for: edge, from, to))"
        }
    }

    private func reason(for edge: Dependency, _ from: ObservedTransaction, _ to: ObservedTransaction) -> String {
        switch edge.kind {
        case .process: return "process \(from.process) ran \(from.name), and then \(to.name)"
        case .realTime:
            return
                "\(from.name) had ended (operation \(from.ended ?? 0)) before \(to.name) began (operation \(to.number))"
        default: break
        }
        let key = Int(edge.key)
        let isList = keys.kinds[key] == .list
        switch edge.kind {
        case .wr where isList:
            return "\(to.name) read \(keys.names[key]) up to \(edge.value), which \(from.name) appended"
        case .wr: return "\(to.name) read \(keys.names[key]) = \(edge.value), which \(from.name) wrote"
        case .ww where isList: return overwritten(edge, from, to)
        case .rw where isList: return missed(edge, from, to)
        case .ww, .timedWW:
            return replaced(edge, from, to, by: from.accesses.compactMap { $0.key == key ? $0.written : nil })
        default: return replaced(edge, from, to, by: nil)
        }
    }

    private func overwritten(_ edge: Dependency, _ from: ObservedTransaction, _ to: ObservedTransaction) -> String {
        let key = Int(edge.key)
        let name = keys.names[key]
        guard let place = lists.places[key][edge.value] else {
            return
                "\(to.name) appended \(edge.value) to \(name), which is in no read, so it comes after all that is, such as "
                + "what \(from.name) appended, \(lists.orders[key].last ?? 0)"
        }
        let before = lists.orders[key][..<place].last { value in
            keys.writes[key][value].map { transactions[$0.transaction].number == from.number } ?? false
        }
        return "\(to.name) appended \(edge.value) to \(name) after \(from.name) appended \(before ?? 0)"
    }

    private func missed(_ edge: Dependency, _ from: ObservedTransaction, _ to: ObservedTransaction) -> String {
        let key = Int(edge.key)
        let place = lists.places[key][edge.value] ?? .max
        let read = from.accesses.lazy.compactMap { access -> [Int]? in
            guard access.key == key, case .readList(let list) = access.action, list.count <= place else { return nil }
            return list
        }.last
        let unseen = place == .max ? ", which is in no read" : ""
        return
            "\(from.name) read \(keys.names[key]) = \((read ?? []).shortDescription), \(to.name) appended \(edge.value) after it\(unseen)"
    }

    /// - Parameter written: the values that the first transaction wrote, if it is they that were replaced, not those that it read.
    private func replaced(
        _ edge: Dependency, _ from: ObservedTransaction, _ to: ObservedTransaction, by written: [Int]?
    ) -> String {
        let key = Int(edge.key)
        let name = keys.names[key]
        let read = from.accesses.compactMap { access -> Int?? in
            guard access.key == key, case .readRegister(let value) = access.action else { return nil }
            return .some(value)
        }
        for version in written.map({ $0.map(Optional.some) }) ?? read {
            let following = registers.orders[key]?.following[version, default: []] ?? []
            guard let reason = following.first(where: { $0.value == edge.value })?.reason else { continue }
            let shown = version.map(String.init) ?? "nil"
            let verb = written == nil ? "read" : "wrote"
            let why =
                switch reason {
                case .first: "the first state of all"
                case .update: "\(to.name) found \(shown) or a later value there"
                case .realTimeWrite: "\(shown) had been written or read before \(to.name) began"
                case .realTimeRead: "\(edge.value) was still read after a transaction with \(shown) had ended"
                }
            return "\(from.name) \(verb) \(name) = \(shown), \(to.name) wrote \(edge.value) after it (\(why))"
        }
        return "\(to.name) wrote \(name) = \(edge.value) after what \(from.name) had"
    }
}

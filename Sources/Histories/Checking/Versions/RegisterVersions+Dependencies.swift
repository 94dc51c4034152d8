extension RegisterVersions {
    /// Adds the dependencies between transactions that read and wrote registers.
    func addDependencies(
        _ transactions: [ObservedTransaction], _ keys: KeyTable, _ nodes: [Bool], to edges: inout [Dependency]
    ) {
        addWrites(keys, &edges)
        Self.forEachRead(transactions) { reader, key, value in
            if let value {
                guard let writer = keys.writes[key][value]?.transaction, nodes[writer] else { return }
                if writer == reader { return }
                edges.append(Dependency(from: writer, to: reader, .wr, key: key, value: value))
            }
            guard let order = orders[key] else { return }
            for (next, reason) in order.following[value, default: []] {
                guard let writer = keys.writes[key][next]?.transaction, writer != reader, nodes[writer] else {
                    continue
                }
                guard let kind = kind(of: reason, key, write: false) else { continue }
                edges.append(Dependency(from: reader, to: writer, kind, key: key, value: next))
            }
        }
    }

    private func addWrites(_ keys: KeyTable, _ edges: inout [Dependency]) {
        for (key, order) in orders.sorted(by: { $0.key < $1.key }) {
            for (value, following) in order.following.sorted(by: { ($0.key ?? .min) < ($1.key ?? .min) }) {
                guard let value, let writer = keys.writes[key][value]?.transaction else { continue }
                for (next, reason) in following {
                    guard let nextWriter = keys.writes[key][next]?.transaction, nextWriter != writer,
                        let kind = kind(of: reason, key, write: true)
                    else { continue }
                    edges.append(Dependency(from: writer, to: nextWriter, kind, key: key, value: next))
                }
            }
        }
    }

    /// What an order of versions makes of two transactions; nil for what is left out.
    private func kind(of reason: Order.Reason, _ key: Int, write: Bool) -> DependencyKinds? {
        switch reason {
        case .first: write ? nil : .rw
        case .update: cyclic.contains(key) ? nil : write ? .ww : .rw
        case .realTimeWrite, .realTimeRead: write ? .timedWW : .timedRW
        }
    }

    static func forEachRead(
        _ transactions: [ObservedTransaction], _ body: (_ place: Int, _ key: Int, _ value: Int?) -> Void
    ) {
        for place in transactions.indices {
            for access in transactions[place].accesses {
                if case .readRegister(let value) = access.action { body(place, access.key, value) }
            }
        }
    }
}

extension RegisterVersions {
    /// Looks for reads of what nobody wrote, of what failed, and of what its writer replaced.
    static func checkReads(_ transactions: [ObservedTransaction], _ keys: KeyTable, _ anomalies: inout AnomalyCollector)
    {
        forEachRead(transactions) { place, key, value in
            guard let value else { return }
            let reader = transactions[place]
            guard let write = keys.writes[key][value] else {
                anomalies.add(
                    .garbageRead, [reader], "\(reader.name) read \(keys.names[key]) = \(value), which nobody ever wrote"
                )
                return
            }
            guard write.transaction != place else { return }
            let writer = transactions[write.transaction]
            if writer.outcome == .failed {
                anomalies.add(
                    .g1a, [writer, reader],
                    "\(reader.name) read \(keys.names[key]) = \(value), written by \(writer.name), which failed")
            } else if !write.isLast {
                anomalies.add(
                    .g1b, [writer, reader],
                    "\(reader.name) read \(keys.names[key]) = \(value), which \(writer.name) replaced later within itself"
                )
            }
        }
    }
}

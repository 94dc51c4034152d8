extension ListVersions {
    /// Adds the dependencies between transactions that read and wrote lists.
    ///
    /// All of a transaction's reads count, not just its first one of a key: each is of one version.
    func addDependencies(
        _ transactions: [ObservedTransaction], _ keys: KeyTable, _ nodes: [Bool], to edges: inout [Dependency]
    ) {
        let chains = orders.indices.map { chain(of: $0, keys, nodes, &edges) }
        Self.forEachRead(transactions) { reader, key, list in
            if let value = list.last, let write = keys.writes[key][value], write.transaction != reader,
                nodes[write.transaction]
            {
                edges.append(Dependency(from: write.transaction, to: reader, .wr, key: key, value: value))
            }
            guard isVersion(list, of: key) else { return }
            let place = Int(chains[key].next[list.count])
            if place < orders[key].count {
                let value = orders[key][place]
                guard let writer = keys.writes[key][value]?.transaction, writer != reader else { return }
                edges.append(Dependency(from: reader, to: writer, .rw, key: key, value: value))
            } else {
                for (value, writer) in chains[key].unseen where writer != reader {
                    edges.append(Dependency(from: reader, to: writer, .rw, key: key, value: value))
                }
            }
        }
    }

    private struct Chain {
        /// For each place in the order, the first one from there on that was written by a transaction that took effect.
        var next: [Int32]
        /// What was appended and is in no read: it comes after all that is.
        var unseen: [(value: Int, writer: Int)]
    }

    private func chain(of key: Int, _ keys: KeyTable, _ nodes: [Bool], _ edges: inout [Dependency]) -> Chain {
        let order = orders[key]
        var next = [Int32](repeating: Int32(order.count), count: order.count + 1)
        var previous: Int?
        for place in order.indices {
            guard let writer = keys.writes[key][order[place]]?.transaction, nodes[writer] else { continue }
            next[place] = Int32(place)
            if let previous, previous != writer {
                edges.append(Dependency(from: previous, to: writer, .ww, key: key, value: order[place]))
            }
            previous = writer
        }
        for place in order.indices.reversed() { next[place] = min(next[place], next[place + 1]) }
        let unseen = keys.writes[key]
            .filter { nodes[$0.value.transaction] && !isSeen($0.key, of: key) }
            .map { (value: $0.key, writer: $0.value.transaction) }
            .sorted { ($0.writer, $0.value) < ($1.writer, $1.value) }
        if let previous {
            for (value, writer) in unseen where writer != previous {
                edges.append(Dependency(from: previous, to: writer, .ww, key: key, value: value))
            }
        }
        return Chain(next: next, unseen: unseen)
    }
}

extension ListVersions {
    /// Looks for appends that had been acknowledged before the last read of their list began, and are not in it.
    func checkLostWrites(_ transactions: [ObservedTransaction], _ keys: KeyTable, _ anomalies: inout AnomalyCollector) {
        var finals = [(reader: Int, list: [Int])?](repeating: nil, count: orders.count)
        Self.forEachRead(transactions) { reader, key, list in finals[key] = (reader, list) }
        for key in finals.indices {
            guard let (place, list) = finals[key] else { continue }
            let reader = transactions[place]
            let values = Set(list)
            for (value, write) in keys.writes[key].sorted(by: { $0.key < $1.key }) where !values.contains(value) {
                let writer = transactions[write.transaction]
                guard writer.outcome == .committed, let ended = writer.ended, ended < reader.number else { continue }
                anomalies.add(
                    .lostWrite, [writer, reader],
                    "\(writer.name) appended \(value) to \(keys.names[key]) and was acknowledged (operation \(ended)); "
                        + "the last read of it, by \(reader.name), has \(list.shortDescription)")
            }
        }
    }
}

/// Looks in a history for anomalies.
///
/// The method is Elle's (Kingsbury and Alvaro, VLDB 2020). Histories are recorded so that they give away what a store did: each value is written
/// once to its key, so that what is read has one writer (recoverability); and a list holds all that came before, so that the order
/// of its versions is seen and not guessed (traceability). From this follow dependencies between transactions by Adya's definitions, and a
/// cycle of dependencies is something that no serial order explains. What is reported is so: there are no false alarms, and each has its
/// evidence beside it. What is not reported is not proved: a history shows what happened, not what could.
///
/// With lists, and where each value was read by somebody, a history that raises nothing is serializable; registers show less
/// (`RegisterVersions`).
///
/// Transactions in doubt count if somebody saw what they wrote. They may take effect at any time after they began.
package struct HistoryChecker: Sendable {
    /// What bounds the effort. Verdicts don't depend on it, only how many examples there are.
    package struct Limits: Sendable {
        /// Examples kept of each anomaly.
        package var examples = 8
        /// Cycles collected of each kind, of which the shortest are kept.
        package var cyclesPerSearch = 256
        /// Edges looked at for each kind.
        package var edgesPerSearch = 20_000_000

        package init() {}
    }

    package var limits: Limits

    package init(limits: Limits = Limits()) {
        self.limits = limits
    }

    package func check(_ history: History) -> HistoryVerdict {
        let reader = TransactionReader(history)
        let (transactions, keys) = (reader.transactions, reader.keys)
        var counts = HistoryVerdict.Counts()
        for transaction in transactions {
            switch transaction.outcome {
            case .committed: counts.committed += 1
            case .failed: counts.failed += 1
            case .inDoubt: counts.inDoubt += 1
            }
        }
        counts.keys = keys.count
        var anomalies = AnomalyCollector(examples: limits.examples)
        guard reader.problems.isEmpty else {
            return HistoryVerdict(
                counts: counts, problems: reader.problems, found: [:], anomalies: [], searchWasCut: false)
        }

        let lists = ListVersions(transactions, keyCount: keys.count)
        let nodes = tookEffect(transactions, keys, lists)
        for place in transactions.indices where nodes[place] && transactions[place].outcome == .inDoubt {
            counts.inDoubtAndSeen += 1
        }

        let internals = InternalConsistency(keys: keys)
        for transaction in transactions { internals.check(transaction, &anomalies) }
        lists.check(transactions, keys, &anomalies)
        lists.checkLostWrites(transactions, keys, &anomalies)
        LostUpdates.check(transactions, keys, &anomalies)
        RegisterVersions.checkReads(transactions, keys, &anomalies)
        let registers = RegisterVersions(transactions, keys, nodes, &anomalies)

        var edges: [Dependency] = []
        lists.addDependencies(transactions, keys, nodes, to: &edges)
        registers.addDependencies(transactions, keys, nodes, to: &edges)
        counts.dependencies = edges.count
        OrderOfTransactions.addProcesses(transactions, nodes, to: &edges)
        OrderOfTransactions.addRealTime(transactions, nodes, to: &edges)
        let search = CycleSearch(DependencyGraph(nodeCount: transactions.count, edges), limits)
        report(
            search.cycles, CycleExplanation(transactions: transactions, keys: keys, lists: lists, registers: registers),
            &anomalies)
        return HistoryVerdict(
            counts: counts, problems: [], found: anomalies.found,
            anomalies: anomalies.anomalies.sorted {
                ($0.name, $0.transactions.count) < ($1.name, $1.transactions.count)
            },
            searchWasCut: search.wasCut)
    }

    /// Which transactions count: those that committed, and those in doubt of which something was read.
    private func tookEffect(_ transactions: [ObservedTransaction], _ keys: KeyTable, _ lists: ListVersions) -> [Bool] {
        var nodes = transactions.map { $0.outcome == .committed }
        for place in transactions.indices where transactions[place].outcome == .inDoubt {
            nodes[place] = transactions[place].accesses.contains { access in
                access.written.map { lists.isSeen($0, of: access.key) } ?? false
            }
        }
        RegisterVersions.forEachRead(transactions) { _, key, value in
            guard let value, let writer = keys.writes[key][value]?.transaction else { return }
            if transactions[writer].outcome == .inDoubt { nodes[writer] = true }
        }
        return nodes
    }

    private func report(
        _ cycles: [AnomalyName: [[Int32]: Cycle]], _ explanation: CycleExplanation, _ anomalies: inout AnomalyCollector
    ) {
        for (name, cycles) in cycles.sorted(by: { $0.key < $1.key }) {
            let sorted = cycles.sorted { ($0.value.edges.count, $0.key[0]) < ($1.value.edges.count, $1.key[0]) }
            for (_, cycle) in sorted {
                anomalies.add(name) {
                    (
                        cycle.edges.map { explanation.transactions[Int($0.from)].number },
                        explanation.witnesses(of: cycle), explanation.steps(of: cycle)
                    )
                }
            }
        }
    }
}

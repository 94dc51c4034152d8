/// Counts what is found and keeps a few examples of each.
struct AnomalyCollector {
    let examples: Int
    private(set) var found: [AnomalyName: Int] = [:]
    private(set) var anomalies: [Anomaly] = []

    init(examples: Int) {
        self.examples = examples
    }

    mutating func add(_ name: AnomalyName, _ make: () -> (transactions: [Int], witnesses: [String], steps: [String])) {
        found[name, default: 0] += 1
        guard found[name, default: 0] <= examples else { return }
        let (transactions, witnesses, steps) = make()
        anomalies.append(Anomaly(name: name, transactions: transactions, steps: steps, witnesses: witnesses))
    }

    mutating func add(
        _ phenomenon: AnomalyName.Phenomenon, _ involved: [ObservedTransaction], _ step: @autoclosure () -> String
    ) {
        add(AnomalyName(phenomenon)) { (involved.map(\.number), involved.map(\.summary), [step()]) }
    }
}

import Measurement

@testable import Histories

/// Tiny histories drawn by lot, some of which can be explained and some not.
enum DrawnHistory {
    /// A history in which reads see some part of an order that was drawn by lot for each list.
    static func lists(_ random: inout SplitMix64, transactions: Int) -> History {
        let keys = ["sqlite/0", "kuzu/1"]
        var values = [0, 0]
        var all: [[Int]] = [[], []]
        var outlines: [[(key: Int, value: Int?)]] = []
        var outcomes: [Int] = []
        for _ in 0..<transactions {
            var outline: [(key: Int, value: Int?)] = []
            let outcome = Int.random(in: 0..<12, using: &random)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let key = Int.random(in: 0...1, using: &random)
                guard Bool.random(using: &random) else {
                    outline.append((key, nil))
                    continue
                }
                values[key] += 1
                outline.append((key, values[key]))
                // What failed is mostly not there; what is in doubt may be.
                if outcome > 1 || Int.random(in: 0..<(outcome == 0 ? 8 : 2), using: &random) == 0 {
                    all[key].append(values[key])
                }
            }
            outlines.append(outline)
            outcomes.append(outcome)
        }
        // Mostly in the order in which they were drawn, so that a good part of the histories is serializable.
        for key in 0...1 where Int.random(in: 0...2, using: &random) == 0 { all[key].shuffle(using: &random) }
        let steps = outlines.map { outline in
            var own: [[Int]] = [[], []]
            var seen: [Int: [Int]] = [:]
            return outline.map { key, value -> MicroOperation in
                if let value {
                    own[key].append(value)
                    return .append(key: keys[key], value: value)
                }
                let strange = Int.random(in: 0..<20, using: &random) == 0
                let others =
                    seen[key] ?? all[key].filter { value in !outline.contains { $0.key == key && $0.value == value } }
                let prefix = seen[key] ?? Array(others.prefix(Int.random(in: 0...others.count, using: &random)))
                seen[key] = prefix
                if strange {
                    return .read(key: keys[key], .list(Array(all[key].prefix(Int.random(in: 0...3, using: &random)))))
                }
                return .read(key: keys[key], .list(prefix + own[key]))
            }
        }
        return record(steps, outcomes, &random)
    }

    /// The same with registers: each read sees some value that was written, or none.
    static func registers(_ random: inout SplitMix64, transactions: Int) -> History {
        let keys = ["sqlite/0", "kuzu/1"]
        var values: [[Int?]] = [[nil], [nil]]
        var outcomes: [Int] = []
        var steps: [[MicroOperation]] = []
        for _ in 0..<transactions {
            let outcome = Int.random(in: 0..<12, using: &random)
            var seen: [Int: Int?] = [:]
            var own: [MicroOperation] = []
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let key = Int.random(in: 0...1, using: &random)
                if Bool.random(using: &random) {
                    let value = 10 * steps.count + own.count + 1
                    if outcome > 0 { values[key].append(value) }
                    seen[key] = value
                    own.append(.write(key: keys[key], value: value))
                } else {
                    // What was written lately is read most often.
                    let recent = values[key].suffix(2 + Int.random(in: 0...1, using: &random))
                    let value = seen[key] ?? recent.randomElement(using: &random) ?? nil
                    seen[key] = value
                    own.append(.read(key: keys[key], value.map { .register($0) } ?? .nothing))
                }
            }
            steps.append(own)
            outcomes.append(outcome)
        }
        return record(steps, outcomes, &random)
    }

    private static func record(_ steps: [[MicroOperation]], _ outcomes: [Int], _ random: inout SplitMix64) -> History {
        var log = HistoryLog()
        var history = History()
        var waiting = Array(steps.indices)
        if Bool.random(using: &random) { waiting.shuffle(using: &random) }
        var running: [Int] = []
        while !waiting.isEmpty || !running.isEmpty {
            let begins = running.isEmpty || (!waiting.isEmpty && running.count < 3 && Bool.random(using: &random))
            if begins {
                let number = waiting.removeFirst()
                running.append(number)
                if let operation = try? log.invoke(steps[number], process: number, time: 0) {
                    history.operations.append(operation)
                }
            } else {
                let number = running.remove(at: Int.random(in: 0..<running.count, using: &random))
                let outcome: TransactionOutcome =
                    outcomes[number] == 0 ? .fail : outcomes[number] == 1 ? .info : .ok(steps[number])
                if let operation = try? log.complete(outcome, process: number, time: 0) {
                    history.operations.append(operation)
                }
            }
        }
        return history
    }
}

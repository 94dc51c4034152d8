import Measurement

/// How many operations failed in a slot of time, by class.
struct FailureSlot: SeriesSlot, Hashable {
    /// By the classes' places; those at the end may be missing.
    var counts: [Int] = []

    mutating func add(_ later: FailureSlot) {
        if counts.count < later.counts.count {
            counts += [Int](repeating: 0, count: later.counts.count - counts.count)
        }
        for (index, count) in later.counts.enumerated() { counts[index] += count }
    }
}

/// Failures over time by what they say, from counts that only grow; in fixed memory however long it lasts and whatever they say.
struct FailureSeries: Sendable {
    /// Classes that are told apart; all that come later are one more.
    private static let most = 6
    private static let longest = 60

    private var names: [String] = []
    private var series = SlotSeries<FailureSlot>(width: .milliseconds(250), capacity: 256)
    private var last: [String: Int] = [:]

    /// What has been counted until a moment, by descriptions.
    mutating func advance(_ counts: [String: Int], at time: Duration) {
        var slot = FailureSlot()
        // In an order of their own, so that the same counts always make the same classes.
        for (description, count) in counts.sorted(by: { $0.key < $1.key }) {
            let new = count - last[description, default: 0]
            guard new > 0 else { continue }
            let place = place(of: Self.name(of: description))
            if slot.counts.count <= place {
                slot.counts += [Int](repeating: 0, count: place + 1 - slot.counts.count)
            }
            slot.counts[place] += new
        }
        last = counts
        series.update(at: time) { $0.add(slot) }
    }

    private mutating func place(of name: String) -> Int {
        if let known = names.firstIndex(of: name) { return known }
        guard names.count < Self.most else { return Self.most }
        names.append(name)
        return names.count - 1
    }

    /// The first words: who failed, and with what. Numbers differ from one failure to the next.
    static func name(of description: String) -> String {
        let parts = description.split(separator: ": ", maxSplits: 3, omittingEmptySubsequences: false).prefix(3)
        var name = ""
        for character in parts.joined(separator: ": ").prefix(longest + 1) {
            if !character.isNumber {
                name.append(character.isNewline ? " " : character)
            } else if name.last != "#" {
                name.append("#")
            }
        }
        return name.count > longest ? name.prefix(longest - 1) + "…" : name
    }

    /// Most frequent first; nil when nothing failed.
    var result: RunResult.FailureTimeline? {
        let (width, slots) = series.coarse(atMost: 128)
        let all = (names + ["others"]).enumerated().map { index, name in
            RunResult.FailureTimeline.Class(
                name: name, counts: slots.map { $0.counts.indices.contains(index) ? $0.counts[index] : 0 })
        }
        let classes = all.filter { $0.total > 0 }.sorted { ($1.total, $0.name) < ($0.total, $1.name) }
        return classes.isEmpty ? nil : RunResult.FailureTimeline(seconds: width / .seconds(1), classes: classes)
    }
}

extension RunResult {
    /// Failures over time, by what they say.
    package struct FailureTimeline: Sendable, Codable, Hashable {
        package struct Class: Sendable, Codable, Hashable {
            package var name: String
            /// In each slot.
            package var counts: [Int]

            package init(name: String, counts: [Int]) {
                self.name = name
                self.counts = counts
            }

            package var total: Int { counts.reduce(0, +) }
        }

        /// Of a slot.
        package var seconds: Double
        package var classes: [Class]

        package init(seconds: Double, classes: [Class]) {
            self.seconds = seconds
            self.classes = classes
        }
    }
}

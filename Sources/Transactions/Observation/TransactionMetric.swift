public import Stores

/// The metrics of transactions and recovery (M1, M6).
public enum TransactionMetric {
    /// How long transactions take.
    public static let duration = StoreMetric(
        "trivet.transaction.duration", .timer, "s", ["trivet.outcome"],
        "from the call to the answer, attempts and pauses included: `committed`, `repeated`, `failed`, `cancelled`")
    /// Where the time goes.
    public static let phase = StoreMetric(
        "trivet.transaction.phase.duration", .timer, "s", ["trivet.phase"],
        "a committed transaction's phases: `admission`, `body`, `group`, `decision`, `graph`, `redis`, `acknowledge`; and `locks`, which is in the others"
    )
    /// Attempts after the first.
    public static let retries = StoreMetric(
        "trivet.transaction.retries", .counter, "{attempt}", [],
        "attempts after the first, of transactions that were committed")
    /// How many share a commit.
    public static let groupSize = StoreMetric(
        "trivet.transaction.group.size", .recorder, "{transaction}", [],
        "how many transactions shared the commit, itself included, of each that was committed")
    /// How long snapshots take.
    public static let snapshotDuration = StoreMetric(
        "trivet.snapshot.duration", .timer, "s", ["trivet.outcome"],
        "from the call to the end of a snapshot, the wait for its readers included: `read`, `tooOld`, `failed`, `cancelled`"
    )
    /// How old snapshots become.
    public static let snapshotAge = StoreMetric(
        "trivet.snapshot.age", .timer, "s", [], "how old a snapshot was at its end, from the moment that it shows")
    /// How long recovery takes.
    public static let recovery = StoreMetric(
        "trivet.recovery.duration", .timer, "s", [], "opening the stores' coordinator, recovery included")
    /// What recovery did again.
    public static let replayed = StoreMetric(
        "trivet.recovery.replayed", .counter, "{transaction}", ["trivet.store"],
        "transactions that were done again at an opening, in the graph or in Redis")

    /// Every metric.
    public static let all: [StoreMetric] = [
        duration, phase, retries, groupSize, snapshotDuration, snapshotAge, recovery, replayed,
    ]

    /// What every metric means, by its name.
    public static let help: [String: String] = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0.meaning) })
}

@testable import Transactions

/// What can go wrong between transactions: Adya's phenomena (Adya, Liskov, O'Neil, ICDE 2000), with the observed
/// transaction that vanishes (Bailis and others, VLDB 2014) and the read-only anomaly (Fekete, O'Neil, O'Neil, SIGMOD
/// Record 2004).
enum Anomaly: String, CaseIterable, Sendable {
    case dirtyWrite = "G0: the writes of two transactions are mixed"
    case abortedRead = "G1a: a value is read whose transaction rolled back"
    case intermediateRead = "G1b: a value is read that its transaction replaced itself"
    case circularFlow = "G1c: two transactions read each other's writes"
    case vanishing = "OTV: a transaction's writes are seen, and then earlier values"
    case phantom = "PMP: two reads by condition find different rows"
    case phantomWrite = "PMP: a write by condition hits rows that no order of the transactions gives"
    case lostUpdate = "P4: of two changes that began with the same value, one is lost"
    case readSkew = "G-single: another transaction's writes are seen in part"
    case predicateReadSkew = "G-single: the same with reads by condition"
    case readSkewWrite = "G-single: a write that was decided on what another transaction has changed"
    case writeSkew = "G2-item: two transactions read two values, and each writes another one of them"
    case predicateWriteSkew = "G2: the same with conditions"
    case readOnly = "Read-only: a third transaction only reads, and sees what no order gives"
}

extension IsolationLevel {
    /// What never happens at a level. The rest does, and the tests show it.
    var prevents: Set<Anomaly> {
        switch self {
        case .readCommitted: [.dirtyWrite, .abortedRead, .intermediateRead, .circularFlow, .vanishing]
        case .snapshot: Set(Anomaly.allCases).subtracting([.writeSkew, .predicateWriteSkew, .readOnly])
        case .serializable: Set(Anomaly.allCases)
        }
    }
}
